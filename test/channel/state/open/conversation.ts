import { makeTransaction, type Transaction } from '../../../../src/bitcoin/transaction.ts';
import {
  acceptChannel,
  awaitOpenChannel,
  receiveFundingCreated,
  receiveOpenChannel,
  signFunding,
} from '../../../../src/channel/state/open/accepter.ts';
import type { OpenerChoices } from '../../../../src/channel/state/open/defaults.ts';
import type { Negotiation } from '../../../../src/channel/state/open/negotiation.ts';
import {
  createFunding,
  openChannel,
  receiveAcceptChannel,
  receiveFundingSigned,
} from '../../../../src/channel/state/open/opener.ts';
import type {
  AwaitsChannelReady,
  AwaitsFunding,
  AwaitsFundingCreated,
  AwaitsFundingSigned,
} from '../../../../src/channel/state/open/states.ts';
import type { Message, Performed, Received } from '../../../../src/channel/state/step.ts';
import type { Bolts } from '../../../../src/wire/bolts.ts';
import type { MessageFields } from '../../../../src/wire/types.ts';
import { FUNDING_SATOSHIS, negotiation, secretsOf, TEMPORARY_ID } from './fixtures.ts';

/** Two engines that open a channel with each other; each is `local` on its own side. */

export interface Options {
  readonly choices?: Partial<OpenerChoices>;
  readonly negotiation?: Negotiation;
  readonly minimum_depth?: number;
}

/** The fields of the one message that was sent. */
export function sent<N extends Message['name']>(
  { send }: Performed<unknown>,
  name: N,
): MessageFields<Bolts, N> {
  const [message] = send;
  if (send.length !== 1 || message?.name !== name)
    throw new Error(`${send.map((m) => m.name).join()}, not ${name}`);
  return message.fields as MessageFields<Bolts, N>;
}

/** The state that a message led to, which had no fault. */
export function into<S extends { readonly name: string }, N extends S['name']>(
  { state, faults }: Received<S>,
  name: N,
): Extract<S, { readonly name: N }> {
  if (state.name !== name || faults.length > 0)
    throw new Error(`${state.name}, not ${name}: ${faults.map((f) => f.requirement).join()}`);
  return state as Extract<S, { readonly name: N }>;
}

export interface Declarations {
  readonly opener: AwaitsFunding;
  readonly accepter: AwaitsFundingCreated;
}

export function declare({ choices = {}, negotiation: given = negotiation, ...rest }: Options): Declarations {
  const opening = openChannel({
    negotiation: given,
    secrets: secretsOf.opener,
    temporary_channel_id: TEMPORARY_ID,
    funding_satoshis: FUNDING_SATOSHIS,
    choices,
  });
  const idle = awaitOpenChannel({ negotiation: given, secrets: secretsOf.accepter });
  const heard = into(receiveOpenChannel(idle, sent(opening, 'open_channel')), 'has_open_channel');
  const accepting = acceptChannel(heard, rest);
  const accept = sent(accepting, 'accept_channel');
  return {
    opener: into(receiveAcceptChannel(opening.state, accept), 'awaits_funding'),
    accepter: accepting.state,
  };
}

/** Another output comes first, so that the funding output has an index. */
export const fundingTransactionFor = ({ fundingOutput }: AwaitsFunding): Transaction =>
  makeTransaction({
    version: 2,
    inputs: [],
    outputs: [{ amountSat: 5000n, script: Uint8Array.of(0x51) }, fundingOutput],
    lockTime: 0,
  });

export interface Created {
  readonly opening: Performed<AwaitsFundingSigned>;
  readonly accepter: AwaitsFundingCreated;
  readonly transaction: Transaction;
}

export function create(options: Options): Created {
  const { opener, accepter } = declare(options);
  const transaction = fundingTransactionFor(opener);
  return { opening: createFunding(opener, transaction), accepter, transaction };
}

export interface Signed {
  readonly opener: AwaitsChannelReady;
  readonly accepter: AwaitsChannelReady;
  readonly transaction: Transaction;
}

export function signBoth(options: Options = {}): Signed {
  const { opening, accepter, transaction } = create(options);
  const created = receiveFundingCreated(accepter, sent(opening, 'funding_created'));
  const signing = signFunding(into(created, 'has_funding_created'));
  const signed = receiveFundingSigned(opening.state, sent(signing, 'funding_signed'));
  return { opener: into(signed, 'awaits_channel_ready'), accepter: signing.state, transaction };
}

/** As if a block had come, and others upon it. */
export const REAL_ID = '100x1x1';
export const ALIASES = { opener: '16000000x0x1', accepter: '16000000x0x2' } as const;
