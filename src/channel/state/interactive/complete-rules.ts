import { outpoint } from '../../../bitcoin/transaction.ts';
import { equalBytes } from '../../../core/bytes.ts';
import type { RequirementId } from '../../../spec/requirement.ts';
import type { Fault } from '../step.ts';
import type { Side } from '../update.ts';
import type { AddedOutput, Constructed, Constructing } from './states.ts';
import { addedBy, estimatedWeight, leastFeeSat } from './weights.ts';

const MOST_PARTS = 252;
const MAX_STANDARD_TX_WEIGHT = 400_000;

/** What is wrong with the transaction by what `side` added to it, once both sides have sent `tx_complete` in succession. */
export const completeFaults = (state: Constructing, side: Side): Fault[] => [
  ...sizeFaults(state),
  ...(state.agreement.initiator === side ? sharedFaults(state) : []),
  ...shareFaults(state, side),
  ...replacementFaults(state, side),
];

/** The funding output: what the initiator added to the agreed script. */
export const fundingOutputs = ({ agreement, outputs }: Constructing): readonly AddedOutput[] =>
  outputs.filter(
    (output) =>
      output.addedBy === agreement.initiator && equalBytes(output.script, agreement.sharedOutput.script),
  );

export const totalFeeSat = ({ inputs, outputs }: Pick<Constructing, 'inputs' | 'outputs'>): bigint =>
  inputs.reduce((sum, { spent }) => sum + spent.amountSat, 0n) -
  outputs.reduce((sum, { amountSat }) => sum + amountSat, 0n);

function sizeFaults({ inputs, outputs }: Constructing): Fault[] {
  const weight = estimatedWeight({ inputs, outputs });
  const faultOf = (requirement: RequirementId, most: number, got: number, what: string): Fault[] =>
    got <= most ? [] : [{ requirement, expected: `at most ${most} ${what}`, got }];
  return [
    ...faultOf('bolt02-tx-complete-06', MOST_PARTS, inputs.length, 'inputs'),
    ...faultOf('bolt02-tx-complete-07', MOST_PARTS, outputs.length, 'outputs'),
    ...faultOf('bolt02-tx-complete-08', MAX_STANDARD_TX_WEIGHT, weight, 'weight units'),
  ];
}

function sharedFaults(state: Constructing): Fault[] {
  const { agreement, inputs } = state;
  const { sharedInput, sharedOutput: expected, dust_limit_satoshis } = agreement;
  const [first, ...others] = fundingOutputs(state);
  const note = 'funding output';
  const faults: Fault[] = [];
  if (sharedInput && !inputs.some(({ isShared }) => isShared))
    faults.push({
      requirement: 'bolt02-splice-tx-complete-02',
      expected: outpoint({ txid: sharedInput.funding.txid, vout: sharedInput.funding.output_index }),
      got: 'no such input',
    });
  if (!first)
    faults.push({
      requirement: sharedInput ? 'bolt02-splice-tx-add-output-01' : 'bolt02-v2-tx-add-output-01',
      expected,
      got: undefined,
      note,
    });
  else if (first.amountSat !== expected.amountSat)
    faults.push({
      requirement: sharedInput ? 'bolt02-splice-tx-add-output-02' : 'bolt02-v2-tx-complete-02',
      expected: expected.amountSat,
      got: first.amountSat,
      note,
    });
  if (sharedInput && others.length > 0)
    faults.push({
      requirement: 'bolt02-splice-tx-complete-03',
      expected: 'one funding output',
      got: 1 + others.length,
      note,
    });
  if (first && !sharedInput && first.amountSat < dust_limit_satoshis)
    faults.push({
      requirement: 'bolt02-v2-tx-complete-03',
      expected: `at least ${dust_limit_satoshis} satoshis`,
      got: first.amountSat,
      note,
    });
  return faults;
}

/** Whether a side pays for what it added. What is shared counts by what the side contributes to it. */
function shareFaults(state: Constructing, side: Side): Fault[] {
  const { agreement, inputs, outputs } = state;
  const [funding] = fundingOutputs(state);
  const own = {
    inputs: inputs.filter((input) => input.addedBy === side && !input.isShared),
    outputs: outputs.filter((output) => output.addedBy === side && output !== funding),
  };
  const paidSat = totalFeeSat(own) - agreement.contributions[side];
  if (paidSat < 0n)
    return [
      {
        requirement: 'bolt02-tx-complete-03',
        expected: 'inputs worth no less than the outputs and the share of the funding output',
        got: `${-paidSat} satoshis less`,
      },
    ];
  const faultOf = (requirement: RequirementId, common: boolean): Fault[] => {
    const least = leastFeeSat(state, side, common);
    return paidSat >= least
      ? []
      : [{ requirement, expected: `a fee of at least ${least} satoshis`, got: paidSat }];
  };
  const faults = faultOf('bolt02-tx-complete-04', false);
  if (faults.length > 0 || agreement.initiator !== side) return faults;
  return faultOf('bolt02-tx-complete-05', true);
}

/** Of the attempts that this one replaces, at most one can confirm, and it is the better one. */
function replacementFaults(state: Constructing, side: Side): Fault[] {
  const { agreement, inputs } = state;
  const { previous, sharedInput } = agreement;
  const isInitiator = agreement.initiator === side;
  const spent = new Set(inputs.map(outpoint));
  const spentByUs = new Set(inputs.filter(addedBy(side)).map(outpoint));
  const faults: Fault[] = [];
  const last = previous.at(-1);
  if (isInitiator && last && totalFeeSat(state) < last.feeSat)
    faults.push({
      requirement: sharedInput ? 'bolt02-splice-tx-complete-04' : 'bolt02-v2-tx-complete-04',
      expected: `fees of at least ${last.feeSat} satoshis`,
      got: totalFeeSat(state),
    });
  for (const attempt of previous) {
    if (isInitiator && !attempt.inputs.some((input) => spent.has(outpoint(input))))
      faults.push({
        requirement: 'bolt02-v2-tx-complete-05',
        expected: `an input of ${attempt.transaction.txid}`,
        got: 'none',
      });
    else if (isMissed(attempt, side, spentByUs))
      faults.push({
        requirement: isInitiator ? 'bolt02-tx-init-rbf-04' : 'bolt02-tx-ack-rbf-03',
        expected: `one of the side's own inputs of ${attempt.transaction.txid}`,
        got: 'none',
      });
  }
  return faults;
}

/** The shared input is nobody's own, and is in every attempt. */
function isMissed({ inputs }: Constructed, side: Side, spent: ReadonlySet<string>): boolean {
  const own = inputs.filter((input) => input.addedBy === side && !input.isShared);
  return own.length > 0 && !own.some((input) => spent.has(outpoint(input)));
}
