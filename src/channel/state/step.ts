import type { Transaction } from '../../bitcoin/transaction.ts';
import type { RequirementId } from '../../spec/requirement.ts';
import type { Bolts } from '../../wire/bolts.ts';
import type { MessageFields, MessageName } from '../../wire/types.ts';

/** A message of BOLT 2, as it came or as it is to be sent. */
export type Message<N extends MessageName<Bolts> = MessageName<Bolts>> = {
  readonly [K in N]: { readonly name: K; readonly fields: MessageFields<Bolts, K> };
}[N];

/** Something that the peer did against a BOLT. */
export interface Fault {
  readonly requirement: RequirementId;
  readonly expected: unknown;
  readonly got: unknown;
  /** A few words on what was looked at, where expected and got do not say it. */
  readonly note?: string;
}

/**
 * What a message came to. With faults the state is the one from before: what the peer may not send changes nothing, and the caller
 * decides what to make of it. What the message calls for is not done: see `owed` of the state.
 */
export interface Received<S> {
  readonly state: S;
  readonly faults: readonly Fault[];
}

/** What a command of our own came to: it is right by the BOLTs, and what is to be sent is sent in this order. */
export interface Performed<S> {
  readonly state: S;
  readonly send: readonly Message[];
  readonly broadcast: readonly Transaction[];
}
