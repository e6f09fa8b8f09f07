import { describe, expect, it } from 'vitest';
import { sha256 } from '../../../../src/bitcoin/hash.ts';
import { verifySpends } from '../../../../src/bitcoin/verify.ts';
import { concat, toHex } from '../../../../src/core/bytes.ts';
import { commitmentOf } from '../../../../src/channel/state/commitments.ts';
import {
  receiveChannelReady,
  seeFunding,
  sendChannelReady,
} from '../../../../src/channel/state/open/ready.ts';
import {
  acceptChannel2,
  receiveAcceptChannel2,
  receiveOpenChannel2,
} from '../../../../src/channel/state/open-v2/declare.ts';
import {
  broadcastFunding2,
  receiveFirstCommitmentSigned,
  receiveFundingSignatures,
  settleOn,
  signCommitments,
} from '../../../../src/channel/state/open-v2/fund.ts';
import { owed } from '../../../../src/channel/state/open-v2/owed.ts';
import type { Accept2Fields, Open2Fields } from '../../../../src/channel/state/open-v2/states.ts';
import { completeCommitment, signCommitment } from '../../../../src/channel/transactions/signatures.ts';
import { ALIASES, REAL_ID, sent } from '../open/conversation.ts';
import {
  accepted,
  awaiting,
  begin,
  committed,
  construct,
  declared,
  exchanged,
  halfSigned,
  heard,
  ROLES,
  signaturesOf,
} from './conversation.ts';

const requirements = ({ faults }: { readonly faults: readonly { readonly requirement: string }[] }) =>
  faults.map(({ requirement }) => requirement);

describe('a channel that both fund', () => {
  it('is owed its steps in order', () => {
    expect(owed(heard().accepter)).toEqual(['accept_channel2']);
    expect([owed(declared().opener), owed(declared().accepter)]).toEqual([['construction'], []]);
    const pair = construct(declared());
    for (const role of ROLES) expect(owed(pair[role])).toEqual(['commitment_signed']);
    expect(owed(signCommitments(pair.opener).state)).toEqual([]);
    const both = committed(pair);
    expect([owed(both.opener), owed(both.accepter)]).toEqual([['tx_signatures'], []]);
    expect(owed(halfSigned(both).accepter)).toEqual(['tx_signatures']);
    const done = exchanged(both);
    for (const role of ROLES) {
      expect(owed(done[role])).toEqual(['broadcast_funding']);
      expect(owed(broadcastFunding2(done[role]).state)).toEqual([]);
    }
  });

  it('has one funding transaction, and first commitments that spend it', () => {
    const { opener, accepter } = exchanged();
    const { transaction, inputs, outputs, output_index } = opener.attempts[0]!.signing.constructed;
    const [broadcast] = broadcastFunding2(opener).broadcast;
    expect(broadcastFunding2(accepter).broadcast).toEqual([broadcast]);
    expect(broadcast!.txid).toBe(transaction.txid);
    const spent = inputs.map((input) => input.spent);
    expect(verifySpends(broadcast!, spent)).toBeUndefined();
    expect(outputs[output_index]!.amountSat).toBe(1_000_000n);
    for (const [state, local, remote] of [
      [opener, 600_000_000n, 400_000_000n],
      [accepter, 400_000_000n, 600_000_000n],
    ] as const) {
      const { commitments } = settleOn(state, transaction.txid);
      const [live] = commitments.fundings;
      expect(live.shares).toEqual({ local, remote });
      const commitment = commitmentOf(commitments, 'local', 'latest', live);
      const tx = completeCommitment(commitment, {
        owner: signCommitment(commitment, live.local_funding_privkey),
        other: live.remoteSignatures!.signature,
      });
      expect(verifySpends(tx, [outputs[output_index]!])).toBeUndefined();
    }
  });

  it('has the channel_id of both basepoints, and reserves of 1%', () => {
    const { opener, accepter } = exchanged();
    const { commitments } = settleOn(opener, opener.attempts[0]!.signing.constructed.transaction.txid);
    const points = [opener.open.revocation_basepoint, opener.accept.revocation_basepoint];
    const [lesser, greater] = points.sort((a, b) => (toHex(a) < toHex(b) ? -1 : 1));
    const id = sha256(concat(lesser!, greater!));
    expect(commitments.terms.channel_id).toEqual(id);
    expect(accepter.attempts[0]!.signing.constructed.agreement.channel_id).toEqual(id);
    expect(commitments.terms.local.channel_reserve_satoshis).toBe(10_000n);
    expect(commitments.terms.remote.channel_reserve_satoshis).toBe(10_000n);
    expect(begin().state.open.temporary_channel_id).toEqual(
      sha256(concat(new Uint8Array(33), begin().state.open.revocation_basepoint)),
    );
  });

  it('opens as one of version 1 does', () => {
    const pair = exchanged();
    const [opener, accepter] = ROLES.map((role) => {
      const { transaction } = pair[role].attempts[0]!.signing.constructed;
      const settled = settleOn(pair[role], transaction.txid);
      return seeFunding(settled, { depth: 3, short_channel_id: REAL_ID, output: settled.fundingOutput })
        .state;
    });
    const ready = sendChannelReady(opener!, ALIASES.opener);
    const heardIt = receiveChannelReady(accepter!, sent(ready, 'channel_ready'));
    expect(heardIt.faults).toEqual([]);
    expect(sendChannelReady(heardIt.state, ALIASES.accepter).state.name).toBe('open');
    expect(() => settleOn(pair.opener, '00'.repeat(32))).toThrow(/is no funding transaction/);
  });
});

describe('open_channel2', () => {
  const right = begin().state.open;
  it.each<readonly [string, Partial<Open2Fields>]>([
    ['bolt02-open-channel2-02', { tlvs: { upfront_shutdown_script: right.tlvs.upfront_shutdown_script! } }],
    ['bolt02-open-channel-02', { temporary_channel_id: new Uint8Array(32) }],
    ['bolt02-open-channel-07', { second_per_commitment_point: new Uint8Array(33) }],
    ['bolt02-open-channel-35', { chain_hash: new Uint8Array(32) }],
    ['bolt02-open-channel-42', { dust_limit_satoshis: 353n }],
    ['bolt02-open-channel-43', { funding_satoshis: 1000n }],
  ])('has the fault %s', (requirement, edit) => {
    const state = awaiting();
    const received = receiveOpenChannel2(state, { ...right, ...edit });
    expect(requirements(received)).toContain(requirement);
    expect(received.state).toBe(state);
  });

  it('needs option_dual_fund', () => {
    const state = awaiting();
    const { features } = state.negotiation;
    const plain = { ...state.negotiation, features: { ...features, remote: new Set<number>() } };
    expect(requirements(receiveOpenChannel2({ ...state, negotiation: plain }, right))).toContain(
      'bolt02-open-channel2-01',
    );
  });
});

describe('accept_channel2', () => {
  const right = sent(accepted(), 'accept_channel2');
  it.each<readonly [string, Partial<Accept2Fields>]>([
    ['bolt02-accept-channel2-01', { temporary_channel_id: new Uint8Array(32) }],
    ['bolt02-accept-channel2-02', { tlvs: { ...right.tlvs, channel_type: { type: new Uint8Array(1) } } }],
    ['bolt02-open-channel-38', { max_accepted_htlcs: 484 }],
    ['bolt02-open-channel-07', { second_per_commitment_point: new Uint8Array(33) }],
  ])('has the fault %s', (requirement, edit) => {
    const received = receiveAcceptChannel2(heard().opener, { ...right, ...edit });
    expect(requirements(received)).toEqual([requirement]);
  });

  it('may contribute nothing', () => {
    const { state, send } = acceptChannel2(heard().accepter);
    expect(send).toMatchObject([{ fields: { funding_satoshis: 0n } }]);
    expect(state.construction.agreement.sharedOutput.amountSat).toBe(600_000n);
  });
});

describe.each(ROLES)('commitment_signed and tx_signatures to the %s', (role) => {
  const other = role === 'opener' ? 'accepter' : 'opener';

  it('are checked', () => {
    const pair = construct(declared());
    const fields = sent(signCommitments(pair[other]), 'commitment_signed');
    const found = (edit: Partial<typeof fields>) =>
      requirements(receiveFirstCommitmentSigned(pair[role], { ...fields, ...edit }));
    expect(found({})).toEqual([]);
    const signature = new Uint8Array(64).fill(1);
    expect(found({ signature })).toEqual(['bolt02-commitment-signed-12']);
    expect(found({ htlc_signature: [signature] })).toEqual(['bolt02-v2-commitment-signed-01']);
    expect(found({ tlvs: { funding_txid: { funding_txid: new Uint8Array(32) } } })).toEqual([
      'bolt02-commitment-signed-05',
    ]);
  });

  it('come in this order', () => {
    const fresh = construct(declared());
    const fields = halfSigned().fields;
    expect(requirements(receiveFundingSignatures(fresh[role], fields))).toEqual([
      'bolt02-v2-tx-signatures-04',
    ]);
    const sentOurs = signCommitments(fresh[role]).state;
    expect(requirements(receiveFundingSignatures(sentOurs, fields))).toEqual(['bolt02-v2-tx-signatures-01']);
    expect(() => signaturesOf(role, sentOurs)).toThrow(/breaks bolt02-v2-tx-signatures-04/);
  });
});
