import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  existsSync,
  watch,
  mkdirSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';

/**
 * The whole command on real nodes, killed in the middle without a warning, and resumed: the verdicts are those of a run that nobody
 * disturbed, and no process and no volume is left.
 */
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const BOLTGRID = ['--conditions=boltgrid:source', '--import', 'tsx', 'src/cli/bin.ts'];
const SELECTION = ['--node', 'ldk@0.1.2', '--suite', 'bolt01/ping', '--suite', 'bolt08/frames'];

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'boltgrid-kill-'));
  folders.push(folder);
  return folder;
}

function boltgrid(...argv: readonly string[]): ChildProcess {
  return spawn(process.execPath, [...BOLTGRID, ...argv], { cwd: ROOT, stdio: 'ignore' });
}

const journalOf = (out: string): string => join(out, 'latest', 'run.jsonl');

interface Event {
  readonly event: string;
  readonly case?: string;
  readonly verdict?: string;
}

function eventsOf(out: string): Event[] {
  return readFileSync(journalOf(out), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}'))
    .map((line) => JSON.parse(line) as Event);
}

/** The last word on each case. */
function verdictsOf(out: string): Record<string, string> {
  const finished = eventsOf(out).filter(({ event }) => event === 'case-finished');
  return Object.fromEntries(finished.map(({ case: id = '', verdict = '' }) => [id, verdict] as const));
}

/** Resolves as soon as the journal holds `count` events of that kind, or the run has ended. */
async function journalHolds(out: string, kind: string, count: number, child: ChildProcess): Promise<void> {
  const holds = (): boolean =>
    existsSync(journalOf(out)) && eventsOf(out).filter(({ event }) => event === kind).length >= count;
  mkdirSync(out, { recursive: true });
  const watcher = watch(out, { recursive: true });
  const exited = once(child, 'exit');
  try {
    while (!holds() && child.exitCode === null) {
      await Promise.race([once(watcher, 'change'), exited]);
    }
  } finally {
    watcher.close();
  }
}

/** Processes that work in the folder: nodes have their volume as working folder. */
function processesIn(folder: string): string[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .filter((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/cwd`).startsWith(folder);
      } catch {
        return false; // It has ended meanwhile, or is not ours.
      }
    });
}

async function noProcessIn(folder: string): Promise<void> {
  await expect.poll(() => processesIn(folder), { timeout: 15_000 }).toEqual([]);
}

describe.skipIf(process.platform !== 'linux')('a run that is killed', () => {
  let expected: { readonly exitCode: number | null; readonly verdicts: Record<string, string> };
  beforeAll(async () => {
    const out = newFolder();
    const undisturbed = boltgrid('run', ...SELECTION, '--out', out);
    await once(undisturbed, 'exit');
    expected = { exitCode: undisturbed.exitCode, verdicts: verdictsOf(out) };
  }, 120_000);

  test.each([
    ['header', 1],
    ['node-started', 1],
    ['case-finished', 1],
    ['case-finished', 12],
    ['case-finished', 30],
  ] as const)(
    'after %s %i, and resumed, ends as if nothing had happened',
    async (kind, count) => {
      const out = newFolder();
      const killed = boltgrid('run', ...SELECTION, '--out', out);
      await journalHolds(out, kind, count, killed);
      killed.kill('SIGKILL');
      await once(killed, 'exit');
      expect(eventsOf(out).at(-1)?.event, 'it was killed before its end').not.toBe('footer');
      await noProcessIn(out);

      const resumed = boltgrid('run', '--resume', '--out', out);
      await once(resumed, 'exit');
      expect(resumed.exitCode).toBe(expected.exitCode);
      expect(verdictsOf(out)).toEqual(expected.verdicts);
      expect(eventsOf(out).at(-1)).toMatchObject({ event: 'footer', reason: 'complete' });
      await noProcessIn(out);
      expect(existsSync(join(out, 'latest', 'worlds'))).toBe(false);
      expect(existsSync(join(out, 'latest', 'run.lock'))).toBe(false);
    },
    180_000,
  );
});
