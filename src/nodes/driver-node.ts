import { cp, mkdir, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { fromHex } from '../core/bytes.ts';
import { BoltgridError } from '../core/error.ts';
import { cleanText } from '../core/text.ts';
import type { ProgramLog } from '../runtime/log.ts';
import type { Program, ProgramExit, ProgramSpec, Runtime } from '../runtime/program.ts';
import { DriverConnection } from './driver-connection.ts';
import { START, startResult, type StartParams, type StartResult } from './driver-protocol.ts';
import type { ExitInfo, NodeIdentity, RunningNode } from './node.ts';
import { OPERATIONS, type OperationName, type OperationParams, type OperationResult } from './operations.ts';
import type { NodePlan } from './resolve.ts';

export interface DriverNodeOptions {
  readonly plan: NodePlan;
  readonly runtime: Runtime;
  readonly program: ProgramSpec;
  readonly log: ProgramLog;
  readonly build: string;
  readonly start: StartParams;
  /** Where `snapshot` keeps copies of the volume. */
  readonly snapshots: string;
}

interface CallOptions {
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
}

const GRACE_MS = 4000;

/** A node behind a driver. Its process may end and come back (`stop`, `start`); key, address and port stay. */
export class DriverNode implements RunningNode {
  readonly id: string;
  readonly identity: NodeIdentity;
  readonly publicKey: Uint8Array;
  readonly host: string;
  readonly port: number;
  readonly operations: ReadonlySet<OperationName>;
  readonly missing: ReadonlyMap<OperationName, string>;
  readonly exited: Promise<ExitInfo>;
  readonly #options: DriverNodeOptions;
  readonly #listeners: Set<() => void>;
  #process: DriverProcess | undefined;
  #resolveExited: (info: ExitInfo) => void = () => undefined;

  private constructor(options: DriverNodeOptions, first: DriverProcess, listeners: Set<() => void>) {
    const { plan } = options;
    this.#options = options;
    this.#listeners = listeners;
    this.id = plan.id;
    this.identity = {
      id: plan.id,
      implementation: plan.implementation,
      version: plan.version,
      profile: plan.profile,
      build: options.build,
      reported: cleanText(first.ready.reported, 200),
      ...(plan.note !== undefined && { note: plan.note }),
      publicKey: first.ready.publicKey,
    };
    this.publicKey = fromHex(first.ready.publicKey);
    this.host = first.ready.host;
    this.port = first.ready.port;
    this.operations = plan.operations;
    this.missing = plan.missing;
    this.exited = new Promise((resolve) => {
      this.#resolveExited = resolve;
    });
    this.#adopt(first);
  }

  /** Rejects with what kept it from listening. `options.start.listen.port` may be 0. */
  static async start(
    options: DriverNodeOptions,
    call: { deadlineMs: number; signal?: AbortSignal | undefined },
  ): Promise<DriverNode> {
    const listeners = new Set<() => void>();
    return new DriverNode(options, await launch(options, options.start, listeners, call), listeners);
  }

  async call<O extends OperationName>(
    operation: O,
    params: OperationParams<O>,
    options: CallOptions = {},
  ): Promise<OperationResult<O>> {
    const reason = this.missing.get(operation);
    if (reason !== undefined) {
      throw new BoltgridError('node.undrivable', 'harness', `${this.id} has no ${operation}: ${reason}`);
    }
    const wire = this.#encode(operation, params);
    const result =
      OPERATIONS[operation].by === 'runtime'
        ? await this.#perform(operation, wire)
        : await this.#ask(operation, wire, options);
    return this.#decode(operation, result);
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  logTail(lines: number): Promise<readonly string[]> {
    return Promise.resolve(this.#options.log.tail(lines));
  }

  async stop(): Promise<void> {
    const exit = await this.#end();
    this.#resolveExited({ ...exit, expected: true });
  }

  #encode<O extends OperationName>(operation: O, params: OperationParams<O>): Record<string, unknown> {
    const encoded = z.safeEncode(OPERATIONS[operation].params as z.ZodType, params);
    if (encoded.success) return encoded.data as Record<string, unknown>;
    throw new BoltgridError('node.bad-params', 'harness', `${operation}: ${z.prettifyError(encoded.error)}`);
  }

  #decode<O extends OperationName>(operation: O, result: unknown): OperationResult<O> {
    const decoded = OPERATIONS[operation].result.safeParse(result);
    if (decoded.success) return decoded.data as OperationResult<O>;
    throw new BoltgridError(
      'driver.bad-reply',
      'harness',
      `${operation}: ${cleanText(z.prettifyError(decoded.error))}`,
      {
        hint: 'The driver must answer in the shape that src/nodes/operations/ gives for this operation.',
        details: { operation },
      },
    );
  }

  async #ask(
    operation: OperationName,
    wire: Record<string, unknown>,
    { deadlineMs, signal }: CallOptions,
  ): Promise<unknown> {
    if (!this.#process) throw new BoltgridError('node.not-ready', 'node', `${this.id} is stopped`);
    return this.#process.connection.call(operation, wire, {
      deadlineMs: deadlineMs ?? OPERATIONS[operation].deadlineMs,
      signal,
    });
  }

  async #perform(operation: OperationName, params: { lines?: number; name?: string }): Promise<unknown> {
    switch (operation) {
      case 'logs':
        return { lines: [...this.#options.log.tail(params.lines ?? 0)] };
      case 'stop':
        await this.#end();
        return {};
      case 'start':
        await this.#startAgain();
        return {};
      case 'snapshot':
        await this.#copyVolume(this.#options.start.folder, this.#snapshot(params.name));
        return {};
      case 'restore':
        if (!existsSync(this.#snapshot(params.name))) {
          throw new BoltgridError('node.rejected', 'node', `no snapshot ${String(params.name)}`);
        }
        await this.#copyVolume(this.#snapshot(params.name), this.#options.start.folder);
        return {};
      default:
        throw new BoltgridError('node.undrivable', 'harness', `${operation} is no operation of the runtime`);
    }
  }

  async #startAgain(): Promise<void> {
    if (this.#process) throw new BoltgridError('node.rejected', 'node', `${this.id} is running`);
    const start = { ...this.#options.start, listen: { host: this.host, port: this.port } };
    const call = { deadlineMs: this.#options.plan.timing.startMs };
    this.#adopt(await launch(this.#options, start, this.#listeners, call));
  }

  #snapshot(name: string | undefined): string {
    return join(this.#options.snapshots, name ?? '');
  }

  async #copyVolume(from: string, to: string): Promise<void> {
    if (this.#process) throw new BoltgridError('node.not-ready', 'node', `${this.id} must be stopped first`);
    await rm(to, { recursive: true, force: true });
    await mkdir(to, { recursive: true });
    await cp(from, to, { recursive: true });
  }

  /** From now on this process is the node; when it ends by itself, the node has ended. */
  #adopt(process: DriverProcess): void {
    this.#process = process;
    void process.program.exited.then((exit) => {
      if (this.#process === process) this.#resolveExited({ ...exit, expected: false });
      for (const listener of this.#listeners) listener();
    });
  }

  async #end(): Promise<ProgramExit> {
    const process = this.#process;
    this.#process = undefined;
    return process ? process.program.stop(GRACE_MS) : { code: 0, signal: null };
  }
}

interface DriverProcess {
  readonly program: Program;
  readonly connection: DriverConnection;
  readonly ready: StartResult;
}

/** Starts the program and asks it to start the node; whatever fails, no process is left. */
async function launch(
  { runtime, program: spec, log }: DriverNodeOptions,
  start: StartParams,
  listeners: ReadonlySet<() => void>,
  call: { deadlineMs: number; signal?: AbortSignal | undefined },
): Promise<DriverProcess> {
  const program = await runtime.start(spec, log);
  try {
    const connection = new DriverConnection(program, () => {
      for (const listener of listeners) listener();
    });
    const answer = startResult.safeParse(await connection.call(START, start, call));
    if (!answer.success) {
      throw new BoltgridError('driver.bad-reply', 'harness', `${START}: ${z.prettifyError(answer.error)}`);
    }
    return { program, connection, ready: answer.data };
  } catch (error) {
    await program.kill();
    throw error;
  }
}
