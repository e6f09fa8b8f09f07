import { z } from 'zod';
import { fromHex } from '../core/bytes.ts';
import { BoltgridError } from '../core/error.ts';
import { cleanText } from '../core/text.ts';
import type { ProgramLog } from '../runtime/log.ts';
import type { ProgramExit } from '../runtime/program.ts';
import type { Place, Runtime } from '../runtime/runtime.ts';
import type { CallLimits, Launch, NodeLife } from './life.ts';
import type { ExitInfo, NodeIdentity, RunningNode } from './node.ts';
import { operationError } from './operation-error.ts';
import {
  isControlOperation,
  OPERATIONS,
  type OperationName,
  type OperationParams,
  type OperationResult,
} from './operations.ts';
import type { NodePlan } from './resolve.ts';

export interface ManagedNodeParts {
  readonly plan: NodePlan;
  readonly place: Place;
  readonly back: Runtime['back'];
  readonly log: ProgramLog;
  readonly launch: Launch;
  readonly build: string;
  /** What else the journal records of the build: image, flags. */
  readonly made: Pick<NodeIdentity, 'image' | 'argv'>;
}

const GRACE_MS = 4000;

/** A node whose program boltgrid started. It may end and come back (`stop`, `start`); key, address and port stay. */
export class ManagedNode implements RunningNode {
  readonly id: string;
  readonly identity: NodeIdentity;
  readonly publicKey: Uint8Array;
  readonly host: string;
  readonly port: number;
  readonly announced: RunningNode['announced'];
  readonly runsIn: Runtime['kind'];
  readonly back: Runtime['back'];
  readonly operations: ReadonlySet<OperationName>;
  readonly missing: ReadonlyMap<OperationName, string>;
  readonly lacks: ReadonlyMap<string, string>;
  readonly exited: Promise<ExitInfo>;
  readonly #parts: ManagedNodeParts;
  readonly #listeners = new Set<() => void>();
  /** Until the latest `connect` to a peer has ended. */
  readonly #dials = new Map<string, Promise<void>>();
  #life: NodeLife | undefined;
  #resolveExited: (info: ExitInfo) => void = () => undefined;

  private constructor(parts: ManagedNodeParts, first: NodeLife) {
    const { plan } = parts;
    this.#parts = parts;
    this.id = plan.id;
    this.identity = {
      id: plan.id,
      implementation: plan.implementation,
      version: plan.version,
      profile: plan.profile,
      build: parts.build,
      ...parts.made,
      reported: cleanText(first.reported, 200),
      ...(plan.note !== undefined && { note: plan.note }),
      publicKey: first.publicKey,
    };
    this.publicKey = fromHex(first.publicKey);
    this.host = first.reached.host;
    this.port = first.reached.port;
    this.announced = first.announced;
    this.runsIn = parts.place.kind;
    this.back = parts.back;
    this.operations = plan.operations;
    this.missing = plan.missing;
    this.lacks = plan.lacks;
    this.exited = new Promise((resolve) => {
      this.#resolveExited = resolve;
    });
    this.#adopt(first);
  }

  /** Rejects with what kept it from listening. */
  static async start(parts: ManagedNodeParts, limits: CallLimits): Promise<ManagedNode> {
    const early: { changed?: () => void } = {};
    const life = await parts.launch(undefined, () => early.changed?.(), limits);
    const node = new ManagedNode(parts, life);
    early.changed = () => {
      node.#changed();
    };
    return node;
  }

  async call<O extends OperationName>(
    operation: O,
    params: OperationParams<O>,
    { deadlineMs = OPERATIONS[operation].deadlineMs, signal }: Partial<CallLimits> = {},
  ): Promise<OperationResult<O>> {
    const reason = this.missing.get(operation);
    if (reason !== undefined) {
      throw new BoltgridError('node.undrivable', 'harness', `${this.id} has no ${operation}: ${reason}`);
    }
    const wire = encode(operation, params);
    this.#refuseLacked(operation, wire);
    const ask = async (): Promise<unknown> =>
      isControlOperation(operation)
        ? this.#running().ask(operation, wire, { deadlineMs, signal })
        : this.#perform(operation, wire);
    const result = await (operation === 'connect' ? this.#oneDialAtATime(wire, ask) : ask());
    return decode(operation, result);
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  logTail(lines: number): Promise<readonly string[]> {
    return Promise.resolve(this.#parts.log.tail(lines));
  }

  async usage(): Promise<{ readonly memoryBytes: number }> {
    return this.#parts.place.usage();
  }

  async stop(): Promise<void> {
    const exit = await this.#end();
    this.#resolveExited({ ...exit, expected: true });
    await this.#parts.place.remove();
  }

  /**
   * Cases run side by side, and each connects first. Two connections to one peer at a time would end each other; a second `connect`
   * finds the first one's.
   */
  async #oneDialAtATime(
    { publicKey }: { publicKey?: string },
    dial: () => Promise<unknown>,
  ): Promise<unknown> {
    const peer = publicKey ?? '';
    const before = this.#dials.get(peer);
    const own = (before ?? Promise.resolve()).then(dial);
    const settled = own.then(
      () => undefined,
      () => undefined,
    );
    this.#dials.set(peer, settled);
    try {
      return await own;
    } finally {
      if (this.#dials.get(peer) === settled) this.#dials.delete(peer);
    }
  }

  #refuseLacked(operation: OperationName, wire: Readonly<Record<string, unknown>>): void {
    for (const [name, value] of Object.entries(wire)) {
      const option = `${operation}.${name}`;
      const reason = value === undefined ? undefined : this.lacks.get(option);
      if (reason !== undefined) throw operationError('not-offered', `${this.id} lacks ${option}: ${reason}`);
    }
  }

  #running(): NodeLife {
    if (this.#life) return this.#life;
    throw new BoltgridError('node.not-ready', 'node', `${this.id} is stopped`);
  }

  async #perform(operation: OperationName, params: { lines?: number; name?: string }): Promise<unknown> {
    const { place, log } = this.#parts;
    const { lines = 0, name = '' } = params;
    switch (operation) {
      case 'logs':
        return { lines: [...log.tail(lines)] };
      case 'stop':
        await this.#end();
        return {};
      case 'start':
        await this.#startAgain();
        return {};
      case 'snapshot':
        this.#mustBeStopped();
        await place.snapshot(name);
        return {};
      case 'restore':
        this.#mustBeStopped();
        await place.restore(name).catch((error: unknown) => {
          throw noSuchSnapshot(error)
            ? new BoltgridError('node.rejected', 'node', `no snapshot ${name}`)
            : error;
        });
        return {};
      default:
        throw new BoltgridError('node.undrivable', 'harness', `${operation} is no operation of the runtime`);
    }
  }

  #mustBeStopped(): void {
    if (this.#life) throw new BoltgridError('node.not-ready', 'node', `${this.id} must be stopped first`);
  }

  async #startAgain(): Promise<void> {
    if (this.#life) throw new BoltgridError('node.rejected', 'node', `${this.id} is running`);
    const { launch, plan } = this.#parts;
    const previous = { reached: { host: this.host, port: this.port } };
    const changed = (): void => {
      this.#changed();
    };
    this.#adopt(await launch(previous, changed, { deadlineMs: plan.timing.startMs }));
  }

  /** From now on this life is the node's; when its program ends by itself, the node has ended. */
  #adopt(life: NodeLife): void {
    this.#life = life;
    void life.program.exited.then((exit) => {
      if (this.#life === life) this.#resolveExited({ ...exit, expected: false });
      this.#changed();
    });
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }

  async #end(): Promise<ProgramExit> {
    const life = this.#life;
    this.#life = undefined;
    return life ? life.program.stop(GRACE_MS) : { code: 0, signal: null };
  }
}

const noSuchSnapshot = (error: unknown): boolean =>
  error instanceof BoltgridError && error.code === 'runtime.no-such-snapshot';

function encode<O extends OperationName>(operation: O, params: OperationParams<O>): Record<string, unknown> {
  const encoded = z.safeEncode(OPERATIONS[operation].params as z.ZodType, params);
  if (encoded.success) return encoded.data as Record<string, unknown>;
  throw new BoltgridError('node.bad-params', 'harness', `${operation}: ${z.prettifyError(encoded.error)}`);
}

function decode<O extends OperationName>(operation: O, result: unknown): OperationResult<O> {
  const decoded = OPERATIONS[operation].result.safeParse(result);
  if (decoded.success) return decoded.data as OperationResult<O>;
  throw new BoltgridError(
    'driver.bad-reply',
    'harness',
    `${operation}: ${cleanText(z.prettifyError(decoded.error))}`,
    {
      hint: 'The driver or manifest must answer in the shape that src/nodes/operations/ gives for this operation.',
      details: { operation },
    },
  );
}
