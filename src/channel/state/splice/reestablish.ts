import { displayHash, fromDisplayHash } from '../../../bitcoin/hash.ts';
import { signsFirst } from '../interactive/signatures.ts';
import { noQuiescence } from '../quiescence.ts';
import type { Fault, Message, Received } from '../step.ts';
import type { Side } from '../update.ts';
import { isLocked, lockedBy } from './locked.ts';
import { type Again, type SigningSplice, type SpliceConditions, type Splicing, txidOf } from './states.ts';

/** What splices add to `channel_reestablish` (BOLT 2, Message Retransmission). */

type Records = Message<'channel_reestablish'>['fields']['tlvs'];
type Asked = NonNullable<Records['next_funding']>;

/** Bit 0 of either `retransmit_flags`. */
const RETRANSMIT = 1;

/** The connection was lost: of what was negotiated only that is remembered for which we have sent `commitment_signed`. */
export function spliceDisconnected(state: Splicing): Splicing {
  const { negotiation } = state;
  const isKept = negotiation?.name === 'signing' && negotiation.isCommitted.local;
  return {
    ...state,
    quiescence: noQuiescence,
    negotiation: isKept ? negotiation : undefined,
    aborting: undefined,
    again: [],
  };
}

/** The records of our `channel_reestablish`. `lacksAnnouncement`: the remote's `announcement_signatures` have not come. */
export function spliceRecords(
  state: Splicing,
  conditions: SpliceConditions,
  lacksAnnouncement: boolean,
): Pick<Records, 'next_funding' | 'my_current_funding_locked'> {
  const { negotiation, commitments } = state;
  const txid = lockedTxid(state, conditions, 'local');
  return {
    ...(negotiation?.name === 'signing' &&
      awaitsSignatures(negotiation) && {
        next_funding: {
          next_funding_txid: fromDisplayHash(txidOf(negotiation)),
          retransmit_flags: negotiation.isCommitted.remote ? 0 : RETRANSMIT,
        },
      }),
    ...(txid !== undefined && {
      my_current_funding_locked: {
        my_current_funding_locked_txid: fromDisplayHash(txid),
        retransmit_flags: commitments.terms.announce && lacksAnnouncement ? RETRANSMIT : 0,
      },
    }),
  };
}

/** The records of the remote's: what they ask for is in `again` and `aborting`, and what they lock is locked. */
export function receiveSpliceRecords(
  state: Splicing,
  conditions: SpliceConditions,
  records: Records,
): Received<Splicing> {
  const faults = [
    ...(records.next_funding ? askedFaults(state, records.next_funding) : silenceFaults(state)),
    ...(conditions.features.option_splice ? fundingFaults(state, conditions, records) : []),
  ];
  if (faults.length > 0) return { state, faults };
  const asked = records.next_funding ? withAsked(state, records.next_funding) : state;
  const txid = conditions.features.option_splice
    ? displayOf(records.my_current_funding_locked?.my_current_funding_locked_txid)
    : undefined;
  const locks = txid !== undefined && asked.pending.some((each) => txidOf(each) === txid);
  return { state: locks ? lockedBy(asked, 'remote', txid) : asked, faults };
}

/** Whether a splice has taken the place of the first funding, or may: then `channel_ready` does not go again. */
export const tellsOfSplice = (
  { negotiation, pending, locked }: Splicing,
  { next_funding }: Records,
): boolean =>
  next_funding !== undefined ||
  negotiation?.name === 'signing' ||
  pending.length > 0 ||
  locked.local !== undefined;

const awaitsSignatures = ({ isCommitted, construction }: SigningSplice): boolean =>
  isCommitted.local && !construction.signatures.remote;

/** What the side says is locked: its last `splice_locked`, else the channel's own funding. */
function lockedTxid(
  { locked, commitments }: Splicing,
  { features, isReady }: SpliceConditions,
  side: Side,
): string | undefined {
  if (!features.option_splice) return undefined;
  return locked[side] ?? (isReady[side] ? commitments.fundings[0].funding.txid : undefined);
}

function askedFaults(state: Splicing, { next_funding_txid }: Asked): Fault[] {
  const { negotiation } = state;
  const got = displayHash(next_funding_txid);
  const note = 'next_funding_txid';
  if (isLocked(state, got))
    return [
      {
        requirement: 'bolt02-reestablish-19',
        expected: 'no next_funding: the remote has locked it',
        got,
        note,
      },
    ];
  if (negotiation?.name === 'signing' && awaitsSignatures(negotiation) && got !== txidOf(negotiation))
    return [{ requirement: 'bolt02-reestablish-43', expected: txidOf(negotiation), got, note }];
  return [];
}

/** The remote has sent `commitment_signed`, and our `tx_signatures` never went. */
function silenceFaults({ negotiation }: Splicing): Fault[] {
  if (
    negotiation?.name !== 'signing' ||
    !negotiation.isCommitted.remote ||
    negotiation.construction.signatures.local
  )
    return [];
  return [
    {
      requirement: 'bolt02-reestablish-16',
      expected: txidOf(negotiation),
      got: undefined,
      note: 'next_funding',
    },
  ];
}

function fundingFaults(
  state: Splicing,
  conditions: SpliceConditions,
  { my_current_funding_locked: record }: Records,
): Fault[] {
  const { pending, locked, commitments } = state;
  const last = lockedTxid(state, conditions, 'remote');
  const note = 'my_current_funding_locked';
  const requirement = locked.remote === undefined ? 'bolt02-reestablish-22' : 'bolt02-reestablish-21';
  const got = displayOf(record?.my_current_funding_locked_txid);
  // Another one may have reached its depth, or the first channel_ready may have been lost.
  const others = [
    ...pending.map(txidOf),
    ...(last === undefined ? [commitments.fundings[0].funding.txid] : []),
  ];
  const isKnown = got === undefined ? last === undefined : got === last || others.includes(got);
  const faults: Fault[] = [];
  if (!isKnown) faults.push({ requirement, expected: last ?? others, got, note });
  if (record && !commitments.terms.announce && (record.retransmit_flags & RETRANSMIT) !== 0)
    faults.push({
      requirement: 'bolt02-reestablish-25',
      expected: 0,
      got: record.retransmit_flags,
      note: 'announcement_signatures in retransmit_flags',
    });
  return faults;
}

function withAsked(state: Splicing, { next_funding_txid, retransmit_flags }: Asked): Splicing {
  const { negotiation, pending } = state;
  const txid = displayHash(next_funding_txid);
  if (negotiation?.name === 'signing' && txidOf(negotiation) === txid) {
    const { isCommitted, construction } = negotiation;
    const again: Again[] = [];
    if ((retransmit_flags & RETRANSMIT) !== 0) again.push('commitment_signed');
    if (
      isCommitted.remote &&
      construction.signatures.local &&
      signsFirst(construction.constructed) === 'local'
    )
      again.push('tx_signatures');
    return { ...state, again };
  }
  const last = pending.at(-1);
  if (last && txidOf(last) === txid) return { ...state, again: ['tx_signatures'] };
  // Forgotten, or never known.
  return { ...state, aborting: { local: false, remote: false } };
}

const displayOf = (txid: Uint8Array | undefined): string | undefined => txid && displayHash(txid);
