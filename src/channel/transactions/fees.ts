import type { CommitmentFormat, CommitmentSpecification, CommitmentTerms, Htlc } from './types.ts';

/** The value of each anchor (BOLT 3). */
export const ANCHOR_SAT = 330n;

/** Expected weights (BOLT 3, Fee Calculation). */
const HTLC_OUTPUT_WEIGHT = 172;
const COMMITMENT_WEIGHT = { option_static_remotekey: 724, option_anchors: 1124 } as const;
const HTLC_TIMEOUT_WEIGHT = { option_static_remotekey: 663, option_anchors: 666 } as const;
const HTLC_SUCCESS_WEIGHT = { option_static_remotekey: 703, option_anchors: 706 } as const;

/** `weight * feerate_per_kw`, in whole satoshis, rounded down. */
export const feeSat = (weight: number, feerate_per_kw: number): bigint =>
  (BigInt(weight) * BigInt(feerate_per_kw)) / 1000n;

/** Of the commitment with its witness, signatures as long as can be: also what a child that pays for it reckons with. */
export const commitmentWeight = (format: CommitmentFormat, untrimmedHtlcs: number): number =>
  COMMITMENT_WEIGHT[format] + HTLC_OUTPUT_WEIGHT * untrimmedHtlcs;

export const htlcTransactionWeight = (format: CommitmentFormat, { offeredBy }: HtlcDirection): number =>
  (offeredBy === 'owner' ? HTLC_TIMEOUT_WEIGHT : HTLC_SUCCESS_WEIGHT)[format];

type HtlcDirection = Pick<Htlc, 'offeredBy'>;

/** The fee of the HTLC-timeout or HTLC-success transaction: none with anchors. */
export const htlcTransactionFeeSat = (
  format: CommitmentFormat,
  htlc: HtlcDirection,
  feerate_per_kw: number,
): bigint => (format === 'option_anchors' ? 0n : feeSat(htlcTransactionWeight(format, htlc), feerate_per_kw));

/** Whether the HTLC gets no output in the commitment (BOLT 3, Trimmed Outputs). */
export const isTrimmed = (
  { format, dust_limit_satoshis }: Pick<CommitmentTerms, 'format' | 'dust_limit_satoshis'>,
  htlc: Pick<Htlc, 'offeredBy' | 'amount_msat'>,
  feerate_per_kw: number,
): boolean =>
  htlc.amount_msat / 1000n - htlcTransactionFeeSat(format, htlc, feerate_per_kw) < dust_limit_satoshis;

export const untrimmedHtlcs = (
  terms: Pick<CommitmentTerms, 'format' | 'dust_limit_satoshis'>,
  { htlcs, feerate_per_kw }: Pick<CommitmentSpecification, 'htlcs' | 'feerate_per_kw'>,
): readonly Htlc[] => htlcs.filter((htlc) => !isTrimmed(terms, htlc, feerate_per_kw));

/**
 * The commitment's dust balance: what its trimmed HTLCs add to its fee (BOLT 2, Bounding exposure to trimmed in-flight HTLCs).
 * A caller that keeps a buffer gives a specification with a higher feerate.
 */
export const dustExposureMsat = (
  terms: Pick<CommitmentTerms, 'format' | 'dust_limit_satoshis'>,
  { htlcs, feerate_per_kw }: Pick<CommitmentSpecification, 'htlcs' | 'feerate_per_kw'>,
): bigint =>
  htlcs
    .filter((htlc) => isTrimmed(terms, htlc, feerate_per_kw))
    .reduce((sum, { amount_msat }) => sum + amount_msat, 0n);

/** The base fee: what the fee payer pays besides what is trimmed and rounded. */
export const baseFeeSat = (
  terms: Pick<CommitmentTerms, 'format' | 'dust_limit_satoshis'>,
  specification: Pick<CommitmentSpecification, 'htlcs' | 'feerate_per_kw'>,
): bigint =>
  feeSat(
    commitmentWeight(terms.format, untrimmedHtlcs(terms, specification).length),
    specification.feerate_per_kw,
  );

/** What is taken from the fee payer's balance: the base fee, and both anchors where there are any (BOLT 3, Fee Payment). */
export const feePayerCostSat = (
  terms: Pick<CommitmentTerms, 'format' | 'dust_limit_satoshis'>,
  specification: Pick<CommitmentSpecification, 'htlcs' | 'feerate_per_kw'>,
): bigint => baseFeeSat(terms, specification) + anchorsSat(terms.format);

const anchorsSat = (format: CommitmentFormat): bigint => (format === 'option_anchors' ? 2n * ANCHOR_SAT : 0n);

/**
 * Whether the fee payer can pay for the commitment and keep `reserveSat` (BOLT 2, Adding an HTLC, and Updating Fees). Give 0 for the
 * first commitment. For a fee spike buffer give a specification with a higher feerate and one more HTLC.
 */
export function feePayerAffords(
  terms: CommitmentTerms,
  specification: CommitmentSpecification,
  reserveSat: bigint,
): boolean {
  const balanceMsat =
    terms.feePayer === 'owner' ? specification.ownerBalanceMsat : specification.otherBalanceMsat;
  return balanceMsat >= (feePayerCostSat(terms, specification) + reserveSat) * 1000n;
}
