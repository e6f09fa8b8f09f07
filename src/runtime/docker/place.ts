import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type Dockerode from 'dockerode';
import { BoltgridError } from '../../core/error.ts';
import type { ProgramLog } from '../log.ts';
import type { Program, ProgramSpec } from '../program.ts';
import type { Endpoints, ExecOptions, ExecResult, Place, PlaceSpec } from '../runtime.ts';
import { checkName, pathInVolume } from '../volume-path.ts';
import { fileContainer, programContainer, publishedPorts, type ContainerSpec } from './container.ts';
import { ask, askGone, dockerError } from './errors.ts';
import { execInContainer } from './exec.ts';
import { imageUser, isContainerGone, readContainerFile, writeContainerFile } from './files.ts';
import { inspectImage, type PlaceImage } from './place-image.ts';
import { attachProgram, type AttachedProgram } from './program.ts';
import { mustHold } from './program-file.ts';
import { nameIn, type Run } from './run.ts';

const COPY_MS = 10 * 60_000;

/**
 * A place as a named volume, and one container at a time: that of the program while it runs and after it ended, or one that is never
 * started, for files. Each start makes a new container with the same name, address, volume and host ports.
 */
export class DockerPlace implements Place {
  readonly kind = 'docker';
  readonly volume: string;
  readonly listen: Endpoints;
  readonly announced: Endpoints;
  readonly #run: Run;
  readonly #spec: PlaceSpec;
  readonly #name: string;
  #image: PlaceImage;
  #reached: Endpoints = {};
  #container: Dockerode.Container | undefined;
  #program: AttachedProgram | undefined;
  /** A volume that was put back must not be filled with the image's files again. */
  #copyImageFiles = true;
  /** Files of its snapshots. */
  readonly #snapshots = new Set<string>();
  #removed = false;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(run: Run, spec: PlaceSpec, image: PlaceImage, mount: string) {
    this.#run = run;
    this.#spec = spec;
    this.#image = image;
    this.#name = nameIn(run.data.runId, spec.name);
    this.volume = mount;
    const ports = Object.entries(spec.ports);
    this.listen = Object.fromEntries(ports.map(([name, port]) => [name, { host: '0.0.0.0', port }]));
    this.announced = Object.fromEntries(ports.map(([name, port]) => [name, { host: spec.name, port }]));
  }

  /** Throws `docker.no-such-image`, `runtime.bad-place`. */
  static async make(run: Run, spec: PlaceSpec): Promise<DockerPlace> {
    checkName('place', spec.name);
    if (spec.image === undefined || spec.mount === undefined || !posix.isAbsolute(spec.mount)) {
      throw new BoltgridError(
        'runtime.bad-place',
        'setup',
        `${spec.name} needs an image and where it mounts its volume`,
      );
    }
    const image = await inspectImage(run.docker, spec.image);
    const place = new DockerPlace(run, spec, image, posix.normalize(spec.mount).replace(/(.)\/$/, '$1'));
    await place.#makeVolume();
    return place;
  }

  get build(): string {
    return this.#image.id;
  }

  get reached(): Endpoints {
    return this.#reached;
  }

  start(spec: ProgramSpec, log: ProgramLog): Promise<Program> {
    return this.#exclusive(async () => {
      this.#mustBeStopped();
      await this.#dropContainer();
      const container = await this.#create(
        programContainer(this.#run, this.#containerSpec(), spec, this.#reached),
      );
      this.#container = container;
      const program = await this.#launch(container, spec, log).catch(async (error: unknown) => {
        await this.#dropContainer();
        throw error;
      });
      this.#program = program;
      void program.exited.then(() => {
        if (this.#program === program) this.#program = undefined;
      });
      return program;
    });
  }

  async exec(argv: readonly [string, ...string[]], options: ExecOptions): Promise<ExecResult> {
    return execInContainer(this.#mustRun().container, argv, options);
  }

  readFile(path: string): Promise<Uint8Array> {
    const name = pathInVolume(this.volume, path);
    return this.#withFiles((container) => readContainerFile(container, posix.join(this.volume, name)));
  }

  writeFile(path: string, content: string | Uint8Array): Promise<void> {
    const name = pathInVolume(this.volume, path);
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    return this.#withFiles(async (container) => {
      const owner = (this.#image.owner ??= await imageUser(container, this.#image.user));
      await writeContainerFile(container, this.volume, name, bytes, owner);
    });
  }

  snapshot(name: string): Promise<void> {
    const file = this.#snapshotFile(name);
    return this.#withFiles(async (container) => {
      this.#mustBeStopped();
      await ask(
        `copying the volume of ${this.#spec.name}`,
        async (signal) => {
          await mkdir(dirname(file), { recursive: true, mode: 0o700 });
          const volume = await container.getArchive({ path: this.volume });
          await pipeline(volume, createWriteStream(`${file}.part`, { mode: 0o600 }), { signal });
          await rename(`${file}.part`, file);
          this.#snapshots.add(file);
        },
        { ms: COPY_MS },
      );
    });
  }

  restore(name: string): Promise<void> {
    const file = this.#snapshotFile(name);
    return this.#exclusive(async () => {
      this.#mustBeStopped();
      await stat(file).catch((cause: unknown) => {
        throw new BoltgridError(
          'runtime.no-such-snapshot',
          'setup',
          `${this.#spec.name} has no snapshot ${name}`,
          {
            cause,
          },
        );
      });
      await this.#dropContainer();
      await this.#dropVolume();
      await this.#makeVolume();
      this.#copyImageFiles = false;
      const container = await this.#fileContainer();
      // With the folder itself, which has an owner and a mode as well.
      await ask(
        `putting back the volume of ${this.#spec.name}`,
        () => container.putArchive(createReadStream(file), { path: posix.dirname(this.volume) }),
        { ms: COPY_MS },
      );
    });
  }

  useImage(image: string): Promise<void> {
    return this.#exclusive(async () => {
      const found = await inspectImage(this.#run.docker, image);
      if (!this.#program) await this.#dropContainer();
      this.#image = found;
    });
  }

  async pause(): Promise<void> {
    const { container, program } = this.#mustRun();
    await ask(`pausing ${this.#spec.name}`, () => container.pause());
    program.paused = true;
  }

  async unpause(): Promise<void> {
    const { container, program } = this.#mustRun();
    await ask(`unpausing ${this.#spec.name}`, () => container.unpause());
    program.paused = false;
  }

  async usage(): Promise<{ memoryBytes: number }> {
    const { container } = this.#mustRun();
    const { memory_stats: memory } = await ask(`memory of ${this.#spec.name}`, () =>
      container.stats({ stream: false, 'one-shot': true }),
    );
    // What is kept of files could be given back at any time: the engine's own command line leaves it out, too.
    const files = memory.stats as { total_inactive_file?: number; inactive_file?: number } | undefined;
    return { memoryBytes: memory.usage - (files?.total_inactive_file ?? files?.inactive_file ?? 0) };
  }

  remove(): Promise<void> {
    this.#removed = true;
    return this.#exclusive(
      async () => {
        await this.#program?.kill();
        await this.#dropContainer();
        await this.#dropVolume();
        for (const file of this.#snapshots) await rm(file, { force: true });
      },
      { alsoRemoved: true },
    );
  }

  async #launch(
    container: Dockerode.Container,
    spec: ProgramSpec,
    log: ProgramLog,
  ): Promise<AttachedProgram> {
    if (this.#run.hasInit) await mustHold(container, spec.argv[0], this.#image.path);
    const program = await attachProgram(this.#run.docker, container, spec, log);
    try {
      await ask(`starting ${this.#spec.name}`, () => container.start());
    } catch (error) {
      program.abandon();
      throw this.#cannotStart(spec, error);
    }
    try {
      const info = await ask(`inspecting ${this.#spec.name}`, () => container.inspect());
      // One that has ended already is on no network any more, and is reached by nobody.
      if (info.State.Running) this.#reached = publishedPorts(this.#run, this.#spec, info);
      return program;
    } catch (error) {
      await program.kill();
      throw error;
    }
  }

  #cannotStart({ argv }: ProgramSpec, error: unknown): BoltgridError {
    const cause = dockerError(`starting ${this.#spec.name}`, error);
    if (cause.code !== 'docker.failed') return cause;
    return new BoltgridError('runtime.cannot-start', 'setup', `cannot start ${argv[0]}: ${cause.message}`, {
      details: { file: argv[0], image: this.#image.reference },
      cause,
    });
  }

  /** The container that there is, or one that is only for files. When it was removed by hand, another. */
  #withFiles<T>(work: (container: Dockerode.Container) => Promise<T>): Promise<T> {
    return this.#exclusive(async () => {
      try {
        return await work(await this.#fileContainer());
      } catch (error) {
        if (!isContainerGone(error) || this.#program) throw error;
        this.#container = undefined;
        return work(await this.#fileContainer());
      }
    });
  }

  async #fileContainer(): Promise<Dockerode.Container> {
    this.#container ??= await this.#create(fileContainer(this.#run, this.#containerSpec()));
    return this.#container;
  }

  #containerSpec(): ContainerSpec {
    return {
      place: this.#spec,
      name: this.#name,
      image: this.#image.id,
      volume: this.#name,
      mount: this.volume,
      copyImageFiles: this.#copyImageFiles,
    };
  }

  #create(options: Dockerode.ContainerCreateOptions): Promise<Dockerode.Container> {
    return ask(`making a container for ${this.#spec.name}`, () => this.#run.docker.createContainer(options));
  }

  async #dropContainer(): Promise<void> {
    const container = this.#container;
    this.#container = undefined;
    if (!container) return;
    await askGone(`removing the container of ${this.#spec.name}`, () =>
      container.remove({ force: true, v: true }),
    );
  }

  async #makeVolume(): Promise<void> {
    await ask(`making a volume for ${this.#spec.name}`, () =>
      this.#run.docker.createVolume({ Name: this.#name, Labels: { ...this.#run.labels } }),
    );
  }

  async #dropVolume(): Promise<void> {
    await askGone(`removing the volume of ${this.#spec.name}`, () =>
      this.#run.docker.getVolume(this.#name).remove({ force: true }),
    );
  }

  #snapshotFile(name: string): string {
    checkName('snapshot', name);
    return join(this.#spec.folder, 'snapshots', `${name}.tar`);
  }

  #mustRun(): { readonly container: Dockerode.Container; readonly program: AttachedProgram } {
    if (this.#program && this.#container) return { container: this.#container, program: this.#program };
    throw new BoltgridError('runtime.not-running', 'setup', `${this.#spec.name} is not running`);
  }

  #mustBeStopped(): void {
    if (!this.#program) return;
    throw new BoltgridError('runtime.running', 'setup', `${this.#spec.name} is running`);
  }

  /** One after the other: all these make, use or remove the place's one container. */
  #exclusive<T>(work: () => Promise<T>, { alsoRemoved = false } = {}): Promise<T> {
    const next = this.#last.then(() => {
      if (this.#removed && !alsoRemoved) {
        throw new BoltgridError('runtime.removed', 'setup', `${this.#spec.name} was removed`);
      }
      return work();
    });
    this.#last = next.catch(() => undefined);
    return next;
  }
}
