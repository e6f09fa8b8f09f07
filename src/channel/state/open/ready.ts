import type { Transaction, TransactionOutput } from '../../../bitcoin/transaction.ts';
import { equalBytes } from '../../../core/bytes.ts';
import { BoltgridError } from '../../../core/error.ts';
import { localPoint, withSecondPoint } from '../commitments.ts';
import type { Performed, Received } from '../step.ts';
import type { Side } from '../update.ts';
import { type ReadyFields, readyFaults } from './ready-rules.ts';
import { assertRight } from '../right.ts';
import type { AwaitsChannelReady, Funded, Readying } from './states.ts';

/** From the first signatures to the open channel. */

/** `unbroadcast` is the opener's funding transaction. */
export function signed(funded: Funded, unbroadcast?: Transaction): AwaitsChannelReady {
  const { commitments, fundingOutput, minimum_depth, isAliasNegotiated } = funded;
  return {
    name: 'awaits_channel_ready',
    commitments,
    fundingOutput,
    minimum_depth,
    isAliasNegotiated,
    unbroadcast,
    depth: 0,
    short_channel_id: undefined,
    aliases: { local: [], remote: [] },
    isSent: false,
  };
}

/** The opener broadcasts the funding transaction, which it may since `funding_signed` has come. */
export function broadcastFunding<S extends Readying>(state: S): Performed<S> {
  const { unbroadcast } = state;
  if (!unbroadcast)
    throw new BoltgridError(
      'channel.nothing-to-broadcast',
      'harness',
      'there is no funding transaction of ours that is not broadcast',
    );
  return { state: { ...state, unbroadcast: undefined }, send: [], broadcast: [unbroadcast] };
}

/** What the chain says of the funding outpoint. */
export interface FundingSight {
  /** 1 in the newest block, 0 where the transaction is in none, as after a reorganisation. */
  readonly depth: number;
  /** Where the transaction is in a block. */
  readonly short_channel_id?: string;
  readonly output: TransactionOutput;
}

/**
 * To be told before the messages that depend on it. A funding output that is not the right one is the opener's fault; throws
 * `channel.wrong-funding-output` (harness) where we are the opener, whose transaction had it.
 */
export function seeFunding<S extends Readying>(state: S, sight: FundingSight): Received<S> {
  const { depth, short_channel_id, output } = sight;
  const expected = state.fundingOutput;
  if (output.amountSat !== expected.amountSat || !equalBytes(output.script, expected.script)) {
    if (state.commitments.terms.opener === 'local')
      throw new BoltgridError(
        'channel.wrong-funding-output',
        'harness',
        'this is not the output of our funding transaction',
      );
    return { state, faults: [{ requirement: 'bolt02-funding-created-04', expected, got: output }] };
  }
  return { state: { ...state, depth, short_channel_id }, faults: [] };
}

/** Sends `channel_ready`, for the first time or with another `alias`, which must be no other channel's. */
export function sendChannelReady(state: Readying, alias?: string): Performed<Readying> {
  const { terms } = state.commitments;
  const fields = {
    channel_id: terms.channel_id,
    second_per_commitment_point: localPoint(terms, 1n),
    tlvs: alias === undefined ? {} : { short_channel_id: { alias } },
  };
  assertRight('channel_ready', readyFaults(state, 'local', fields));
  return {
    state: openIfReady(withAlias({ ...state, isSent: true }, 'local', alias)),
    send: [{ name: 'channel_ready', fields }],
    broadcast: [],
  };
}

/** The first one counts, before or after our own; of those that follow only the alias does. */
export function receiveChannelReady(state: Readying, fields: ReadyFields): Received<Readying> {
  const faults = readyFaults(state, 'remote', fields);
  if (faults.length > 0) return { state, faults };
  const { second_per_commitment_point, tlvs } = fields;
  const alias = tlvs.short_channel_id?.alias;
  const heard = withAlias(state, 'remote', alias);
  // By a repeated one the remote's points may be further on.
  if (heard.second_per_commitment_point) return { state: heard, faults };
  const commitments = withSecondPoint(heard.commitments, second_per_commitment_point);
  return { state: openIfReady({ ...heard, commitments, second_per_commitment_point }), faults };
}

function withAlias(state: Readying, side: Side, alias: string | undefined): Readying {
  const { [side]: known } = state.aliases;
  if (alias === undefined || known.includes(alias)) return state;
  return { ...state, aliases: { ...state.aliases, [side]: [...known, alias] } };
}

function openIfReady(state: Readying): Readying {
  const { isSent, second_per_commitment_point } = state;
  if (state.name === 'open' || !isSent || !second_per_commitment_point) return state;
  return { ...state, name: 'open', isSent, second_per_commitment_point };
}
