import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BoltgridError } from '../src/core/error.ts';
import { PACKAGE_ROOT } from '../src/core/package.ts';
import type { JournalEvent } from '../src/journal/events.ts';
import { loadJournal } from '../src/journal/reader.ts';
import { median, type Row } from './measure.ts';

const RUNS = 3;

/** Seconds since the program was started. */
interface Phases {
  readonly 'first node up': number;
  readonly 'first case begun': number;
  readonly 'last case judged': number;
  readonly 'whole run': number;
}

/**
 * The whole embedded matrix, as a user starts it. Cold: no bundled drivers and no compiled TypeScript are cached, as after
 * `npm ci`; warm: a run went before.
 */
export async function benchRun(): Promise<readonly Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'boltgrid-bench-'));
  try {
    const cold: Phases[] = [];
    const warm: Phases[] = [];
    let judged = '';
    for (let i = 0; i < RUNS; i++) {
      // tsx keeps what it compiled under TMPDIR.
      const place = join(folder, String(i));
      await mkdir(place);
      for (const phases of [cold, warm]) {
        const { events, startedAt, ms } = await runOnce(place);
        phases.push(phasesOf(events, startedAt, ms));
        judged = inWords(events);
      }
    }
    return [...rowsOf('cold', cold, judged), ...rowsOf('warm', warm, judged)];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function runOnce(
  place: string,
): Promise<{ events: readonly JournalEvent[]; startedAt: number; ms: number }> {
  const out = await mkdtemp(join(place, 'reports-'));
  const program = ['--conditions=boltgrid:source', '--import', 'tsx', 'src/cli/bin.ts'];
  const startedAt = Date.now();
  const from = performance.now();
  const child = spawn(process.execPath, [...program, 'run', '--node', 'ldk', '--out', out], {
    cwd: PACKAGE_ROOT,
    env: { ...process.env, TMPDIR: place, BOLTGRID_CACHE: join(place, 'bundles') },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  const ms = performance.now() - from;
  // 1: something is red. That takes longer, and is said beside the figures.
  if (code !== 0 && code !== 1)
    throw new BoltgridError('bench.run-failed', 'harness', `the run ended with ${String(code)}`);
  const events = await loadJournal(join(out, 'latest', 'run.jsonl'));
  return { events, startedAt, ms };
}

function phasesOf(events: readonly JournalEvent[], startedAt: number, ms: number): Phases {
  const seconds = (of: JournalEvent['event'], which: 'first' | 'last'): number => {
    const times = events.flatMap((event) =>
      event.event === of && 'at' in event ? [Date.parse(event.at)] : [],
    );
    return ((which === 'first' ? Math.min(...times) : Math.max(...times)) - startedAt) / 1000;
  };
  return {
    'first node up': seconds('node-started', 'first'),
    'first case begun': seconds('case-started', 'first'),
    'last case judged': seconds('case-finished', 'last'),
    'whole run': ms / 1000,
  };
}

function inWords(events: readonly JournalEvent[]): string {
  const judged = events.filter((event) => event.event === 'case-finished');
  const reruns = judged.filter(({ attempt }) => attempt > 1).length;
  return `${judged.length} cases run, of which ${reruns} once more after they were red`;
}

function rowsOf(name: string, runs: readonly Phases[], judged: string): Row[] {
  return (Object.keys(runs[0] ?? {}) as (keyof Phases)[]).map((phase) => {
    const values = runs.map((phases) => phases[phase]);
    const [least, most] = [Math.min(...values), Math.max(...values)].map((value) => value.toFixed(2));
    const note = `${least} to ${most} in ${runs.length} runs${phase === 'whole run' ? `, ${judged}` : ''}`;
    return { name: `${name}: ${phase}`, value: median(values), unit: 's', note };
  });
}
