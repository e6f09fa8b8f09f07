import { makeTransaction, type Transaction, type TransactionOutput } from '../../bitcoin/transaction.ts';
import { dustThresholdSat } from './dust.ts';
import { fundingInput } from './funding-spend.ts';
import { compareOutputs } from './output-order.ts';
import { startsWithOpReturn } from './shutdown-script.ts';
import type { Funding } from './types.ts';

/** Closing transactions have no witness here: `signFundingSpend` and `completeFundingSpend` give it. */

interface ClosingSide {
  readonly balanceMsat: bigint;
  readonly scriptpubkey: Uint8Array;
}

export type Closing =
  | { readonly transaction: Transaction }
  /** `fee_satoshis` is more than the balance of the one who pays, or every output would be left out. */
  | { readonly impossible: 'fee-above-balance' | 'no-outputs' };

export interface LegacyClosing {
  readonly funding: Funding;
  readonly funder: ClosingSide;
  readonly fundee: ClosingSide;
  readonly fee_satoshis: bigint;
  /** Of the node that signs first: outputs below it are left out. */
  readonly dust_limit_satoshis: bigint;
  /** A node may leave out its own output. */
  readonly without?: 'funder' | 'fundee';
}

/** What `closing_signed` signs (BOLT 3, Legacy Closing Transaction). */
export function legacyClosing(closing: LegacyClosing): Closing {
  const { funding, funder, fundee, fee_satoshis, dust_limit_satoshis, without } = closing;
  const funderSat = funder.balanceMsat / 1000n - fee_satoshis;
  if (funderSat < 0n) return { impossible: 'fee-above-balance' };
  const sides = [
    { side: 'funder', amountSat: funderSat, script: funder.scriptpubkey },
    { side: 'fundee', amountSat: fundee.balanceMsat / 1000n, script: fundee.scriptpubkey },
  ];
  const outputs = sides
    .filter(({ side, amountSat }) => side !== without && amountSat >= dust_limit_satoshis)
    .map(({ amountSat, script }) => ({ amountSat, script }));
  return closingTransaction(funding, outputs, 0xffff_ffff, 0);
}

/** The fields of `closing_tlvs`: which outputs the closing transaction has. */
export type ClosingVariant = 'closer_output_only' | 'closee_output_only' | 'closer_and_closee_outputs';

/** The parties to `closing_complete`: the closer sends it and pays. */
export interface ClosingParties {
  readonly closer: ClosingSide;
  readonly closee: ClosingSide;
  readonly fee_satoshis: bigint;
}

export interface SimpleClosing extends ClosingParties {
  readonly funding: Funding;
  readonly locktime: number;
  readonly variant: ClosingVariant;
}

/** What `closing_complete` and `closing_sig` sign (BOLT 3, Closing Transaction). */
export function simpleClosing({ funding, locktime, variant, ...parties }: SimpleClosing): Closing {
  if (parties.fee_satoshis > parties.closer.balanceMsat / 1000n) return { impossible: 'fee-above-balance' };
  const outputs = [
    ...(variant === 'closee_output_only' ? [] : [closerOutput(parties)]),
    ...(variant === 'closer_output_only' ? [] : [closeeOutput(parties)]),
  ];
  return closingTransaction(funding, outputs, 0xffff_fffd, locktime);
}

export interface CloserVariants {
  readonly required: readonly ClosingVariant[];
  readonly forbidden: readonly ClosingVariant[];
  /** What is sent by a closer that thinks its own output worth its cost. */
  readonly usual: readonly ClosingVariant[];
}

/** Which signatures `closing_complete` carries for these parties (BOLT 2, the sender of `closing_complete`). */
export function closerVariants(parties: ClosingParties): CloserVariants {
  const { closer, closee } = parties;
  if (closer.balanceMsat < closee.balanceMsat) {
    const required: readonly ClosingVariant[] = isDust(closerOutput(parties)) ? ['closee_output_only'] : [];
    return {
      required,
      forbidden: ['closer_output_only'],
      usual: required.length > 0 ? required : ['closer_and_closee_outputs'],
    };
  }
  if (isDust(closeeOutput(parties))) {
    const required: readonly ClosingVariant[] = ['closer_output_only'];
    return { required, forbidden: ['closee_output_only', 'closer_and_closee_outputs'], usual: required };
  }
  const required: readonly ClosingVariant[] = ['closer_output_only', 'closer_and_closee_outputs'];
  return { required, forbidden: ['closee_output_only'], usual: required };
}

/** Whether the fee leaves nothing but dust, which the closer must not let happen. */
export const leavesOnlyDust = (parties: ClosingParties): boolean =>
  isDust(closerOutput(parties)) && isDust(closeeOutput(parties));

/**
 * Which signature the closee takes, of those that `closing_complete` has. `uneconomical` says what the closee thinks of its own
 * output. The selected one may be absent: then the closing fails.
 */
export function closeeVariant(
  parties: ClosingParties,
  present: ReadonlySet<ClosingVariant>,
  uneconomical = false,
): ClosingVariant {
  if (isDust(closeeOutput(parties))) return 'closer_output_only';
  if (uneconomical && !startsWithOpReturn(parties.closee.scriptpubkey)) return 'closer_output_only';
  return present.has('closer_and_closee_outputs') ? 'closer_and_closee_outputs' : 'closee_output_only';
}

const closerOutput = ({ closer, fee_satoshis }: ClosingParties): TransactionOutput =>
  closingOutput(closer.scriptpubkey, closer.balanceMsat / 1000n - fee_satoshis);

const closeeOutput = ({ closee }: ClosingParties): TransactionOutput =>
  closingOutput(closee.scriptpubkey, closee.balanceMsat / 1000n);

const closingOutput = (script: Uint8Array, amountSat: bigint): TransactionOutput => ({
  amountSat: startsWithOpReturn(script) ? 0n : amountSat,
  script,
});

const isDust = ({ amountSat, script }: TransactionOutput): boolean => amountSat < dustThresholdSat(script);

function closingTransaction(
  funding: Funding,
  outputs: readonly TransactionOutput[],
  sequence: number,
  lockTime: number,
): Closing {
  if (outputs.length === 0) return { impossible: 'no-outputs' };
  const transaction = makeTransaction({
    version: 2,
    inputs: [fundingInput(funding, sequence)],
    outputs: [...outputs].sort(compareOutputs),
    lockTime,
  });
  return { transaction };
}
