import { equalBytes } from '../../core/bytes.ts';
import type { RequirementId } from '../../spec/requirement.ts';
import { ANCHOR_SAT, feePayerAffords } from '../transactions/fees.ts';
import { paymentHash } from '../transactions/scripts.ts';
import type { CommitmentSide, CommitmentSpecification, CommitmentTerms } from '../transactions/types.ts';
import type { Commitments } from './commitments.ts';
import { type AddHtlc, type Ledger, isRemoval, offer, removable, specificationOf } from './ledger.ts';
import type { LiveFunding } from './live-funding.ts';
import type { Fault } from './step.ts';
import {
  otherSide,
  type PendingUpdate,
  type Removal,
  type Side,
  type Update,
  type UpdateOf,
} from './update.ts';

/** From here on a lock time is a time and no height. */
const FIRST_TIME = 500_000_000;
/** BOLT 4, Failure Messages. */
const BADONION = 0x8000;

/**
 * What is wrong with an update that `by` sends now. Judged is what its sender can know: of the receiver's own updates only those that
 * the sender has acknowledged count, since others may have crossed it.
 */
export function updateFaults(commitments: Commitments, by: Side, update: Update): readonly Fault[] {
  switch (update.name) {
    case 'update_add_htlc':
      return addFaults(commitments, by, update);
    case 'update_fee':
      return feeFaults(commitments, by, update);
    case 'update_fulfill_htlc':
    case 'update_fail_htlc':
    case 'update_fail_malformed_htlc':
      return removalFaults(commitments, by, update);
  }
}

/** What the sender knew of the receiver's HTLCs when it first sent an update that may be a repeated one. */
function knownLedger({ ledger, remoteRepeats }: Commitments, by: Side): Ledger {
  if (by === 'local' || !remoteRepeats) return ledger;
  const isRecent = (each: PendingUpdate): boolean =>
    each.by === 'local' && each.stage === 'acknowledged' && each.update.name === 'update_add_htlc';
  return { ...ledger, pending: ledger.pending.filter((each) => !isRecent(each)) };
}

/** BOLT 2, Adding an HTLC. */
function addFaults(commitments: Commitments, by: Side, update: UpdateOf<'update_add_htlc'>): Fault[] {
  const { terms, ledger, fundings } = commitments;
  const { id } = update.fields;
  const expected = ledger.nextHtlcId[by];
  // Without a good id the HTLC cannot be told from others.
  if (id !== expected)
    return [
      {
        requirement: expected === 0n ? 'bolt02-update-add-htlc-10' : 'bolt02-update-add-htlc-11',
        expected,
        got: id,
        note: 'id',
      },
    ];
  const after = { ...commitments, ledger: offer(knownLedger(commitments, by), by, update) };
  return [
    ...htlcFaults(update.fields, terms[otherSide(by)].htlc_minimum_msat),
    ...fundings.flatMap((funding, i) =>
      [...limitFaults(after, by, funding), ...balanceFaults(after, by, funding)].map((fault) =>
        i === 0 ? fault : { ...fault, requirement: 'bolt02-update-add-htlc-13' },
      ),
    ),
  ];
}

function htlcFaults({ amount_msat, cltv_expiry }: AddHtlc, htlc_minimum_msat: bigint): Fault[] {
  const faults: Fault[] = [];
  if (amount_msat === 0n)
    faults.push({
      requirement: 'bolt02-update-add-htlc-05',
      expected: 'amount_msat greater than 0',
      got: amount_msat,
    });
  if (amount_msat < htlc_minimum_msat)
    faults.push({
      requirement: 'bolt02-update-add-htlc-06',
      expected: `amount_msat of at least htlc_minimum_msat, ${htlc_minimum_msat}`,
      got: amount_msat,
    });
  if (cltv_expiry >= FIRST_TIME)
    faults.push({
      requirement: 'bolt02-update-add-htlc-07',
      expected: `cltv_expiry below ${FIRST_TIME}`,
      got: cltv_expiry,
    });
  return faults;
}

/** What the receiver declared for all HTLCs that it is offered. */
function limitFaults({ terms, ledger }: Commitments, by: Side, { shares }: LiveFunding): Fault[] {
  const receiver = otherSide(by);
  const { max_accepted_htlcs, max_htlc_value_in_flight_msat } = terms[receiver];
  const { htlcs } = specificationOf(ledger, shares, receiver, 'next');
  const offered = htlcs.filter(({ offeredBy }) => offeredBy === 'other');
  const inFlightMsat = offered.reduce((sum, { amount_msat }) => sum + amount_msat, 0n);
  const faults: Fault[] = [];
  if (offered.length > max_accepted_htlcs)
    faults.push({
      requirement: 'bolt02-update-add-htlc-08',
      expected: `at most max_accepted_htlcs, ${max_accepted_htlcs}`,
      got: offered.length,
    });
  if (inFlightMsat > max_htlc_value_in_flight_msat)
    faults.push({
      requirement: 'bolt02-update-add-htlc-09',
      expected: `at most max_htlc_value_in_flight_msat, ${max_htlc_value_in_flight_msat}`,
      got: inFlightMsat,
    });
  return faults;
}

/** Whether the sender keeps its reserve and, if it pays fees, those of both commitments. */
function balanceFaults({ terms, ledger }: Commitments, by: Side, live: LiveFunding): Fault[] {
  const receiver = otherSide(by);
  const receivers = specificationOf(ledger, live.shares, receiver, 'next');
  const reserveSat = live.channel_reserve_satoshis?.[by] ?? terms[receiver].channel_reserve_satoshis;
  const balanceMsat = receivers.otherBalanceMsat;
  const faultOf = (requirement: RequirementId, expected: string): Fault[] => [
    { requirement, expected, got: balanceMsat, note: `what the sender has left, in msat` },
  ];
  const keeps = `channel_reserve_satoshis, ${reserveSat}`;
  // The BOLT has no sentence on the reserve of a sender that pays no fees, only on what its receiver does.
  if (by !== terms.opener)
    return balanceMsat >= reserveSat * 1000n ? [] : faultOf('bolt02-update-add-htlc-17', keeps);
  const both = [
    { terms: feeTerms(terms, receiver), specification: receivers },
    { terms: feeTerms(terms, by), specification: mirrored(receivers) },
  ];
  const affords = (satoshis: bigint): boolean =>
    both.every((each) => feePayerAffords(each.terms, each.specification, satoshis));
  if (affords(reserveSat)) return [];
  return terms.format === 'option_anchors' && affords(reserveSat - 2n * ANCHOR_SAT)
    ? faultOf('bolt02-update-add-htlc-02', `the fee, both anchors, and ${keeps}`)
    : faultOf('bolt02-update-add-htlc-01', `the fee, and ${keeps}`);
}

const feeTerms = ({ format, opener, ...sides }: Commitments['terms'], owner: Side): CommitmentTerms => ({
  format,
  feePayer: opener === owner ? 'owner' : 'other',
  dust_limit_satoshis: sides[owner].dust_limit_satoshis,
});

/** The same with owner and other changed: what the sender's commitment comes to once it has these updates. */
const mirrored = (specification: CommitmentSpecification): CommitmentSpecification => ({
  feerate_per_kw: specification.feerate_per_kw,
  ownerBalanceMsat: specification.otherBalanceMsat,
  otherBalanceMsat: specification.ownerBalanceMsat,
  htlcs: specification.htlcs.map((htlc) => ({ ...htlc, offeredBy: MIRRORED[htlc.offeredBy] })),
});

const MIRRORED: Readonly<Record<CommitmentSide, CommitmentSide>> = { owner: 'other', other: 'owner' };

/** BOLT 2, Removing an HTLC. */
function removalFaults({ ledger }: Commitments, by: Side, update: Removal): Fault[] {
  const { id } = update.fields;
  const htlc = removable(ledger, by, id);
  if (!htlc) {
    const isBeingAdded = ledger.pending.some(
      (each) => each.by !== by && each.update.name === 'update_add_htlc' && each.update.fields.id === id,
    );
    if (isBeingAdded)
      return [{ requirement: 'bolt02-remove-htlc-03', expected: 'an irrevocably committed HTLC', got: id }];
    const isBeingRemoved = ledger.pending.some(
      (each) => each.by === by && isRemoval(each.update) && each.update.fields.id === id,
    );
    const note = isBeingRemoved ? 'it is being removed already' : 'id';
    return [{ requirement: 'bolt02-remove-htlc-12', expected: 'an HTLC of the commitment', got: id, note }];
  }
  switch (update.name) {
    case 'update_fulfill_htlc': {
      const got = paymentHash(update.fields.payment_preimage);
      const expected = htlc.add.payment_hash;
      return equalBytes(got, expected)
        ? []
        : [{ requirement: 'bolt02-remove-htlc-13', expected, got, note: 'the hash of payment_preimage' }];
    }
    case 'update_fail_malformed_htlc': {
      const { failure_code } = update.fields;
      return (failure_code & BADONION) !== 0
        ? []
        : [{ requirement: 'bolt02-remove-htlc-14', expected: 'BADONION in failure_code', got: failure_code }];
    }
    case 'update_fail_htlc':
      return [];
  }
}

/** BOLT 2, Updating Fees. It speaks of no reserve. */
function feeFaults(commitments: Commitments, by: Side, update: UpdateOf<'update_fee'>): Fault[] {
  const { terms, fundings } = commitments;
  if (by !== terms.opener)
    return [
      {
        requirement: 'bolt02-update-fee-02',
        expected: 'no update_fee, since the other side pays the fee',
        got: update.fields.feerate_per_kw,
      },
    ];
  const receiver = otherSide(by);
  const after = offer(knownLedger(commitments, by), by, update);
  return fundings.flatMap(({ shares }, i) => {
    const specification = specificationOf(after, shares, receiver, 'next');
    if (feePayerAffords(feeTerms(terms, receiver), specification, 0n)) return [];
    return [
      {
        requirement: i === 0 ? 'bolt02-update-fee-10' : 'bolt02-update-fee-07',
        expected: `a feerate that ${specification.otherBalanceMsat} msat pay for`,
        got: update.fields.feerate_per_kw,
      },
    ];
  });
}
