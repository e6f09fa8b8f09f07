import { EMPTY, equalBytes } from '../../../core/bytes.ts';
import {
  closeeVariant,
  type ClosingParties,
  type ClosingVariant,
  closerVariants,
  leavesOnlyDust,
  simpleClosing,
} from '../../transactions/closing.ts';
import { isShutdownScript, startsWithOpReturn } from '../../transactions/shutdown-script.ts';
import type { RequirementId } from '../../../spec/requirement.ts';
import type { Fault, Message } from '../step.ts';
import { otherSide, type Side } from '../update.ts';
import { judgeSignature } from './signing.ts';
import type { ClosingTerms } from './terms.ts';

/** Rules of `closing_complete` and `closing_sig` (BOLT 2, Closing Negotiation). `closer` is the side that sends the first and pays. */

/** `closing_sig` has the same. */
export type ClosingFields = Message<'closing_complete'>['fields'];

const VARIANTS = ['closer_output_only', 'closee_output_only', 'closer_and_closee_outputs'] as const;

export const partiesOf = (
  closer: Side,
  { balanceMsat }: ClosingTerms,
  fields: ClosingFields,
): ClosingParties => ({
  closer: { balanceMsat: balanceMsat[closer], scriptpubkey: fields.closer_scriptpubkey },
  closee: { balanceMsat: balanceMsat[otherSide(closer)], scriptpubkey: fields.closee_scriptpubkey },
  fee_satoshis: fields.fee_satoshis,
});

export const closingOf = (
  closer: Side,
  variant: ClosingVariant,
  terms: ClosingTerms,
  fields: ClosingFields,
) =>
  simpleClosing({
    ...partiesOf(closer, terms, fields),
    funding: terms.funding,
    locktime: fields.locktime,
    variant,
  });

export const variantsIn = ({ tlvs }: ClosingFields): readonly ClosingVariant[] =>
  VARIANTS.filter((variant) => tlvs[variant]);

/** Which signature the closee takes, where `fields` has it. */
export function selectVariant(
  closer: Side,
  terms: ClosingTerms,
  fields: ClosingFields,
  isUneconomical: boolean,
): ClosingVariant | undefined {
  const present = new Set(variantsIn(fields));
  const selected = closeeVariant(partiesOf(closer, terms, fields), present, isUneconomical);
  return present.has(selected) ? selected : undefined;
}

const OF_COMPLETE = { bad: 'bolt02-closing-complete-17', highS: 'bolt02-closing-complete-35' };

/** All that the message shows by itself, without what was sent before. */
export function completeFaults(closer: Side, terms: ClosingTerms, fields: ClosingFields): readonly Fault[] {
  const parties = partiesOf(closer, terms, fields);
  const mostSat = parties.closer.balanceMsat / 1000n;
  const scripts = closerScriptFaults(closer, terms, fields.closer_scriptpubkey);
  if (fields.fee_satoshis > mostSat) {
    const expected = `at most ${mostSat}`;
    return [...scripts, { requirement: 'bolt02-closing-complete-02', expected, got: fields.fee_satoshis }];
  }
  if (leavesOnlyDust(parties)) {
    const expected = 'a fee that leaves an output above dust';
    return [...scripts, { requirement: 'bolt02-closing-complete-03', expected, got: fields.fee_satoshis }];
  }
  const faults = [
    ...scripts,
    ...variantFaults(parties, fields),
    ...signatureFaults(closer, closer, terms, fields, OF_COMPLETE),
  ];
  if (faults.length > 0 || selectVariant(closer, terms, fields, false)) return faults;
  const expected = 'a signature that the closee can take';
  return [{ requirement: 'bolt02-closing-complete-33', expected, got: variantsIn(fields) }];
}

function closerScriptFaults(
  closer: Side,
  { terms, features }: ClosingTerms,
  closer_scriptpubkey: Uint8Array,
): readonly Fault[] {
  const requirement = 'bolt02-closing-complete-24';
  if (!isShutdownScript(closer_scriptpubkey, features))
    return [{ requirement, expected: 'a form of scriptpubkey', got: closer_scriptpubkey }];
  const upfront = terms[closer].upfront_shutdown_script ?? EMPTY;
  // A closer may give up its output by OP_RETURN, whatever it promised.
  if (
    upfront.length === 0 ||
    startsWithOpReturn(closer_scriptpubkey) ||
    equalBytes(upfront, closer_scriptpubkey)
  )
    return [];
  return [{ requirement, expected: upfront, got: closer_scriptpubkey, note: 'upfront_shutdown_script' }];
}

function variantFaults(parties: ClosingParties, fields: ClosingFields): readonly Fault[] {
  const present = variantsIn(fields);
  const { required, forbidden } = closerVariants(parties);
  const isLesser = parties.closer.balanceMsat < parties.closee.balanceMsat;
  const isCloseeDust = forbidden.includes('closer_and_closee_outputs');
  const faultOf = (nn: string, expected: string): Fault => ({
    requirement: `bolt02-closing-complete-${nn}`,
    expected,
    got: present,
  });
  const faults = forbidden
    .filter((variant) => present.includes(variant))
    .map((variant) => faultOf(forbiddenBy(isLesser, variant), `no ${variant}`));
  if (required.some((variant) => !present.includes(variant))) {
    const nn = isLesser ? '08' : isCloseeDust ? '13' : '15';
    faults.push(faultOf(nn, required.join(' and ')));
  }
  const isGivenUp = isLesser && required.length === 0 && present.includes('closee_output_only');
  if (isGivenUp && startsWithOpReturn(parties.closer.scriptpubkey))
    faults.push(faultOf('09', 'no closee_output_only with OP_RETURN'));
  return faults;
}

/** The sentence that forbids a signature, to a closer that has less than the closee, and to any other. */
function forbiddenBy(isLesser: boolean, variant: ClosingVariant): string {
  if (isLesser) return '07';
  return variant === 'closer_and_closee_outputs' ? '14' : '10';
}

/** Of every signature in the message, `by` who sent it. */
export const signatureFaults = (
  by: Side,
  closer: Side,
  terms: ClosingTerms,
  fields: ClosingFields,
  requirements: { readonly bad: RequirementId; readonly highS: RequirementId },
): readonly Fault[] =>
  VARIANTS.flatMap((note) => {
    const signature = fields.tlvs[note]?.sig;
    if (!signature) return [];
    const closing = closingOf(closer, note, terms, fields);
    const quality =
      'transaction' in closing ? judgeSignature(closing.transaction, by, signature, terms) : 'bad';
    switch (quality) {
      case 'good':
        return [];
      case 'high-s':
        return [{ requirement: requirements.highS, expected: 'a low S', got: signature, note }];
      case 'bad':
        return [
          { requirement: requirements.bad, expected: 'a signature of that variant', got: signature, note },
        ];
    }
  });
