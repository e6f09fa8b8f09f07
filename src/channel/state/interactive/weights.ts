import { outputScript } from '../../../bitcoin/output.ts';
import { feeSat } from '../../transactions/fees.ts';
import type { AddedInput, AddedOutput, Agreement, Constructing } from './states.ts';
import type { Side } from '../update.ts';

/** What each side pays for (BOLT 2, Fee Responsibility; BOLT 3, Appendix G). */

/** Version, locktime and both counts, then the segwit marker and flag. */
const COMMON_WEIGHT = (4 + 4 + 1 + 1) * 4 + 2;
/** Outpoint, empty script and sequence. */
const INPUT_WEIGHT = (32 + 4 + 1 + 4) * 4;
/** BOLT 3's minimum, as of P2WPKH. */
const LEAST_WITNESS_WEIGHT = 107;
/** One signature by key path. BOLT 3 does not know it, and whoever pays just for this pays enough. */
const TAPROOT_WITNESS_WEIGHT = 66;
/** Of the 2-of-2 that a splice spends, with signatures of 72 bytes. */
const SHARED_WITNESS_WEIGHT = 1 + 1 + 2 * (1 + 72) + 1 + 71;

type Parts = Pick<Constructing, 'inputs' | 'outputs'>;

/** The whole transaction, as far as it can be known before it is signed. */
export const estimatedWeight = ({ inputs, outputs }: Parts): number =>
  COMMON_WEIGHT + inputs.reduce((sum, input) => sum + inputWeight(input), 0) + outputsWeight(outputs);

/** What a side added, without the common fields. */
const ownWeight = ({ inputs, outputs }: Parts, side: Side): number =>
  estimatedWeight({ inputs: inputs.filter(addedBy(side)), outputs: outputs.filter(addedBy(side)) }) -
  COMMON_WEIGHT;

/** The least that a side has to pay; `common` for the initiator's fields that belong to nobody. */
export function leastFeeSat(
  parts: Parts & { readonly agreement: Agreement },
  side: Side,
  common: boolean,
): bigint {
  const weight = ownWeight(parts, side) + (common ? COMMON_WEIGHT : 0);
  return feeSat(weight, parts.agreement.feerate_per_kw);
}

export const addedBy =
  (side: Side) =>
  (part: { readonly addedBy: Side }): boolean =>
    part.addedBy === side;

function inputWeight({ isShared, spent }: AddedInput): number {
  if (isShared) return INPUT_WEIGHT + SHARED_WITNESS_WEIGHT;
  const isTaproot = outputScript(spent.script).kind === 'witness_v1_taproot';
  return INPUT_WEIGHT + (isTaproot ? TAPROOT_WITNESS_WEIGHT : LEAST_WITNESS_WEIGHT);
}

/** Scripts of 253 bytes and more have a longer length. */
const outputsWeight = (outputs: readonly AddedOutput[]): number =>
  outputs.reduce((sum, { script }) => sum + (8 + (script.length < 253 ? 1 : 3) + script.length) * 4, 0);
