import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeTransaction } from '../../../../src/bitcoin/transaction.ts';
import { fromHex, toHex } from '../../../../src/core/bytes.ts';
import { ORDER, toBigInt } from '../../../../src/crypto/scalar.ts';
import {
  acceptChannel,
  awaitOpenChannel,
  receiveFundingCreated,
  receiveOpenChannel,
  signFunding,
} from '../../../../src/channel/state/open/accepter.ts';
import { channelType } from '../../../../src/channel/state/open/channel-type.ts';
import {
  createFunding,
  openChannel,
  receiveAcceptChannel,
  receiveFundingSigned,
} from '../../../../src/channel/state/open/opener.ts';
import { owed } from '../../../../src/channel/state/open/owed.ts';
import { channelIdOf } from '../../../../src/channel/state/open/terms.ts';
import { fundingScript } from '../../../../src/channel/transactions/scripts.ts';
import { create, declare, fundingTransactionFor, into, sent } from './conversation.ts';
import { acceptOf, negotiation, openWith, secretsOf, TEMPORARY_ID } from './fixtures.ts';

/** The same signature with its other S, which is as good but for the rule. */
function withHighS(signature: Uint8Array): Uint8Array {
  const s = (ORDER - toBigInt(signature.subarray(32))).toString(16);
  return Uint8Array.of(...signature.subarray(0, 32), ...fromHex(s.padStart(64, '0')));
}

const MISUSE: unknown = expect.objectContaining({ code: 'channel.wrong-message', blame: 'harness' });

describe('what we send is right', () => {
  const options = { negotiation, secrets: secretsOf.opener, temporary_channel_id: TEMPORARY_ID };

  it('open_channel', () => {
    const channel_type = channelType('option_anchors', { option_scid_alias: true });
    const wrong = { ...options, funding_satoshis: 1_000_000n, choices: { channel_type } };
    expect(() => openChannel(wrong)).toThrow(MISUSE);
    expect(() => openChannel({ ...wrong, choices: { channel_type, announce: false } })).not.toThrow();
  });

  it('accept_channel', () => {
    const idle = awaitOpenChannel({ negotiation, secrets: secretsOf.accepter });
    const heard = into(receiveOpenChannel(idle, openWith()), 'has_open_channel');
    expect(owed(heard)).toEqual(['accept_channel']);
    expect(() => acceptChannel(heard, { channel_reserve_satoshis: 353n })).toThrow(MISUSE);
    expect(() => acceptChannel(heard, { channel_reserve_satoshis: 354n })).not.toThrow();
  });

  it('funding_created: only for a transaction with the funding output', () => {
    const { opener } = declare({});
    const { fundingOutput } = opener;
    expect(owed(opener)).toEqual(['funding_created']);
    for (const output of [
      { ...fundingOutput, amountSat: fundingOutput.amountSat - 1n },
      { ...fundingOutput, script: Uint8Array.of(0x51) },
    ]) {
      const tx = makeTransaction({ version: 2, inputs: [], outputs: [output], lockTime: 0 });
      expect(() => createFunding(opener, tx)).toThrow(
        expect.objectContaining({ code: 'channel.no-funding-output', blame: 'harness' }),
      );
    }
    expect(() => createFunding(opener, fundingTransactionFor(opener))).not.toThrow();
  });
});

describe('what breaks a rule changes nothing', () => {
  it('open_channel', () => {
    const idle = awaitOpenChannel({ negotiation, secrets: secretsOf.accepter });
    const { state, faults } = receiveOpenChannel(idle, { ...openWith(), max_accepted_htlcs: 484 });
    expect(state).toBe(idle);
    expect(faults).toMatchObject([{ requirement: 'bolt02-open-channel-38', got: 484 }]);
  });

  it('accept_channel', () => {
    const opening = openChannel({
      negotiation,
      secrets: secretsOf.opener,
      temporary_channel_id: TEMPORARY_ID,
      funding_satoshis: 1_000_000n,
    });
    const accept = acceptOf(sent(opening, 'open_channel'));
    const { state, faults } = receiveAcceptChannel(opening.state, { ...accept, dust_limit_satoshis: 353n });
    expect(state).toBe(opening.state);
    expect(faults).toMatchObject([{ requirement: 'bolt02-open-channel-42', got: 353n }]);
  });

  it('funding_created', () => {
    const { opening, accepter } = create({});
    const good = sent(opening, 'funding_created');
    for (const [edit, requirement] of [
      [{ temporary_channel_id: new Uint8Array(32) }, 'bolt02-funding-created-01'],
      [{ signature: withHighS(good.signature) }, 'bolt02-funding-created-05'],
      [{ signature: new Uint8Array(64) }, 'bolt02-funding-created-05'],
      // A signature is for one outpoint.
      [{ funding_output_index: 0 }, 'bolt02-funding-created-05'],
      [{ funding_txid: new Uint8Array(32) }, 'bolt02-funding-created-05'],
    ] as const) {
      const { state, faults } = receiveFundingCreated(accepter, { ...good, ...edit });
      expect(state).toBe(accepter);
      expect(faults).toMatchObject([{ requirement }]);
    }
    expect(owed(into(receiveFundingCreated(accepter, good), 'has_funding_created'))).toEqual([
      'funding_signed',
    ]);
  });

  it('funding_signed', () => {
    const { opening, accepter } = create({});
    const created = receiveFundingCreated(accepter, sent(opening, 'funding_created'));
    const good = sent(signFunding(into(created, 'has_funding_created')), 'funding_signed');
    for (const [edit, requirement] of [
      [{ channel_id: TEMPORARY_ID }, 'bolt02-funding-signed-02'],
      [{ signature: withHighS(good.signature) }, 'bolt02-funding-signed-03'],
      // The opener's own, of the other commitment.
      [{ signature: sent(opening, 'funding_created').signature }, 'bolt02-funding-signed-03'],
    ] as const) {
      const { state, faults } = receiveFundingSigned(opening.state, { ...good, ...edit });
      expect(state).toBe(opening.state);
      expect(faults).toMatchObject([{ requirement }]);
    }
    expect(receiveFundingSigned(opening.state, good).faults).toEqual([]);
  });
});

describe('what is derived', () => {
  it('the funding output pays to both funding keys', () => {
    const { opener, accepter } = declare({});
    const script = fundingScript([opener.open.funding_pubkey, opener.accept.funding_pubkey]);
    expect(opener.fundingOutput).toEqual({ amountSat: 1_000_000n, script });
    expect(accepter.fundingOutput).toEqual(opener.fundingOutput);
  });

  it('the channel id is the txid of the messages with the index in its last two bytes', () => {
    const txid = '01' + '00'.repeat(29) + 'f00f';
    expect(toHex(channelIdOf({ txid, output_index: 0x0201 }))).toBe('0ff0' + '00'.repeat(28) + '0200');
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.nat(0xffff), (bytes, output_index) => {
        const id = channelIdOf({ txid: toHex(bytes), output_index });
        const wanted = toBigInt(Uint8Array.from(bytes).reverse()) ^ BigInt(output_index);
        expect(toBigInt(id)).toBe(wanted);
      }),
    );
  });
});
