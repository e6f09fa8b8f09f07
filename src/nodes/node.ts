import type { NodeId } from '../core/ids.ts';
import type { Endpoint, Runtime } from '../runtime/runtime.ts';
import type { OperationName, OperationParams, OperationResult } from './operations.ts';

/** What a container is made from. */
export interface ImageIdentity {
  /** As Docker knows it here: `lightninglabs/lnd:v0.21.2-beta`. */
  readonly reference: string;
  /** `sha256:…` */
  readonly digest: string;
}

/** What exactly ran: goes to the journal and heads the grid's column. */
export interface NodeIdentity {
  readonly id: NodeId;
  readonly implementation: string;
  readonly version: string;
  readonly profile: string;
  /** Hash of what was started: `sha256:…` of an image digest or of the package's files. */
  readonly build: string;
  /** What the program says of itself, cleaned: `LDK v0.1.2-42-gbbdbd6f8`. */
  readonly reported: string;
  /** A sentence that the report shows beside the version, for example how a node is embedded. */
  readonly note?: string;
  readonly image?: ImageIdentity;
  /** How the program was called, passwords masked. */
  readonly argv?: readonly string[];
  /** The node's own identity key, 33 bytes in hex. */
  readonly publicKey: string;
}

export interface ExitInfo {
  readonly code: number | null;
  readonly signal: string | null;
  /** What else is known: `out of memory (limit 512 MiB)`. */
  readonly note?: string;
  /** Not the node's doing. */
  readonly outside?: true;
  readonly expected: boolean;
}

/** A node that is up and listening. Every method rejects with a BoltgridError. */
export interface RunningNode {
  readonly id: NodeId;
  readonly identity: NodeIdentity;
  readonly publicKey: Uint8Array;
  /** Where boltgrid, and processes of this machine, reach it. */
  readonly host: string;
  readonly port: number;
  /** Where containers of the run reach it. */
  readonly announced: Endpoint;
  readonly runsIn: Runtime['kind'];
  /** How it connects to something that boltgrid listens on: bind to `listen`, tell the node `dial`. */
  readonly back: Runtime['back'];
  readonly operations: ReadonlySet<OperationName>;
  /** Why an operation is missing, in the manifest's words. */
  readonly missing: ReadonlyMap<OperationName, string>;
  /** Why an option of an operation (`open.announce`) is not there, in the manifest's words: a call that gives it is `node.not-offered`. */
  readonly lacks: ReadonlyMap<string, string>;
  call<O extends OperationName>(
    operation: O,
    params: OperationParams<O>,
    options?: { deadlineMs?: number; signal?: AbortSignal },
  ): Promise<OperationResult<O>>;
  /** Calls back when the node's state may have changed (a driver's notification), so that waiting needs no sleep. Returns the unsubscriber. */
  onChange(listener: () => void): () => void;
  readonly exited: Promise<ExitInfo>;
  /** The newest lines of its log, cleaned. */
  logTail(lines: number): Promise<readonly string[]>;
  usage(): Promise<{ readonly memoryBytes: number }>;
  /** Ends it and removes its volume. */
  stop(): Promise<void>;
}
