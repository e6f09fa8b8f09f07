import type { Transaction, TransactionOutput } from '../bitcoin/transaction.ts';
import type { RequirementId } from '../spec/requirement.ts';
import type { Transcript } from './transcript.ts';

/** What all connections of one case share. */
export interface CaseLinks {
  readonly transcript: Transcript;
  /** How long the node may take for an answer when a step does not say. */
  readonly answerMs: number;
  /** Told of every step that held. */
  readonly held: (requirement: RequirementId | undefined, step: string) => void;
  /**
   * Something that the node itself says after all it has read so far (a control call): the second half of a barrier. Absent where
   * the node has no such operation.
   */
  readonly nodeSpeaks?: () => Promise<unknown>;
  /** The chain of the case's world; absent where the case declares that it touches none. */
  readonly chain?: CaseChain;
  /** Aborted when the case ends. */
  readonly signal: AbortSignal;
  /** Called for each connection, so that all are closed when the case ends. */
  readonly opened: (link: OpenLink) => void;
}

/** What a channel needs of the chain. Every method rejects with a BoltgridError. */
export interface CaseChain {
  /** A transaction that pays `amountSat` to a script, as its first output, signed by the world's own coins and not broadcast. */
  fund(script: Uint8Array, amountSat: bigint): Promise<Transaction>;
  /** Hands a transaction to the mempool; one that is known already is fine. Rejects with `chain.rejected`. */
  broadcast(tx: Transaction): Promise<void>;
  /** Resolves when the transaction has so many confirmations and every node of the world has seen the block. */
  confirm(txid: string, confirmations: number): Promise<void>;
  /** An output of a transaction in the mempool or in a block; `undefined` while there is none. */
  sight(txid: string, vout: number): Promise<Sighting | undefined>;
  /** The transaction, in the mempool or in a block, that spends an output; `undefined` while none does. */
  spender(txid: string, vout: number): Promise<SpendingTransaction | undefined>;
  /** Of the newest block. */
  height(): Promise<number>;
}

interface SpendingTransaction extends Transaction {
  /** Once it has confirmed. */
  readonly blockHeight?: number;
}

export interface Sighting {
  /** Confirmations: 0 in the mempool. */
  readonly depth: number;
  /** Once it has confirmed. */
  readonly short_channel_id?: string;
  readonly output: TransactionOutput;
}

export interface OpenLink {
  readonly link: number;
  /** `undefined` where there is nobody to ping: closed, or init was not exchanged. */
  ping(signal: AbortSignal): Promise<void> | undefined;
  close(): Promise<void>;
}

/** A node's address. */
export interface Remote {
  readonly host: string;
  readonly port: number;
  readonly publicKey: Uint8Array;
}
