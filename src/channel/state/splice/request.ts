import { BoltgridError } from '../../../core/error.ts';
import { defaultCrypto } from '../../../crypto/crypto.ts';
import { type AckRbf, contributionOf, type InitRbf } from '../interactive/rbf-rules.ts';
import { assertRight } from '../right.ts';
import type { Message, Performed, Received } from '../step.ts';
import { otherSide, type Side } from '../update.ts';
import { isAborting } from './abort.ts';
import { startConstruction } from './construction.ts';
import {
  ackRbfFaults,
  initRbfFaults,
  spliceAckFaults,
  type SpliceAck,
  spliceInitFaults,
  type SpliceInit,
} from './request-rules.ts';
import type { Answered, Contribution, Requested, SpliceConditions, Splicing } from './states.ts';

/** From the request to the start of the construction. A request that is refused is answered by `sendTxAbort`. */

export interface SpliceChoices {
  /** Below 0 to splice out. */
  readonly funding_contribution_satoshis: bigint;
  readonly local_funding_privkey: Uint8Array;
  readonly require_confirmed_inputs?: boolean;
}

/** Sends `splice_init`. */
export function sendSpliceInit(
  state: Splicing,
  conditions: SpliceConditions,
  choices: SpliceChoices & { readonly funding_feerate_perkw: number; readonly locktime: number },
): Performed<Splicing> {
  const { funding_feerate_perkw, locktime } = choices;
  const fields = {
    channel_id: state.commitments.terms.channel_id,
    funding_feerate_perkw,
    locktime,
    ...spliceFields(choices),
  };
  assertRight('splice_init', spliceInitFaults(state, conditions, 'local', fields));
  const negotiation = splicing('local', fields, choices.local_funding_privkey);
  return sent({ ...state, negotiation }, { name: 'splice_init', fields });
}

export function receiveSpliceInit(
  state: Splicing,
  conditions: SpliceConditions,
  fields: SpliceInit,
): Received<Splicing> {
  const faults = spliceInitFaults(state, conditions, 'remote', fields);
  if (faults.length > 0) return { state, faults };
  return { state: { ...state, negotiation: splicing('remote', fields, undefined) }, faults };
}

/** Sends `splice_ack`: the remote then begins the construction. */
export function sendSpliceAck(
  state: Splicing,
  conditions: SpliceConditions,
  choices: SpliceChoices,
): Performed<Splicing> {
  const fields = { channel_id: state.commitments.terms.channel_id, ...spliceFields(choices) };
  assertRight('splice_ack', spliceAckFaults(state, 'local', fields));
  const requested = requestOf(state);
  const next = answered(
    state,
    conditions,
    requested,
    spliceContribution(fields),
    choices.local_funding_privkey,
  );
  return sent(next, { name: 'splice_ack', fields });
}

/** Now we begin the construction. What has crossed our `tx_abort` is ignored. */
export function receiveSpliceAck(
  state: Splicing,
  conditions: SpliceConditions,
  fields: SpliceAck,
): Received<Splicing> {
  if (isAborting(state)) return { state, faults: [] };
  const faults = spliceAckFaults(state, 'remote', fields);
  if (faults.length > 0) return { state, faults };
  const requested = requestOf(state);
  const { local_funding_privkey } = requested;
  return {
    state: answered(state, conditions, requested, spliceContribution(fields), local_funding_privkey),
    faults,
  };
}

export interface RbfChoices {
  /** 0 for a side that does not contribute. */
  readonly funding_output_contribution: bigint;
  readonly require_confirmed_inputs?: boolean;
}

/** Sends `tx_init_rbf`, for a splice that either side began. */
export function sendTxInitRbf(
  state: Splicing,
  conditions: SpliceConditions,
  choices: RbfChoices & { readonly feerate: number; readonly locktime: number },
): Performed<Splicing> {
  const { feerate, locktime } = choices;
  const { channel_id } = state.commitments.terms;
  const fields = { channel_id, feerate, locktime, tlvs: rbfRecords(choices) };
  assertRight('tx_init_rbf', initRbfFaults(state, conditions, 'local', fields));
  return sent({ ...state, negotiation: replacing(state, 'local', fields) }, { name: 'tx_init_rbf', fields });
}

export function receiveTxInitRbf(
  state: Splicing,
  conditions: SpliceConditions,
  fields: InitRbf,
): Received<Splicing> {
  const faults = initRbfFaults(state, conditions, 'remote', fields);
  if (faults.length > 0) return { state, faults };
  return { state: { ...state, negotiation: replacing(state, 'remote', fields) }, faults };
}

/** Sends `tx_ack_rbf`. */
export function sendTxAckRbf(
  state: Splicing,
  conditions: SpliceConditions,
  choices: RbfChoices,
): Performed<Splicing> {
  const fields = { channel_id: state.commitments.terms.channel_id, tlvs: rbfRecords(choices) };
  assertRight('tx_ack_rbf', ackRbfFaults(state, 'local', fields));
  return sent(answeredRbf(state, conditions, 'local', fields), { name: 'tx_ack_rbf', fields });
}

export function receiveTxAckRbf(
  state: Splicing,
  conditions: SpliceConditions,
  fields: AckRbf,
): Received<Splicing> {
  if (isAborting(state)) return { state, faults: [] };
  const faults = ackRbfFaults(state, 'remote', fields);
  return { state: faults.length > 0 ? state : answeredRbf(state, conditions, 'remote', fields), faults };
}

const sent = (state: Splicing, message: Message): Performed<Splicing> => ({
  state,
  send: [message],
  broadcast: [],
});

const spliceFields = (choices: SpliceChoices) => ({
  funding_contribution_satoshis: choices.funding_contribution_satoshis,
  funding_pubkey: defaultCrypto.curve.publicKey(choices.local_funding_privkey),
  tlvs: confirmedRecord(choices),
});

const confirmedRecord = ({ require_confirmed_inputs = false }: Partial<SpliceChoices>) =>
  require_confirmed_inputs ? { require_confirmed_inputs: {} } : {};

const rbfRecords = (choices: RbfChoices) => ({
  ...(choices.funding_output_contribution !== 0n && {
    funding_output_contribution: { satoshis: choices.funding_output_contribution },
  }),
  ...(choices.require_confirmed_inputs && { require_confirmed_inputs: {} }),
});

const spliceContribution = ({
  funding_contribution_satoshis,
  funding_pubkey,
  tlvs,
}: SpliceInit | SpliceAck): Contribution => ({
  funding_contribution_satoshis,
  funding_pubkey,
  require_confirmed_inputs: tlvs.require_confirmed_inputs !== undefined,
});

const splicing = (
  initiator: Side,
  fields: SpliceInit,
  local_funding_privkey: Uint8Array | undefined,
): Requested => ({
  name: 'requested',
  kind: 'splice',
  initiator,
  feerate_per_kw: fields.funding_feerate_perkw,
  locktime: fields.locktime,
  contribution: spliceContribution(fields),
  local_funding_privkey,
});

/** A replacement keeps both keys: its messages have none. */
function replacing(state: Splicing, initiator: Side, fields: InitRbf): Requested {
  const { local_funding_privkey } = replaced(state);
  return {
    name: 'requested',
    kind: 'rbf',
    initiator,
    feerate_per_kw: fields.feerate,
    locktime: fields.locktime,
    contribution: rbfContribution(state, initiator, fields),
    local_funding_privkey,
  };
}

const rbfContribution = (state: Splicing, by: Side, fields: InitRbf | AckRbf): Contribution => ({
  funding_contribution_satoshis: contributionOf(fields),
  funding_pubkey: replaced(state).contributions[by].funding_pubkey,
  require_confirmed_inputs: fields.tlvs.require_confirmed_inputs !== undefined,
});

function answeredRbf(state: Splicing, conditions: SpliceConditions, by: Side, fields: AckRbf): Splicing {
  const requested = requestOf(state);
  const contribution = rbfContribution(state, by, fields);
  return answered(state, conditions, requested, contribution, requested.local_funding_privkey);
}

function answered(
  state: Splicing,
  conditions: SpliceConditions,
  { kind, initiator, feerate_per_kw, locktime, contribution: asked }: Requested,
  answer: Contribution,
  local_funding_privkey: Uint8Array | undefined,
): Splicing {
  if (!local_funding_privkey) throw broken('our side of a splice has no funding key');
  const contributions =
    otherSide(initiator) === 'local' ? { local: answer, remote: asked } : { local: asked, remote: answer };
  const terms: Answered = { kind, initiator, feerate_per_kw, locktime, contributions, local_funding_privkey };
  return { ...state, negotiation: startConstruction(state, conditions, terms) };
}

function replaced({ pending }: Splicing) {
  const last = pending.at(-1);
  if (last) return last;
  throw broken('a replacement was asked for, but there is no splice');
}

function requestOf({ negotiation }: Splicing): Requested {
  if (negotiation?.name === 'requested') return negotiation;
  throw broken('an answer was taken for no request');
}

const broken = (what: string): BoltgridError => new BoltgridError('channel.invariant', 'harness', what);
