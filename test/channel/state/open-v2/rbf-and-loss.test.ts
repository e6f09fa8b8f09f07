import { describe, expect, it } from 'vitest';
import { fromDisplayHash } from '../../../../src/bitcoin/hash.ts';
import { leastReplacementFeerate } from '../../../../src/channel/state/interactive/rbf-rules.ts';
import { readyFaults } from '../../../../src/channel/state/open/ready-rules.ts';
import {
  abort,
  afterAbort,
  echoAbort,
  receiveAbortEcho,
  receiveTxAbort,
} from '../../../../src/channel/state/open-v2/abort.ts';
import { broadcastFunding2, settleOn, signCommitments } from '../../../../src/channel/state/open-v2/fund.ts';
import { owed } from '../../../../src/channel/state/open-v2/owed.ts';
import {
  ackRbf,
  initRbf,
  lateRbfFaults,
  receiveTxAckRbf,
  receiveTxInitRbf,
} from '../../../../src/channel/state/open-v2/rbf.ts';
import {
  disconnectedFunding,
  receiveNextFunding,
  reestablishFunding,
  resendFunding,
} from '../../../../src/channel/state/open-v2/reestablish.ts';
import { into, sent } from '../open/conversation.ts';
import {
  committed,
  construct,
  declared,
  exchanged,
  halfSigned,
  otherRole,
  type Role,
  ROLES,
} from './conversation.ts';

const requirements = ({ faults }: { readonly faults: readonly { readonly requirement: string }[] }) =>
  faults.map(({ requirement }) => requirement);

/** 25/24 of 2500. */
const LEAST = 2604;

function replaced(initiator: Role) {
  const pair = exchanged();
  const other = otherRole(initiator);
  const init = initRbf(pair[initiator], { feerate: LEAST, contribution: 500_000n });
  const heard = into(receiveTxInitRbf(pair[other], sent(init, 'tx_init_rbf')), 'has_tx_init_rbf');
  const ack = ackRbf(heard, { contribution: 300_000n });
  const acked = into(receiveTxAckRbf(init.state, sent(ack, 'tx_ack_rbf')), 'constructing_funding');
  return { pair, init, heard, ack, [initiator]: acked, [other]: ack.state } as ReturnType<typeof declared> & {
    pair: typeof pair;
    init: typeof init;
    heard: typeof heard;
    ack: typeof ack;
  };
}

describe.each(ROLES)('a replacement by the %s', (initiator) => {
  it('leaves both attempts live, with other contributions and fees', () => {
    const both = replaced(initiator);
    expect(owed(both[initiator])).toEqual(['construction']);
    const done = exchanged(committed(construct(both, initiator, 3000n)));
    for (const role of ROLES) {
      const { attempts } = done[role];
      const [first, second] = attempts.map(({ signing }) => signing.constructed);
      expect(attempts).toHaveLength(2);
      expect([first!.feeSat, second!.feeSat]).toEqual([4000n, 6000n]);
      expect(second!.agreement).toMatchObject({ feerate_per_kw: LEAST });
      expect(second!.agreement.sharedOutput.amountSat).toBe(800_000n);
      const [broadcast] = broadcastFunding2(done[role]).broadcast;
      expect(broadcast!.txid).toBe(second!.transaction.txid);
      const local = role === initiator ? 500_000_000n : 300_000_000n;
      const settled = settleOn(done[role], second!.transaction.txid);
      expect(settled.commitments.fundings[0].shares).toEqual({ local, remote: 800_000_000n - local });
      expect(settled.commitments.terms.opener).toBe(role === 'opener' ? 'local' : 'remote');
      const earlier = settleOn(done[role], first!.transaction.txid);
      expect(earlier.fundingOutput.amountSat).toBe(1_000_000n);
      expect(earlier.unbroadcast).toBeUndefined();
    }
  });

  it('raises the feerate', () => {
    // BOLT 2's example.
    expect(leastReplacementFeerate(520)).toBe(541);
    const pair = exchanged();
    const fields = sent(initRbf(pair[initiator], { feerate: LEAST, contribution: 0n }), 'tx_init_rbf');
    expect(fields.tlvs).toEqual({});
    const receive = (edit: Partial<typeof fields>) =>
      requirements(receiveTxInitRbf(pair[otherRole(initiator)], { ...fields, ...edit }));
    expect(receive({})).toEqual([]);
    expect(receive({ feerate: LEAST - 1 })).toEqual(['bolt02-tx-init-rbf-01']);
    const tlvs = { funding_output_contribution: { satoshis: -1n } };
    expect(receive({ tlvs })).toEqual(['bolt02-tx-init-rbf-02']);
    expect(() => initRbf(pair[initiator], { feerate: LEAST - 1, contribution: 0n })).toThrow(
      /tx-init-rbf-01/,
    );
    expect(requirements(receiveTxAckRbf(replaced(initiator).init.state, { tlvs }))).toEqual([
      'bolt02-tx-ack-rbf-01',
    ]);
  });

  it('comes before channel_ready', () => {
    const state = exchanged()[initiator];
    const settled = settleOn(state, state.attempts[0]!.signing.constructed.transaction.txid);
    expect(lateRbfFaults(settled)).toEqual([]);
    expect(lateRbfFaults({ ...settled, isSent: true })).toMatchObject([{ requirement: 'bolt02-v2-rbf-04' }]);
    const early = { second_per_commitment_point: state.open.second_per_commitment_point, tlvs: {} };
    expect(requirements({ faults: readyFaults(settled, 'remote', early) })).toContain(
      'bolt02-channel-ready-12',
    );
  });

  it('goes back to the attempts before it when it is aborted', () => {
    const both = replaced(initiator);
    const aborting = abort(both[initiator]);
    expect(aborting.send).toMatchObject([{ name: 'tx_abort', fields: { data: new Uint8Array(0) } }]);
    const heard = into(receiveTxAbort(both[otherRole(initiator)]), 'has_tx_abort');
    expect(owed(heard)).toEqual(['tx_abort']);
    const echo = echoAbort(heard);
    expect(echo.send).toEqual(aborting.send);
    for (const state of [echo.state, receiveAbortEcho(aborting.state).state])
      expect(state).toMatchObject({ name: 'dual_funded', attempts: [{}] });
  });
});

describe('tx_abort', () => {
  it('leaves nothing of a first attempt', () => {
    expect(abort(declared().opener).state.then).toEqual({ name: 'forgotten' });
    expect(abort(committed().accepter).state.then).toEqual({ name: 'forgotten' });
  });

  it('does not follow tx_signatures, nor make them forgotten', () => {
    const { opener, accepter } = halfSigned();
    expect(() => abort(opener)).toThrow(/breaks bolt02-tx-abort-01/);
    expect(requirements(receiveTxAbort(accepter))).toEqual(['bolt02-tx-abort-01']);
    expect(afterAbort(opener)).toBe(opener);
    expect(into(receiveTxAbort(opener), 'has_tx_abort').then).toBe(opener);
  });
});

describe('a lost connection', () => {
  it('is the end of what nobody has signed', () => {
    expect(disconnectedFunding(declared().opener)).toEqual({ name: 'forgotten' });
    expect(disconnectedFunding(construct(declared()).opener)).toEqual({ name: 'forgotten' });
    expect(disconnectedFunding(replaced('opener').accepter)).toMatchObject({ name: 'dual_funded' });
  });

  /** The commitment_signed of the accepter, or both, or the last tx_signatures did not arrive. */
  const lost = () => {
    const fresh = construct(declared());
    const half = halfSigned();
    const [opener, accepter] = [committed().opener, signCommitments(fresh.accepter).state];
    return { sentOnly: accepter, committed: opener, half, done: exchanged() };
  };

  it('is followed by next_funding as long as the remote tx_signatures are missing', () => {
    const { sentOnly, committed: both, half, done } = lost();
    const next = (state: Parameters<typeof reestablishFunding>[0]) =>
      reestablishFunding(state).fields.tlvs.next_funding;
    const next_funding_txid = fromDisplayHash(both.signing.constructed.transaction.txid);
    expect(next(sentOnly)).toEqual({ next_funding_txid, retransmit_flags: 1 });
    expect(next(both)).toEqual({ next_funding_txid, retransmit_flags: 0 });
    expect(next(half.opener)).toEqual({ next_funding_txid, retransmit_flags: 0 });
    expect(next(done.accepter)).toBeUndefined();
    expect(reestablishFunding(both).fields).toMatchObject({
      channel_id: both.signing.constructed.agreement.channel_id,
      next_commitment_number: 1n,
      next_revocation_number: 0n,
    });
  });

  it('has commitment_signed sent again, and then tx_signatures', () => {
    const { sentOnly, committed: both } = lost();
    const asked = reestablishFunding(sentOnly).fields.tlvs.next_funding;
    const { state } = receiveNextFunding(both, asked);
    expect(owed(state)).toEqual(['commitment_signed']);
    const again = signCommitments(into(receiveNextFunding(both, asked), 'signing_funding'));
    expect(again.send).toEqual(signCommitments(both).send);
    expect(owed(again.state)).toEqual(['tx_signatures']);
  });

  it('has tx_signatures sent again, by both who have sent them', () => {
    const { committed: both, half, done } = lost();
    const asked = reestablishFunding(both).fields.tlvs.next_funding;
    for (const state of [half.opener, broadcastFunding2(done.accepter).state]) {
      const heard = receiveNextFunding(state, asked).state;
      expect(owed(heard)).toEqual(['tx_signatures']);
      const again = resendFunding(heard, 'tx_signatures');
      expect(again.send).toMatchObject([{ name: 'tx_signatures' }]);
      expect(owed(again.state)).toEqual([]);
      expect(() => resendFunding(again.state, 'tx_signatures')).toThrow(/has not asked/);
      expect(disconnectedFunding(heard)).toMatchObject({ name: state.name, missing: [] });
    }
    expect(resendFunding(receiveNextFunding(half.opener, asked).state, 'tx_signatures').send).toMatchObject([
      { fields: half.fields },
    ]);
  });

  it('tells the remote to forget what we do not know, unless both await something else', () => {
    const { committed: both, done } = lost();
    const other = { next_funding_txid: new Uint8Array(32), retransmit_flags: 0 };
    expect(requirements(receiveNextFunding(both, other))).toEqual(['bolt02-reestablish-17']);
    const heard = receiveNextFunding(broadcastFunding2(done.opener).state, other);
    expect(heard.faults).toEqual([]);
    expect(owed(heard.state)).toEqual(['tx_abort']);
    const told = resendFunding(heard.state, 'tx_abort');
    expect(told.send).toMatchObject([{ name: 'tx_abort' }]);
    expect(owed(told.state)).toEqual([]);
    expect(receiveNextFunding(both, undefined)).toEqual({ state: both, faults: [] });
  });
});
