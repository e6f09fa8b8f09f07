import { cp, mkdir, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { BoltgridError, messageOf } from '../../core/error.ts';
import { MAX_OUTPUT_BYTES } from '../capped.ts';
import type { ProgramLog } from '../log.ts';
import type { Program, ProgramSpec } from '../program.ts';
import type { Endpoints, ExecOptions, ExecResult, Place, PlaceSpec } from '../runtime.ts';
import { checkName, noSuchFile, pathInVolume } from '../volume-path.ts';
import { execProcess } from './exec.ts';
import { signalGroup } from './groups.ts';
import { groupMemoryBytes } from './memory.ts';
import { freePorts } from './ports.ts';
import { startProcess, type ProcessProgram } from './program.ts';

interface Running {
  readonly program: ProcessProgram;
  readonly env: ProgramSpec['env'];
}

export class ProcessPlace implements Place {
  readonly kind = 'process';
  readonly build = undefined;
  readonly volume: string;
  readonly listen: Endpoints;
  readonly #name: string;
  readonly #snapshots: string;
  #running: Running | undefined;
  #removed = false;

  private constructor(spec: PlaceSpec, listen: Endpoints) {
    this.#name = spec.name;
    this.volume = join(spec.folder, 'volume');
    this.#snapshots = join(spec.folder, 'snapshots');
    this.listen = listen;
  }

  /** A volume that is there already is used again. */
  static async make(spec: PlaceSpec, host: string): Promise<ProcessPlace> {
    checkName('place', spec.name);
    const place = new ProcessPlace(spec, await freePorts(host, Object.keys(spec.ports)));
    await place.#onDisk(() => mkdir(place.volume, { recursive: true, mode: 0o700 }));
    return place;
  }

  get reached(): Endpoints {
    return this.listen;
  }

  get announced(): Endpoints {
    return this.listen;
  }

  async start(spec: ProgramSpec, log: ProgramLog): Promise<Program> {
    this.#mustBeStopped();
    if (this.#removed) throw new BoltgridError('runtime.cannot-start', 'setup', `${this.#name} was removed`);
    const program = await startProcess(spec, this.volume, log);
    this.#running = { program, env: spec.env };
    void program.exited.then(() => {
      if (this.#running?.program === program) this.#running = undefined;
    });
    if (this.#isRemoved()) await program.kill(); // While it was being started.
    return program;
  }

  async exec(argv: readonly [string, ...string[]], options: ExecOptions): Promise<ExecResult> {
    return execProcess(argv, this.#mustRun().env, this.volume, options);
  }

  async readFile(path: string): Promise<Uint8Array> {
    const file = join(this.volume, pathInVolume(this.volume, path));
    try {
      // A link that the program made must not lead us out of its volume.
      const real = await realpath(file);
      pathInVolume(await realpath(this.volume), real);
      const found = await stat(real);
      if (!found.isFile()) throw noSuchFile(path, 'it is not a file');
      if (found.size > MAX_OUTPUT_BYTES) {
        throw new BoltgridError('runtime.too-much-output', 'setup', `${path} has ${found.size} bytes`);
      }
      return await readFile(real);
    } catch (cause) {
      throw cause instanceof BoltgridError ? cause : noSuchFile(path, messageOf(cause), cause);
    }
  }

  async writeFile(path: string, content: string | Uint8Array): Promise<void> {
    const file = join(this.volume, pathInVolume(this.volume, path));
    await this.#onDisk(async () => {
      await mkdir(dirname(file), { recursive: true, mode: 0o700 });
      const folder = relative(await realpath(this.volume), await realpath(dirname(file)));
      if (folder.startsWith('..')) throw noSuchFile(path, 'it leads out of the volume');
      await writeFile(file, content, { mode: 0o600 });
    });
  }

  async snapshot(name: string): Promise<void> {
    this.#mustBeStopped();
    await this.#copy(this.volume, this.#snapshot(name));
  }

  async restore(name: string): Promise<void> {
    this.#mustBeStopped();
    const snapshot = this.#snapshot(name);
    await stat(snapshot).catch((cause: unknown) => {
      throw new BoltgridError('runtime.no-such-snapshot', 'setup', `${this.#name} has no snapshot ${name}`, {
        cause,
      });
    });
    await this.#copy(snapshot, this.volume);
  }

  useImage(image: string): Promise<void> {
    return Promise.reject(
      new BoltgridError('runtime.no-image', 'setup', `${this.#name} is a process: it has no image ${image}`),
    );
  }

  pause(): Promise<void> {
    return this.#signal('SIGSTOP');
  }

  unpause(): Promise<void> {
    return this.#signal('SIGCONT');
  }

  async usage(): Promise<{ memoryBytes: number }> {
    return { memoryBytes: await groupMemoryBytes(this.#mustRun().program.group) };
  }

  async remove(): Promise<void> {
    this.#removed = true;
    await this.#running?.program.kill();
    await this.#onDisk(async () => {
      await rm(this.volume, { recursive: true, force: true });
      await rm(this.#snapshots, { recursive: true, force: true });
    });
  }

  #isRemoved(): boolean {
    return this.#removed;
  }

  #snapshot(name: string): string {
    checkName('snapshot', name);
    return join(this.#snapshots, name);
  }

  // Links are copied as they are, times as well: the copy is the volume.
  async #copy(from: string, to: string): Promise<void> {
    await this.#onDisk(async () => {
      await rm(to, { recursive: true, force: true });
      await mkdir(dirname(to), { recursive: true, mode: 0o700 });
      await cp(from, to, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
    });
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- what is wrong is a rejection, as for all methods
  async #signal(signal: NodeJS.Signals): Promise<void> {
    signalGroup(this.#mustRun().program.group, signal);
  }

  #mustRun(): Running {
    if (this.#running) return this.#running;
    throw new BoltgridError('runtime.not-running', 'setup', `${this.#name} is not running`);
  }

  #mustBeStopped(): void {
    if (!this.#running) return;
    throw new BoltgridError('runtime.running', 'setup', `${this.#name} is running`);
  }

  async #onDisk<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      if (cause instanceof BoltgridError) throw cause;
      throw new BoltgridError('runtime.disk', 'setup', `${this.#name}: ${messageOf(cause)}`, { cause });
    }
  }
}
