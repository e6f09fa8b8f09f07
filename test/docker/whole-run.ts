import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, watch } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect, onTestFailed, onTestFinished } from 'vitest';
import type { JournalEvent } from '../../src/journal/events.ts';
import type { Engine } from '../../src/runtime/docker/engine.ts';
import type { Leftover } from '../../src/runtime/docker/sweep.ts';
import { fixture, temporaryFolder } from '../nodes/drivers.ts';
import { findChain, findNode } from './two-nodes.ts';

/* The whole command as a process, in a project that is not ours. */

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const BOLTGRID = ['--conditions=boltgrid:source', '--import', TSX, join(ROOT, 'src/cli/bin.ts')];

/** An image with Node.js in it, for scripted nodes. `undefined`, and says why, where it or that of bitcoind is not here. */
export async function imageWithNode(engine: Engine): Promise<string | undefined> {
  if (process.env.BOLTGRID_REQUIRE_DOCKER === '1' && !(await findChain(engine))) {
    throw new Error('no image of bitcoind is here');
  }
  return (await findNode(engine, 'ldk', '0.1.2', 'default'))?.image.reference;
}

/** What a node.json of a test says beside what that of the scripted node says. */
export type ManifestChanges = Readonly<Record<string, unknown>>;

/** Beside our own environment; as another user, where we may. */
export interface How {
  readonly env?: Readonly<Record<string, string>>;
  readonly uid?: number;
  readonly gid?: number;
}

/** Without what npm says of how we were started ourselves: hints name the command by it. */
const ourEnvironment = (): NodeJS.ProcessEnv =>
  Object.fromEntries([
    ...Object.entries(process.env).filter(([name]) => !name.startsWith('npm_')),
    ['NO_COLOR', '1'],
  ]);

export interface Project extends AsyncDisposable {
  readonly folder: string;
  /** The file that cases wait for which last until they are told. */
  readonly go: string;
  /** In the project's folder; killed at the end of the test at the latest. */
  boltgrid(argv: readonly string[], how?: How): Command;
}

/** A folder with a matrix of its own over scripted nodes: each of `manifests` is an implementation. `files`: by path in the folder. */
export async function project(
  manifests: Readonly<Record<string, ManifestChanges>>,
  nodes: readonly string[],
  files: Readonly<Record<string, string>> = {},
): Promise<Project> {
  const scratch = await temporaryFolder();
  const { folder } = scratch;
  const driver = fixture('nodes/scripted/driver.ts');
  for (const [implementation, changes] of Object.entries(manifests)) {
    const place = join(folder, 'nodes', implementation);
    await mkdir(place, { recursive: true });
    const manifest = JSON.parse(readFileSync(fixture('nodes/scripted/node.json'), 'utf8')) as object;
    const run = {
      driver: { bundle: relative(place, driver) },
      container: { argv: ['node', '{volume}/driver.mjs'] },
    };
    await writeFile(
      join(place, 'node.json'),
      JSON.stringify({ ...manifest, implementation, title: implementation, run, ...changes }),
    );
  }
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  const suites = [relative(folder, fixture('suites/faults/containers.ts'))];
  await writeFile(
    join(folder, 'matrix.json'),
    JSON.stringify({ images: ['nodes'], nodes, suites, pairs: 'none' }),
  );
  const go = join(folder, 'go');
  return {
    folder,
    go,
    boltgrid: (argv, { env, ...how } = {}) => {
      const command = new Command(folder, argv, { ...how, env: { BOLTGRID_TEST_GO: go, ...env } });
      // Also when the test has failed, or its time is over.
      onTestFinished(() => command.kill());
      onTestFailed(() => {
        console.error(command.said());
      });
      return command;
    },
    [Symbol.asyncDispose]: () => scratch[Symbol.asyncDispose](),
  };
}

/** The scripted node as it runs in Docker alone: on a bitcoind, in an image that has Node.js. */
export const inContainer = (image: string, more: ManifestChanges = {}): ManifestChanges => ({
  image: { pull: image },
  needs: { chain: 'bitcoind' },
  limits: { memoryMb: 160, pids: 64 },
  timing: { startMs: 30_000, answerMs: 10_000, quietMs: 200, blockMs: 5000, gossipMs: 5000 },
  ...more,
});

/** A profile with a fault of the scripted driver. */
export const withFault = (fault: string, more: ManifestChanges = {}): object => ({
  about: fault,
  settings: { fault },
  ...more,
});

export const PROFILES = { default: { about: 'works' } } as const;

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A running command line. */
export class Command {
  readonly ended: Promise<Ended>;
  readonly #folder: string;
  readonly #child;
  #out = '';
  #err = '';
  #running = true;

  constructor(folder: string, argv: readonly string[], { env, ...user }: How) {
    this.#folder = folder;
    this.#child = spawn(process.execPath, [...BOLTGRID, ...argv], {
      cwd: folder,
      env: { ...ourEnvironment(), ...env },
      ...user,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => (this.#out += text));
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => (this.#err += text));
    this.ended = new Promise((resolve) => {
      this.#child.once('close', (code) => {
        this.#running = false;
        resolve({ code, out: this.#out, err: this.#err });
      });
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  said(): string {
    return `${this.#out}\n${this.#err}`;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Without a word to it, and without its workers. */
  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.ended;
  }

  /** Also its workers, so that nobody is left to tidy up. */
  async killAll(): Promise<void> {
    const workers = this.workers();
    this.signal('SIGKILL');
    for (const pid of workers) process.kill(pid, 'SIGKILL');
    await this.ended;
  }

  /** Ids of the processes that it has started itself. */
  workers(): readonly number[] {
    const text = readFileSync(`/proc/${this.pid}/task/${this.pid}/children`, 'utf8');
    return text.split(' ').filter(Boolean).map(Number);
  }

  /** Resolves once it has written this, to either. */
  async says(pattern: RegExp): Promise<void> {
    await this.#until(
      () => pattern.test(this.#out) || pattern.test(this.#err),
      () => Promise.race([once(this.#child.stdout, 'data'), once(this.#child.stderr, 'data')]),
    );
  }

  /** Resolves once the journal of its run holds so many events of that kind. */
  async journals(count: number, wanted: (event: JournalEvent) => boolean): Promise<void> {
    const reports = join(this.#folder, 'reports');
    await mkdir(reports, { recursive: true });
    const watcher = watch(reports, { recursive: true });
    try {
      await this.#until(
        () => journalOf(this.#folder).filter(wanted).length >= count,
        () => once(watcher, 'change'),
      );
    } finally {
      watcher.close();
    }
  }

  /** Fails when it has ended, and what was awaited has not come. */
  async #until(holds: () => boolean, something: () => Promise<unknown>): Promise<void> {
    while (!holds()) {
      if (!this.#running) throw new Error('it ended before');
      await Promise.race([something(), this.ended]);
    }
  }
}

/** What the latest run of a project has written so far. */
export function journalOf(folder: string): readonly JournalEvent[] {
  const file = join(folder, 'reports/latest/run.jsonl');
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as JournalEvent);
}

export function runIdOf(folder: string): string {
  const [header] = journalOf(folder);
  if (header?.event !== 'header') throw new Error('there is no run yet');
  return header.runId;
}

export type Finished = Extract<JournalEvent, { event: 'case-finished' }>;

/** The last word on each case: by cell and the case without its suite. */
export function resultsOf(folder: string): ReadonlyMap<string, Finished> {
  const finished = journalOf(folder).filter((event) => event.event === 'case-finished');
  return new Map(
    finished.map((result) => [`${result.cell} ${result.case.replace('faults/containers#', '')}`, result]),
  );
}

export const verdictsOf = (folder: string): Record<string, string> =>
  Object.fromEntries([...resultsOf(folder)].map(([key, { verdict }]) => [key, verdict]));

export const started =
  (cell: string, name = '') =>
  (event: JournalEvent): boolean =>
    event.event === 'case-started' && event.cell === cell && event.case.includes(`#${name}`);

export const finished =
  (cell: string, name = '') =>
  (event: JournalEvent): boolean =>
    event.event === 'case-finished' && event.cell === cell && event.case.includes(`#${name}`);

/** Containers, volumes and networks of a run. */
export async function left(engine: Engine, runId: string): Promise<readonly Leftover[]> {
  return (await engine.leftovers()).filter((one) => one.runId === runId);
}

/** Nothing of the project's latest run is in Docker, and none of its folders of worlds is there. */
export async function nothingIsLeft(engine: Engine, folder: string): Promise<void> {
  expect(await left(engine, runIdOf(folder))).toEqual([]);
  expect(existsSync(join(folder, 'reports/latest/worlds'))).toBe(false);
}
