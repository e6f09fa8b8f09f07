import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JournalEvent } from '../../src/journal/events.ts';
import { prepareResume, readResumePoint } from '../../src/journal/resume.ts';
import type { Verdict } from '../../src/core/verdict.ts';
import { testKey } from '../../src/matrix/plan.ts';
import { temporaryFolders } from './folder.ts';
import {
  asLines,
  CASES,
  CELLS,
  finished,
  footerEvent,
  PLAN_HASH,
  resumedEvent,
  sampleHeader,
  started,
} from './sample.ts';

const folder = temporaryFolders();

async function pointAfter(events: readonly JournalEvent[]) {
  const file = join(await folder(), 'run.jsonl');
  await writeFile(file, asLines([sampleHeader(), ...events]));
  const { finished: standing, dropped } = await readResumePoint(file);
  return { standing: [...standing.values()].map((test) => `${test.case} ${test.verdict}`), dropped };
}

const [cell] = CELLS;
const [one, two] = CASES;
const again = { rerunFollows: true } as const;

describe('where a run stands', () => {
  it.each<[string, JournalEvent[], string[], number]>([
    ['nothing yet', [], [], 0],
    ['started only', [started(cell, one)], [], 1],
    ['passed', [started(cell, one), finished(cell, one, 'pass')], [`${one} pass`], 0],
    ['decided before it started', [finished(cell, one, 'unsupported')], [`${one} unsupported`], 0],
    [
      'red and never run again',
      [started(cell, one), finished(cell, one, 'setup-error')],
      [`${one} setup-error`],
      0,
    ],
    ['red, not yet run again', [started(cell, one), finished(cell, one, 'fail', 1, again)], [], 1],
    [
      'red, being run again',
      [started(cell, one), finished(cell, one, 'fail', 1, again), started(cell, one, 2), started(cell, two)],
      [],
      2,
    ],
    [
      'red twice',
      [
        started(cell, one),
        finished(cell, one, 'fail'),
        started(cell, one, 2),
        finished(cell, one, 'fail', 2),
      ],
      [`${one} fail`],
      0,
    ],
    [
      'passed, then a suspect',
      [started(cell, one), finished(cell, one, 'pass'), started(cell, one, 2)],
      [],
      1,
    ],
    ['not run', [finished(cell, one, 'not-run'), footerEvent('cancelled')], [], 0],
    [
      'dropped and finished later',
      [started(cell, one), resumedEvent(1), started(cell, one), finished(cell, one, 'pass')],
      [`${one} pass`],
      0,
    ],
    ['dropped earlier', [started(cell, one), resumedEvent(1)], [], 0],
  ])('%s', async (_, events, standing, dropped) => {
    expect(await pointAfter(events)).toEqual({ standing, dropped });
  });
});

/** A run as the runner writes it: each test is started and finished, a red one twice; tests overlap at random. */
const runs = fc
  .record({
    verdicts: fc.array(fc.constantFrom<Verdict>('pass', 'warn', 'fail', 'timeout', 'unsupported'), {
      minLength: 6,
      maxLength: 6,
    }),
    order: fc.array(fc.nat(5), { minLength: 30, maxLength: 60 }),
    messages: fc.array(fc.string({ unit: 'binary', maxLength: 20 }), { minLength: 6, maxLength: 6 }),
  })
  .map(({ verdicts, order, messages }) => {
    const queues = CELLS.flatMap((node) => CASES.map((test) => ({ node, test }))).map(({ node, test }, i) => {
      const verdict = verdicts[i] ?? 'pass';
      const rest = { message: messages[i] ?? '' };
      const twice = verdict === 'fail' || verdict === 'timeout';
      const first = [
        started(node, test),
        finished(node, test, verdict, 1, twice ? { ...rest, ...again } : rest),
      ];
      return twice ? [...first, started(node, test, 2), finished(node, test, verdict, 2, rest)] : first;
    });
    return [sampleHeader(), ...order.flatMap((i) => queues[i]?.splice(0, 1) ?? [])];
  });

/** What stands after some events, said in another way: the last event of the test settles it. */
function expectedStanding(events: readonly JournalEvent[]): string[] {
  const last = new Map<string, JournalEvent>();
  for (const event of events) if ('case' in event) last.set(testKey(event.cell, event.case), event);
  return [...last]
    .filter(([, event]) => {
      return (
        event.event === 'case-finished' &&
        (event.attempt === 2 || !['fail', 'timeout'].includes(event.verdict))
      );
    })
    .map(([key]) => key);
}

describe('a journal cut at any byte', () => {
  it('is resumed from exactly the lines that are whole', async () => {
    const path = await folder();
    await fc.assert(
      fc.asyncProperty(runs, fc.double({ min: 0, max: 1, noNaN: true }), async (events, where) => {
        const lines = events.map((event) => Buffer.from(asLines([event])));
        const bytes = Buffer.concat(lines);
        const headerBytes = lines[0]?.length ?? 0;
        const cut = headerBytes + Math.round(where * (bytes.length - headerBytes));
        const file = join(path, 'run.jsonl');
        await writeFile(file, bytes.subarray(0, cut));

        const ends = lines.map((_, i) => Buffer.concat(lines.slice(0, i + 1)).length);
        const whole = events.filter((_, i) => (ends[i] ?? 0) <= cut);
        const wholeBytes = ends[whole.length - 1] ?? 0;
        const point = await prepareResume(file, PLAN_HASH);
        expect([...point.finished.keys()].sort()).toEqual(expectedStanding(whole).sort());
        expect((await readFile(file)).equals(bytes.subarray(0, wholeBytes))).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  it('within its header has nothing to resume', async () => {
    const file = join(await folder(), 'run.jsonl');
    const bytes = Buffer.from(asLines([sampleHeader()]));
    for (const cut of [0, 1, 40, bytes.length - 1]) {
      await writeFile(file, bytes.subarray(0, cut));
      await expect(prepareResume(file, PLAN_HASH)).rejects.toMatchObject({ code: 'journal.no-header' });
    }
  });
});
