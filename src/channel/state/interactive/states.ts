import type { Transaction, TransactionOutput } from '../../../bitcoin/transaction.ts';
import type { LiveFunding } from '../live-funding.ts';
import type { Message } from '../step.ts';
import type { Side } from '../update.ts';

/** What both sides know before they construct a transaction together (BOLT 2, Set-Up and Vocabulary). */
export interface Agreement {
  readonly channel_id: Uint8Array;
  /** Who sent `open_channel2`, `splice_init` or `tx_init_rbf`: it adds what is shared, and pays for the common fields. */
  readonly initiator: Side;
  readonly feerate_per_kw: number;
  readonly locktime: number;
  /** No output may be below it. */
  readonly dust_limit_satoshis: bigint;
  readonly node_ids: Readonly<Record<Side, Uint8Array>>;
  /** What each side adds to the funding output, in satoshis: below 0 where a splice takes from it. */
  readonly contributions: Readonly<Record<Side, bigint>>;
  /** The new funding output. */
  readonly sharedOutput: TransactionOutput;
  /** The funding output that a splice spends; absent where a channel opens. */
  readonly sharedInput?: SharedInput;
  /** The attempts that this one replaces, oldest first. */
  readonly previous: readonly Constructed[];
}

export type SharedInput = Pick<LiveFunding, 'funding' | 'local_funding_privkey' | 'remote_funding_pubkey'>;

export interface AddedInput {
  readonly serial_id: bigint;
  readonly addedBy: Side;
  /** As displayed. */
  readonly txid: string;
  readonly vout: number;
  readonly sequence: number;
  readonly spent: TransactionOutput;
  readonly isShared: boolean;
}

export interface AddedOutput extends TransactionOutput {
  readonly serial_id: bigint;
  readonly addedBy: Side;
}

/** Inputs and outputs are in the order in which they came. */
interface Collected {
  readonly agreement: Agreement;
  readonly inputs: readonly AddedInput[];
  readonly outputs: readonly AddedOutput[];
}

export interface Constructing extends Collected {
  readonly name: 'constructing';
  /** Who may send the next message. */
  readonly turn: Side;
  /** Whether the last message was `tx_complete`: another one concludes. */
  readonly isCompleted: boolean;
  /** Messages, removed inputs and outputs included. */
  readonly added: Readonly<Record<Side, { readonly inputs: number; readonly outputs: number }>>;
}

/** Both have sent `tx_complete`. */
export interface Constructed extends Collected {
  readonly name: 'constructed';
  /** Without witnesses. */
  readonly transaction: Transaction;
  /** Of the funding output. */
  readonly output_index: number;
  readonly feeSat: bigint;
}

export type ConstructionMessage = Message<
  'tx_add_input' | 'tx_add_output' | 'tx_remove_input' | 'tx_remove_output' | 'tx_complete'
>;
