import type { ProgramLog } from './log.ts';
import type { Program, ProgramSpec } from './program.ts';

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** Ports by the name that the manifest gives them: `p2p`, `rest`. */
export type Endpoints = Readonly<Record<string, Endpoint>>;

export interface PlaceSpec {
  /** What containers, volumes and addresses are named after: letters, digits, `.`, `_` and `-`. Unique within the run. */
  readonly name: string;
  /** The number that the program listens on inside a container, by port name. A process gets free ports instead. */
  readonly ports: Readonly<Record<string, number>>;
  /** This machine's folder for the place: the volume of a process, and copies of a volume. */
  readonly folder: string;
  /** What a container is made from (a reference that is present locally). */
  readonly image?: string;
  /** Where a container mounts its volume. */
  readonly mount?: string;
  readonly limits?: Limits;
}

interface Limits {
  readonly memoryMb?: number;
  readonly cpus?: number;
  readonly pids?: number;
  /** Linux capabilities that the program cannot do without: `CHOWN`. All others are dropped. */
  readonly capabilities?: readonly string[];
}

export interface ExecOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface ExecResult {
  readonly code: number;
  /** Capped; a program that writes more is an error `runtime.too-much-output`. */
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Where one program lives: its volume, ports and addresses stay as they are while the program ends and comes back. Every method
 * rejects with a BoltgridError of code `runtime.*`, or `docker.*` where the engine is what fails (blame `setup`).
 */
export interface Place {
  readonly kind: Runtime['kind'];
  /** The volume's path as the program sees it. */
  readonly volume: string;
  /** What the program is told to listen on. */
  readonly listen: Endpoints;
  /** Where boltgrid reaches it. In Docker known from the first start on. */
  readonly reached: Endpoints;
  /** Where the containers of the run reach it. */
  readonly announced: Endpoints;
  /** Content hash of the image (`sha256:…`); `undefined` for a process. */
  readonly build: string | undefined;

  /** One program at a time. `runtime.cannot-start` when there is no such program or image, or it may not be run. */
  start(spec: ProgramSpec, log: ProgramLog): Promise<Program>;
  /** Runs another program beside the one that runs; `runtime.not-running` when none does. */
  exec(argv: readonly [string, ...string[]], options: ExecOptions): Promise<ExecResult>;
  /** Of the volume, by a path relative to it or by its whole path as the program sees it. `runtime.no-such-file`. */
  readFile(path: string): Promise<Uint8Array>;
  /** Into the volume, also before the first start. Makes folders. */
  writeFile(path: string, content: string | Uint8Array): Promise<void>;
  /** Copies the volume under a name. The program must have ended: `runtime.running`. */
  snapshot(name: string): Promise<void>;
  /** Puts the volume back. `runtime.no-such-snapshot`. */
  restore(name: string): Promise<void>;
  /** Another image for the next start, on the same volume: an upgrade. Not for processes. */
  useImage(image: string): Promise<void>;
  /** Stops its time, and lets it go on. */
  pause(): Promise<void>;
  unpause(): Promise<void>;
  usage(): Promise<{ readonly memoryBytes: number }>;
  /** Ends the program and removes volume, snapshots and containers. Idempotent. */
  remove(): Promise<void>;
}

export interface Runtime {
  readonly kind: 'process' | 'docker';
  /** How a program of this runtime connects to something that boltgrid listens on: bind to `listen`, tell the program `dial`. */
  readonly back: { readonly listen: string; readonly dial: string };
  place(spec: PlaceSpec): Promise<Place>;
  /** Removes all its places. */
  close(): Promise<void>;
}
