import type { Transaction } from '../../../bitcoin/transaction.ts';
import { BoltgridError } from '../../../core/error.ts';
import { legacyClosing } from '../../transactions/closing.ts';
import { dustThresholdSat } from '../../transactions/dust.ts';
import { assertRight } from '../right.ts';
import type { Fault, Message, Performed, Received } from '../step.ts';
import { otherSide, type Side } from '../update.ts';
import { feeFaults, isAgreed, overlap, type FeeProposal, type FeeProposals } from './fee-rules.ts';
import { completeClosing, judgeSignature, signClosing } from './signing.ts';
import type { ClosingScripts, ClosingTerms } from './terms.ts';

type ClosingSignedFields = Message<'closing_signed'>['fields'];

/** The negotiation without `option_simple_close` (BOLT 2, Legacy Closing Negotiation). */
export interface LegacyNegotiation {
  readonly name: 'closing_signed';
  readonly scriptpubkeys: ClosingScripts;
  readonly proposals: FeeProposals;
  /** Whose `closing_signed` came last. */
  readonly last?: Side;
  /** What the peer's last proposal signs, with both signatures: good to broadcast, agreed or not. */
  readonly countersigned?: Transaction;
}

export interface ClosingProposal extends FeeProposal {
  /** A node may leave out its own output. */
  readonly withoutOwnOutput?: boolean;
}

/** Begins, and after a connection was lost begins again. */
export const beginLegacy = (scriptpubkeys: ClosingScripts): LegacyNegotiation => ({
  name: 'closing_signed',
  scriptpubkeys,
  proposals: {},
});

export function receiveClosingSigned(
  state: LegacyNegotiation,
  terms: ClosingTerms,
  { fee_satoshis, signature, tlvs: { fee_range } }: ClosingSignedFields,
): Received<LegacyNegotiation> {
  const proposal: FeeProposal = { fee_satoshis, ...(fee_range && { fee_range }) };
  const { signed, faults: signatureFaults } = whatIsSigned(state, terms, fee_satoshis, signature);
  const faults = [
    ...feeFaults('remote', terms.terms.opener, state.proposals, proposal),
    ...signatureFaults,
    ...(signed ? relayFaults(signed) : []),
  ];
  if (faults.length > 0 || !signed) return { state, faults };
  const countersigned = completeClosing(signed, signature, terms);
  return { state: { ...withProposal(state, 'remote', proposal), countersigned }, faults };
}

/** Throws `channel.wrong-message` (harness) for a fee that we may not propose now, `channel.no-closing` for one that cannot be paid. */
export function sendClosingSigned(
  state: LegacyNegotiation,
  terms: ClosingTerms,
  { fee_satoshis, fee_range, withoutOwnOutput = false }: ClosingProposal,
): Performed<LegacyNegotiation> {
  const proposal: FeeProposal = { fee_satoshis, ...(fee_range && { fee_range }) };
  assertRight('closing_signed', feeFaults('local', terms.terms.opener, state.proposals, proposal));
  const closing = closingOf(state, terms, 'local', fee_satoshis, withoutOwnOutput);
  if (!('transaction' in closing))
    throw new BoltgridError(
      'channel.no-closing',
      'harness',
      `no closing transaction: ${closing.impossible}`,
      {
        hint: 'Choose a lower fee.',
      },
    );
  const fields: ClosingSignedFields = {
    channel_id: terms.terms.channel_id,
    fee_satoshis,
    signature: signClosing(closing.transaction, terms),
    tlvs: fee_range ? { fee_range } : {},
  };
  return {
    state: withProposal(state, 'local', proposal),
    send: [{ name: 'closing_signed', fields }],
    broadcast: [],
  };
}

/** The closing transaction that was agreed on, of which we have the peer's signature. */
export const agreedClosing = ({
  proposals,
  last,
  countersigned,
}: LegacyNegotiation): Transaction | undefined => {
  const { local, remote } = proposals;
  if (!local || !remote) return undefined;
  const isEqual = local.fee_satoshis === remote.fee_satoshis;
  return isEqual || (last === 'remote' && isAgreed(remote, local)) ? countersigned : undefined;
};

type OwedClosingSigned =
  | 'bolt02-closing-signed-01'
  | 'bolt02-closing-signed-12'
  | 'bolt02-closing-signed-19'
  | 'bolt02-closing-signed-22';

/** Why a `closing_signed` of ours is owed, by the requirement that says so. `answerFee` has one to send. */
export function owedClosingSigned(
  { proposals: { local, remote }, last }: LegacyNegotiation,
  { terms: { opener } }: ClosingTerms,
): OwedClosingSigned | undefined {
  if (!remote) return opener === 'local' && !local ? 'bolt02-closing-signed-01' : undefined;
  if (last === 'local' || local?.fee_satoshis === remote.fee_satoshis) return undefined;
  if (isAgreed(remote, local)) return 'bolt02-closing-signed-12';
  return remote.fee_range ? 'bolt02-closing-signed-19' : 'bolt02-closing-signed-22';
}

/** Both sides gave a `fee_range`, and no fee is in both: the channel fails unless the peer gives a better one. */
export function isWithoutOverlap({ proposals: { local, remote } }: LegacyNegotiation): boolean {
  if (!local?.fee_range || !remote?.fee_range) return false;
  return overlap(local.fee_range, remote.fee_range) === undefined;
}

/** What `closing_signed` should have, and a negotiation can do without. Looked at before the message is received. */
export function departures(
  { proposals: { local } }: LegacyNegotiation,
  { terms: { opener } }: ClosingTerms,
  { tlvs: { fee_range } }: ClosingSignedFields,
): readonly Fault[] {
  if (!fee_range) return [{ requirement: 'bolt02-closing-signed-03', expected: 'fee_range', got: undefined }];
  const most = local?.fee_range?.max_fee_satoshis;
  if (opener === 'remote' || most === undefined || fee_range.max_fee_satoshis >= most) return [];
  return [
    {
      requirement: 'bolt02-closing-signed-05',
      expected: `max_fee_satoshis of at least ${most}`,
      got: fee_range.max_fee_satoshis,
    },
  ];
}

const withProposal = (state: LegacyNegotiation, by: Side, proposal: FeeProposal): LegacyNegotiation => ({
  ...state,
  proposals: { ...state.proposals, [by]: proposal },
  last: by,
});

/** BOLT 3, Legacy Closing Transaction: whoever signs leaves out what is below its own limit, and may leave out its own output. */
function closingOf(
  { scriptpubkeys }: LegacyNegotiation,
  { terms, funding, balanceMsat }: ClosingTerms,
  by: Side,
  fee_satoshis: bigint,
  withoutOwnOutput: boolean,
) {
  const { opener } = terms;
  const sideOf = (side: Side) => ({ balanceMsat: balanceMsat[side], scriptpubkey: scriptpubkeys[side] });
  return legacyClosing({
    funding,
    funder: sideOf(opener),
    fundee: sideOf(otherSide(opener)),
    fee_satoshis,
    dust_limit_satoshis: terms[by].dust_limit_satoshis,
    ...(withoutOwnOutput && { without: by === opener ? 'funder' : 'fundee' }),
  });
}

/** Which variant the peer's signature is for. */
function whatIsSigned(
  state: LegacyNegotiation,
  terms: ClosingTerms,
  fee_satoshis: bigint,
  signature: Uint8Array,
): { readonly signed?: Transaction; readonly faults: readonly Fault[] } {
  const closings = [false, true].map((without) => closingOf(state, terms, 'remote', fee_satoshis, without));
  const variants = closings.flatMap((closing) => ('transaction' in closing ? [closing.transaction] : []));
  for (const signed of variants) {
    const quality = judgeSignature(signed, 'remote', signature, terms);
    if (quality === 'good') return { signed, faults: [] };
    if (quality === 'high-s')
      return { faults: [{ requirement: 'bolt02-closing-signed-08', expected: 'a low S', got: signature }] };
  }
  const fault: Fault = {
    requirement: 'bolt02-closing-signed-07',
    expected: 'a signature of either variant of the closing transaction',
    got: signature,
  };
  const [first] = closings;
  return { faults: [first && 'impossible' in first ? { ...fault, note: first.impossible } : fault] };
}

/** Not to be relayed, the transaction would never be mined. */
const relayFaults = ({ outputs }: Transaction): readonly Fault[] =>
  outputs
    .filter(({ amountSat, script }) => amountSat < dustThresholdSat(script))
    .map(({ amountSat, script }) => ({
      requirement: 'bolt02-closing-signed-23',
      expected: `at least ${dustThresholdSat(script)} satoshis`,
      got: amountSat,
    }));
