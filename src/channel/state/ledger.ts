import { BoltgridError } from '../../core/error.ts';
import type { CommitmentSpecification, Htlc } from '../transactions/types.ts';
import {
  otherSide,
  type PendingUpdate,
  type Removal,
  type Side,
  type Stage,
  type Update,
  type UpdateOf,
} from './update.ts';

export type AddHtlc = UpdateOf<'update_add_htlc'>['fields'];

/** An HTLC that is irrevocably committed, and not yet irrevocably removed. */
export interface CommittedHtlc {
  readonly by: Side;
  readonly add: AddHtlc;
}

/**
 * The updates of a channel, and what those that are irrevocably committed came to. Balances are what each side has gained since the
 * funding, so that they hold for every live funding output: a splice changes the shares, not the ledger.
 */
export interface Ledger extends Content {
  /** In the order in which they were sent. */
  readonly pending: readonly PendingUpdate[];
  /** Of the next HTLC that the side offers. */
  readonly nextHtlcId: Readonly<Record<Side, bigint>>;
}

interface Content {
  readonly feerate_per_kw: number;
  /** Negative for what was lost, and for what is in HTLCs that the side offered: with these the sum is nothing. */
  readonly gainedMsat: Readonly<Record<Side, bigint>>;
  readonly htlcs: readonly CommittedHtlc[];
}

/** What each side put into a funding output. */
export type SharesMsat = Readonly<Record<Side, bigint>>;

export const openLedger = (feerate_per_kw: number): Ledger => ({
  feerate_per_kw,
  gainedMsat: { local: 0n, remote: 0n },
  htlcs: [],
  pending: [],
  nextHtlcId: { local: 0n, remote: 0n },
});

/** A side sent an update: it is pending on the other. Whether it may is not looked at here. */
export function offer(ledger: Ledger, by: Side, update: Update): Ledger {
  const { pending, nextHtlcId } = ledger;
  return checked({
    ...ledger,
    pending: [...pending, { by, stage: 'offered', update }],
    nextHtlcId:
      update.name === 'update_add_htlc' ? { ...nextHtlcId, [by]: update.fields.id + 1n } : nextHtlcId,
  });
}

/** The other side has signed a new commitment of `owner`, with all that was pending on it. */
export const sign = (ledger: Ledger, owner: Side): Ledger =>
  advance(ledger, ({ by, stage }) => (pendingOn(owner, by) === stage ? NEXT[stage] : stage));

/** `owner` has revoked the commitment before its latest. */
export const revoke = (ledger: Ledger, owner: Side): Ledger =>
  advance(ledger, ({ by, stage }) => {
    const latest = by === owner ? 'countersigned' : 'signed';
    return stage === latest ? NEXT[stage] : stage;
  });

/** The connection was lost: what nobody has signed is as if never sent (BOLT 2, Message Retransmission). */
export function forgetUnsigned(ledger: Ledger): Ledger {
  const dropped = ledger.pending.filter(({ stage }) => stage === 'offered');
  const nextHtlcId = { ...ledger.nextHtlcId };
  for (const { by, update } of dropped) if (update.name === 'update_add_htlc') nextHtlcId[by] -= 1n;
  return checked({
    ...ledger,
    pending: ledger.pending.filter(({ stage }) => stage !== 'offered'),
    nextHtlcId,
  });
}

/** What a signature for `owner`'s next commitment would add to it: without any, none may be sent (BOLT 2, commitment_signed). */
export const unsignedFor = ({ pending }: Ledger, owner: Side): readonly PendingUpdate[] =>
  pending.filter(({ by, stage }) => stage === pendingOn(owner, by));

/**
 * What `owner`'s commitment pays: the `latest` that was signed, or the `next` that would be. Balances may be negative where an update
 * was offered that cannot be paid: that is for the caller to see.
 */
export function specificationOf(
  ledger: Ledger,
  shares: SharesMsat,
  owner: Side,
  which: 'latest' | 'next',
): CommitmentSpecification {
  const included = ledger.pending.filter(({ by, stage }) => {
    const needed = by === owner ? 'countersigned' : 'signed';
    return ORDER[stage] >= ORDER[needed] || (which === 'next' && stage === pendingOn(owner, by));
  });
  const { feerate_per_kw, gainedMsat, htlcs } = included.reduce(apply, ledger);
  const other = otherSide(owner);
  return {
    feerate_per_kw,
    ownerBalanceMsat: shares[owner] + gainedMsat[owner],
    otherBalanceMsat: shares[other] + gainedMsat[other],
    htlcs: htlcs.map(({ by, add }) => seenFrom(owner, by, add)),
  };
}

/** The HTLC that an `update_fulfill_htlc` or `update_fail_htlc` of `by` may take away: committed on both sides, and not being removed. */
export function removable(ledger: Ledger, by: Side, id: bigint): CommittedHtlc | undefined {
  const isBeingRemoved = ledger.pending.some(
    ({ by: remover, update }) => remover === by && isRemoval(update) && update.fields.id === id,
  );
  return isBeingRemoved ? undefined : ledger.htlcs.find((htlc) => htlc.by !== by && htlc.add.id === id);
}

export const isRemoval = (update: Update): update is Removal =>
  update.name !== 'update_add_htlc' && update.name !== 'update_fee';

const ORDER: Readonly<Record<Stage, number>> = { offered: 0, signed: 1, acknowledged: 2, countersigned: 3 };

const NEXT: Readonly<Record<Stage, Stage | 'committed'>> = {
  offered: 'signed',
  signed: 'acknowledged',
  acknowledged: 'countersigned',
  countersigned: 'committed',
};

/** The stage in which an update of `by` waits for a signature of `owner`'s commitment. */
const pendingOn = (owner: Side, by: Side): Stage => (by === owner ? 'acknowledged' : 'offered');

function advance(ledger: Ledger, stageOf: (pending: PendingUpdate) => Stage | 'committed'): Ledger {
  let content: Content = ledger;
  const pending: PendingUpdate[] = [];
  for (const each of ledger.pending) {
    const stage = stageOf(each);
    if (stage === 'committed') content = apply(content, each);
    else pending.push(stage === each.stage ? each : { ...each, stage });
  }
  const { feerate_per_kw, gainedMsat, htlcs } = content;
  return checked({ ...ledger, feerate_per_kw, gainedMsat, htlcs, pending });
}

function apply<C extends Content>(content: C, { by, update }: PendingUpdate): C {
  switch (update.name) {
    case 'update_fee':
      return { ...content, feerate_per_kw: update.fields.feerate_per_kw };
    case 'update_add_htlc':
      return {
        ...gain(content, by, -update.fields.amount_msat),
        htlcs: [...content.htlcs, { by, add: update.fields }],
      };
    case 'update_fulfill_htlc':
      return remove(content, otherSide(by), update.fields.id, by);
    case 'update_fail_htlc':
    case 'update_fail_malformed_htlc':
      return remove(content, otherSide(by), update.fields.id, otherSide(by));
  }
}

function remove<C extends Content>(content: C, by: Side, id: bigint, paid: Side): C {
  const htlc = content.htlcs.find((each) => each.by === by && each.add.id === id);
  if (!htlc) throw broken(`HTLC ${id} of ${by} is removed, but not there`);
  const rest = content.htlcs.filter((each) => each !== htlc);
  return { ...gain(content, paid, htlc.add.amount_msat), htlcs: rest };
}

const gain = <C extends Content>(content: C, side: Side, msat: bigint): C => ({
  ...content,
  gainedMsat: { ...content.gainedMsat, [side]: content.gainedMsat[side] + msat },
});

const seenFrom = (owner: Side, by: Side, add: AddHtlc): Htlc => ({
  offeredBy: by === owner ? 'owner' : 'other',
  id: add.id,
  amount_msat: add.amount_msat,
  payment_hash: add.payment_hash,
  cltv_expiry: add.cltv_expiry,
});

/** What must hold of every ledger, whatever was done to it. */
function checked(ledger: Ledger): Ledger {
  const { gainedMsat, htlcs, pending, nextHtlcId } = ledger;
  const held = htlcs.reduce((sum, { add }) => sum + add.amount_msat, 0n);
  if (gainedMsat.local + gainedMsat.remote + held !== 0n) throw broken('gains and HTLCs do not add up');
  for (const side of ['local', 'remote'] as const) {
    const ids = [
      ...htlcs.filter(({ by }) => by === side).map(({ add }) => add.id),
      ...pending.flatMap(({ by, update }) =>
        by === side && update.name === 'update_add_htlc' ? [update.fields.id] : [],
      ),
    ];
    if (new Set(ids).size !== ids.length) throw broken(`two HTLCs of ${side} have one id`);
    if (ids.some((id) => id >= nextHtlcId[side])) throw broken(`an id of ${side} is ahead of its count`);
  }
  return ledger;
}

const broken = (what: string): BoltgridError => new BoltgridError('channel.invariant', 'harness', what);
