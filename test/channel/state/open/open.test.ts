import { describe, expect, it } from 'vitest';
import { verifySpends } from '../../../../src/bitcoin/verify.ts';
import { fromDisplayHash } from '../../../../src/bitcoin/hash.ts';
import { commitmentOf, localPoint } from '../../../../src/channel/state/commitments.ts';
import { owed } from '../../../../src/channel/state/open/owed.ts';
import {
  broadcastFunding,
  receiveChannelReady,
  seeFunding,
  sendChannelReady,
} from '../../../../src/channel/state/open/ready.ts';
import type { AwaitsChannelReady, Readying } from '../../../../src/channel/state/open/states.ts';
import { completeCommitment, signCommitment } from '../../../../src/channel/transactions/signatures.ts';
import { ALIASES, REAL_ID, sent, signBoth } from './conversation.ts';
import { CHANNEL_TYPES } from './fixtures.ts';

/** Our first commitment as we would broadcast it, with what the peer has signed. */
function ownCommitment({ commitments }: Readying) {
  const [live] = commitments.fundings;
  const commitment = commitmentOf(commitments, 'local', 'latest', live);
  const other = live.remoteSignatures?.signature ?? new Uint8Array(64);
  const owner = signCommitment(commitment, live.local_funding_privkey);
  return completeCommitment(commitment, { owner, other });
}

describe.each(CHANNEL_TYPES)('a channel of type %s', (_, channel_type) => {
  const isZeroconf = channel_type.has(50);
  const choices = { channel_type, announce: false, push_msat: 250_000_000n };

  it('has first commitments that either side can broadcast', () => {
    const { opener, accepter, transaction } = signBoth({ choices });
    const [output] = transaction.outputs.slice(1);
    for (const state of [opener, accepter]) {
      const tx = ownCommitment(state);
      expect(tx.inputs).toMatchObject([{ txid: transaction.txid, vout: 1 }]);
      expect(verifySpends(tx, [output!])).toBeUndefined();
    }
    expect(ownCommitment(opener).txid).not.toBe(ownCommitment(accepter).txid);
  });

  it('is agreed on', () => {
    const { opener, accepter, transaction } = signBoth({ choices });
    const id = fromDisplayHash(transaction.txid);
    id[31]! ^= 1;
    expect(opener.commitments.terms.channel_id).toEqual(id);
    expect(accepter.commitments.terms).toEqual({
      ...opener.commitments.terms,
      opener: 'remote',
      local: opener.commitments.terms.remote,
      remote: opener.commitments.terms.local,
      secrets: accepter.commitments.terms.secrets,
    });
    expect(opener.commitments.terms).toMatchObject({ opener: 'local', channel_type, announce: false });
    expect(opener.commitments.fundings[0].shares).toEqual({ local: 750_000_000n, remote: 250_000_000n });
    expect(accepter.commitments.fundings[0].shares).toEqual({ local: 250_000_000n, remote: 750_000_000n });
  });

  it.each(['opener', 'accepter'] as const)('opens, when the %s is ready first', (first) => {
    const { transaction, ...signed } = signBoth({ choices });
    expect(owed(signed.opener)).toEqual(
      isZeroconf ? ['broadcast_funding', 'channel_ready'] : ['broadcast_funding'],
    );
    const broadcast = broadcastFunding(signed.opener);
    expect(broadcast.broadcast).toEqual([transaction]);
    const unseen = { opener: broadcast.state, accepter: signed.accepter };
    const second = first === 'opener' ? 'accepter' : 'opener';
    const ready = (state: AwaitsChannelReady): Readying => (isZeroconf ? state : deep(state));
    expect(owed(unseen[first])).toEqual(isZeroconf ? ['channel_ready'] : []);

    const sending = sendChannelReady(ready(unseen[first]), ALIASES[first]);
    expect(sending.state.name).toBe('awaits_channel_ready');
    expect(owed(sending.state)).toEqual([]);
    const heard = receiveChannelReady(ready(unseen[second]), sent(sending, 'channel_ready'));
    expect(heard).toMatchObject({ faults: [], state: { name: 'awaits_channel_ready' } });
    expect(owed(heard.state)).toEqual(['channel_ready']);
    const answering = sendChannelReady(heard.state, ALIASES[second]);
    const answered = receiveChannelReady(sending.state, sent(answering, 'channel_ready'));

    expect(answered.state).toMatchObject({
      name: 'open',
      aliases: { local: [ALIASES[first]], remote: [ALIASES[second]] },
      second_per_commitment_point: localPoint(unseen[second].commitments.terms, 1n),
    });
    expect(answering.state).toMatchObject({
      name: 'open',
      aliases: { local: [ALIASES[second]], remote: [ALIASES[first]] },
      second_per_commitment_point: localPoint(unseen[first].commitments.terms, 1n),
    });
  });
});

/** At minimum_depth. */
function deep(state: AwaitsChannelReady): AwaitsChannelReady {
  const sight = { depth: state.minimum_depth, short_channel_id: REAL_ID, output: state.fundingOutput };
  return seeFunding(state, sight).state;
}
