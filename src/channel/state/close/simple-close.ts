import type { Transaction } from '../../../bitcoin/transaction.ts';
import { equalBytes } from '../../../core/bytes.ts';
import { BoltgridError } from '../../../core/error.ts';
import { closerVariants, type ClosingVariant } from '../../transactions/closing.ts';
import { startsWithOpReturn } from '../../transactions/shutdown-script.ts';
import { assertRight } from '../right.ts';
import type { Fault, Performed, Received } from '../step.ts';
import { otherSide, type Side } from '../update.ts';
import {
  closingOf,
  completeFaults,
  partiesOf,
  selectVariant,
  signatureFaults,
  variantsIn,
  type ClosingFields,
} from './complete-rules.ts';
import { completeClosing, signClosing } from './signing.ts';
import type { ClosingScripts, ClosingTerms } from './terms.ts';

interface Offered {
  readonly fields: ClosingFields;
  /** Where the closer wanted to be paid before. */
  readonly previous_scriptpubkey: Uint8Array;
}

/** The negotiation with `option_simple_close` (BOLT 2, Closing Negotiation): each side closes once or more, at its own cost. */
export interface SimpleNegotiation {
  readonly name: 'closing_complete';
  /** By the last `shutdown` or `closing_complete` of each side. */
  readonly scriptpubkeys: ClosingScripts;
  /** The side's `closing_complete` that has no `closing_sig` yet. */
  readonly offered: Readonly<Partial<Record<Side, Offered>>>;
  /** Signed by both, in the order in which they were made; all spend the funding output. */
  readonly closings: readonly Transaction[];
  /** Whether we have sent `closing_complete` since the negotiation began, or began again. */
  readonly hasOffered: boolean;
}

export interface OwnClosing {
  /** What we pay. */
  readonly fee_satoshis: bigint;
  readonly locktime: number;
  /** Where it is another than the last. */
  readonly closer_scriptpubkey?: Uint8Array;
  /** Which signatures it has; without, the usual ones of a closer that thinks its output worth its cost. */
  readonly variants?: readonly ClosingVariant[];
}

/** Begins, and after a connection was lost begins again, with the scripts of the new `shutdown`s. */
export const beginSimple = (scriptpubkeys: ClosingScripts): SimpleNegotiation => ({
  name: 'closing_complete',
  scriptpubkeys,
  offered: {},
  closings: [],
  hasOffered: false,
});

export function receiveClosingComplete(
  state: SimpleNegotiation,
  terms: ClosingTerms,
  fields: ClosingFields,
): Received<SimpleNegotiation> {
  const faults = [...orderFaults(state, 'remote', fields), ...completeFaults('remote', terms, fields)];
  return { state: faults.length > 0 ? state : withOffer(state, 'remote', fields), faults };
}

/** Throws `channel.wrong-message` (harness) for a closing that we may not propose, `channel.no-closing` for one that cannot be paid. */
export function sendClosingComplete(
  state: SimpleNegotiation,
  terms: ClosingTerms,
  { fee_satoshis, locktime, closer_scriptpubkey = state.scriptpubkeys.local, variants }: OwnClosing,
): Performed<SimpleNegotiation> {
  const unsigned: ClosingFields = {
    channel_id: terms.terms.channel_id,
    closer_scriptpubkey,
    closee_scriptpubkey: state.scriptpubkeys.remote,
    fee_satoshis,
    locktime,
    tlvs: {},
  };
  const chosen = variants ?? closerVariants(partiesOf('local', terms, unsigned)).usual;
  const fields = signed('local', chosen, terms, unsigned);
  const faults = [...orderFaults(state, 'local', fields), ...completeFaults('local', terms, fields)];
  assertRight('closing_complete', faults);
  return {
    state: { ...withOffer(state, 'local', fields), hasOffered: true },
    send: [{ name: 'closing_complete', fields }],
    broadcast: [],
  };
}

/**
 * Signs what the peer's `closing_complete` proposed; the closing transaction is to be broadcast. `isUneconomical` says that our own
 * output is not worth its cost. Throws `channel.wrong-message` (harness) where nothing is to be signed, or not in that way.
 */
export function sendClosingSig(
  state: SimpleNegotiation,
  terms: ClosingTerms,
  isUneconomical = false,
): Performed<SimpleNegotiation> {
  const complete = state.offered.remote?.fields;
  const variant = complete && selectVariant('remote', terms, complete, isUneconomical);
  const signature = variant && complete.tlvs[variant]?.sig;
  if (!signature)
    throw new BoltgridError(
      'channel.wrong-message',
      'harness',
      'no closing_complete that closing_sig could answer',
    );
  const closing = transactionOf('remote', variant, terms, complete);
  const fields = signed('remote', [variant], terms, complete);
  return {
    state: withClosing(state, 'remote', completeClosing(closing, signature, terms)),
    send: [{ name: 'closing_sig', fields }],
    broadcast: [],
  };
}

export function receiveClosingSig(
  state: SimpleNegotiation,
  terms: ClosingTerms,
  fields: ClosingFields,
): Received<SimpleNegotiation> {
  const complete = state.offered.local?.fields;
  if (!complete) {
    const expected = 'closing_sig after closing_complete only';
    return { state, faults: [{ requirement: 'bolt02-closing-complete-39', expected, got: 'closing_sig' }] };
  }
  const faults = [...matchFaults(complete, fields), ...answerFaults(complete, terms, fields)];
  const [variant] = variantsIn(fields);
  const signature = variant && fields.tlvs[variant]?.sig;
  if (faults.length > 0 || !signature) return { state, faults };
  const closing = completeClosing(transactionOf('local', variant, terms, complete), signature, terms);
  return { state: withClosing(state, 'local', closing), faults };
}

/** Which messages of ours are owed, by the requirement that says so. */
export function owedInSimpleClose({
  offered,
  hasOffered,
}: SimpleNegotiation): readonly ('bolt02-closing-complete-37' | 'bolt02-closing-complete-01')[] {
  return [
    ...(offered.remote ? (['bolt02-closing-complete-37'] as const) : []),
    ...(hasOffered ? [] : (['bolt02-closing-complete-01'] as const)),
  ];
}

/** What the message shows against what was sent before. */
function orderFaults(
  { scriptpubkeys, offered }: SimpleNegotiation,
  closer: Side,
  { closee_scriptpubkey }: ClosingFields,
): readonly Fault[] {
  const faults: Fault[] = [];
  if (offered[closer])
    faults.push({
      requirement: 'bolt02-closing-complete-18',
      expected: 'closing_sig before another closing_complete',
      got: 'closing_complete',
    });
  const closee = otherSide(closer);
  const expected = scriptpubkeys[closee];
  if (equalBytes(expected, closee_scriptpubkey)) return faults;
  // The closee has just sent another script, which the closer may not have seen: it is ignored, but no breach of the closer's.
  const previous = offered[closee]?.previous_scriptpubkey;
  const isStale = previous !== undefined && equalBytes(previous, closee_scriptpubkey);
  const requirement = isStale ? 'bolt02-closing-complete-21' : 'bolt02-closing-complete-05';
  return [...faults, { requirement, expected, got: closee_scriptpubkey, note: 'closee_scriptpubkey' }];
}

function matchFaults(complete: ClosingFields, fields: ClosingFields): readonly Fault[] {
  const faultOf = (
    note: 'closer_scriptpubkey' | 'closee_scriptpubkey' | 'fee_satoshis' | 'locktime',
  ): Fault => ({
    requirement: 'bolt02-closing-complete-39',
    expected: complete[note],
    got: fields[note],
    note,
  });
  return [
    ...(['closer_scriptpubkey', 'closee_scriptpubkey'] as const)
      .filter((name) => !equalBytes(complete[name], fields[name]))
      .map(faultOf),
    ...(['fee_satoshis', 'locktime'] as const).filter((name) => complete[name] !== fields[name]).map(faultOf),
  ];
}

const OF_SIG = { bad: 'bolt02-closing-complete-37', highS: 'bolt02-closing-complete-43' };

/** Of the signature in `closing_sig`, for what `complete` proposed. */
function answerFaults(
  complete: ClosingFields,
  terms: ClosingTerms,
  { tlvs }: ClosingFields,
): readonly Fault[] {
  const offered = variantsIn(complete);
  const answered = variantsIn({ ...complete, tlvs });
  const [variant] = answered;
  if (!variant || answered.length > 1 || !offered.includes(variant)) {
    const expected = `one signature of ${offered.join(', ')}`;
    return [{ requirement: 'bolt02-closing-complete-37', expected, got: answered }];
  }
  return [
    ...selectionFaults(complete, offered, variant),
    ...signatureFaults('remote', 'local', terms, { ...complete, tlvs }, OF_SIG),
  ];
}

/** Of a closee that had the choice. That its output is not worth its cost is for itself to say. */
function selectionFaults(
  { closee_scriptpubkey }: ClosingFields,
  offered: readonly ClosingVariant[],
  variant: ClosingVariant,
): readonly Fault[] {
  const expected: ClosingVariant = 'closer_and_closee_outputs';
  if (variant === expected || !offered.includes(expected)) return [];
  if (variant === 'closee_output_only')
    return [{ requirement: 'bolt02-closing-complete-31', expected, got: variant }];
  return startsWithOpReturn(closee_scriptpubkey)
    ? [{ requirement: 'bolt02-closing-complete-30', expected, got: variant }]
    : [];
}

/** The message with our signatures of these variants. */
const signed = (
  closer: Side,
  variants: readonly ClosingVariant[],
  terms: ClosingTerms,
  fields: ClosingFields,
): ClosingFields => ({
  ...fields,
  tlvs: Object.fromEntries(
    variants.map((variant) => [
      variant,
      { sig: signClosing(transactionOf(closer, variant, terms, fields), terms) },
    ]),
  ),
});

function transactionOf(
  closer: Side,
  variant: ClosingVariant,
  terms: ClosingTerms,
  fields: ClosingFields,
): Transaction {
  const closing = closingOf(closer, variant, terms, fields);
  if ('transaction' in closing) return closing.transaction;
  throw new BoltgridError('channel.no-closing', 'harness', `no closing transaction: ${closing.impossible}`, {
    hint: 'Choose a lower fee.',
  });
}

const withOffer = (
  { scriptpubkeys, offered, ...rest }: SimpleNegotiation,
  closer: Side,
  fields: ClosingFields,
): SimpleNegotiation => ({
  ...rest,
  scriptpubkeys: { ...scriptpubkeys, [closer]: fields.closer_scriptpubkey },
  offered: { ...offered, [closer]: { fields, previous_scriptpubkey: scriptpubkeys[closer] } },
});

function withClosing(state: SimpleNegotiation, closer: Side, closing: Transaction): SimpleNegotiation {
  const other = state.offered[otherSide(closer)];
  return {
    ...state,
    offered: other ? { [otherSide(closer)]: other } : {},
    closings: [...state.closings, closing],
  };
}
