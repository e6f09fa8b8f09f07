import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { JournalEvent } from '../../src/journal/events.ts';
import { loadJournal } from '../../src/journal/reader.ts';
import { createRun, JOURNAL_FILE, resumeRun } from '../../src/journal/run.ts';
import { JournalWriter } from '../../src/journal/writer.ts';
import { temporaryFolders } from './folder.ts';
import { asLines, CASES, CELLS, finished, footerEvent, PLAN_HASH, sampleHeader, started } from './sample.ts';

const folder = temporaryFolders();

describe('writing a journal', () => {
  it('keeps the order of calls that do not wait for each other', async () => {
    const file = join(await folder(), 'run.jsonl');
    const writer = await JournalWriter.open(file, 'create');
    const events: JournalEvent[] = [sampleHeader()];
    for (let i = 0; i < 50; i++) events.push(finished(CELLS[i % 2]!, CASES[i % 3]!, 'pass', i + 1));
    await Promise.all(events.map((event) => writer.append(event)));
    await writer.close();
    expect(await readFile(file, 'utf8')).toBe(asLines(events));
  });

  it('writes amounts as decimal strings and bytes as hex, at any depth', async () => {
    const file = join(await folder(), 'run.jsonl');
    const writer = await JournalWriter.open(file, 'create');
    await writer.append(sampleHeader());
    const seen = {
      amount_msat: 2n ** 63n,
      list: [{ channel_id: Buffer.from('00ff', 'hex'), raw: Uint8Array.of(1, 2) }],
    };
    await writer.append(finished(CELLS[0], CASES[0], 'fail', 1, { expected: 1n, got: seen }));
    await writer.close();
    const [, event] = await loadJournal(file);
    expect(event).toMatchObject({
      expected: '1',
      got: { amount_msat: '9223372036854775808', list: [{ channel_id: '00ff', raw: '0102' }] },
    });
  });

  it('refuses an event that could not be read again, and goes on', async () => {
    const file = join(await folder(), 'run.jsonl');
    const writer = await JournalWriter.open(file, 'create');
    await writer.append(sampleHeader());
    const unreadable = finished(CELLS[0], CASES[0], 'pass', 1, { milliseconds: Number.NaN });
    await expect(writer.append(unreadable)).rejects.toMatchObject({
      code: 'journal.bad-event',
      blame: 'harness',
    });
    await writer.append(footerEvent());
    await writer.close();
    expect(await readFile(file, 'utf8')).toBe(asLines([sampleHeader(), footerEvent()]));
  });

  it('never begins over an existing journal', async () => {
    const run = await createRun(await folder(), sampleHeader());
    await run.close();
    await expect(JournalWriter.open(run.journal.file, 'create')).rejects.toMatchObject({
      code: 'journal.not-writable',
    });
  });

  it.skipIf(!existsSync('/dev/full'))(
    'says that the disk is full, once, and writes nothing after it',
    async () => {
      const writer = await JournalWriter.open('/dev/full', 'continue');
      const failure = {
        code: 'journal.write',
        blame: 'setup',
        hint: expect.stringContaining('disk is full') as string,
      };
      await expect(writer.append(sampleHeader())).rejects.toMatchObject(failure);
      await expect(writer.append(footerEvent())).rejects.toMatchObject(failure);
      await writer.close();
    },
  );
});

describe('a run folder', () => {
  it('that cannot be made gives one clear error', async () => {
    const file = join(await folder(), 'file');
    await writeFile(file, '');
    await expect(createRun(join(file, 'run'), sampleHeader())).rejects.toMatchObject({
      code: 'journal.not-writable',
      blame: 'setup',
      hint: expect.stringContaining('--out') as string,
    });
  });

  it('is let go of when its journal cannot be begun', async () => {
    const path = await folder();
    await mkdir(join(path, JOURNAL_FILE));
    for (let i = 0; i < 2; i++) {
      await expect(createRun(path, sampleHeader())).rejects.toMatchObject({ code: 'journal.not-writable' });
    }
  });

  it('goes on where it ended', async () => {
    const path = await folder();
    const first = await createRun(path, sampleHeader());
    await first.journal.append(started(CELLS[0], CASES[0]));
    await first.journal.append(finished(CELLS[0], CASES[0], 'pass'));
    await first.journal.append(started(CELLS[0], CASES[1]));
    await first.close();
    await writeFile(first.journal.file, '{"event":"case-', { flag: 'a' });

    const second = await resumeRun(path, PLAN_HASH);
    expect([...second.point.finished.values()]).toEqual([
      { cell: CELLS[0], case: CASES[0], verdict: 'pass' },
    ]);
    await second.journal.append(footerEvent());
    await second.close();
    const events = await loadJournal(first.journal.file);
    expect(events.map(({ event }) => event)).toEqual([
      'header',
      'case-started',
      'case-finished',
      'case-started',
      'resumed',
      'footer',
    ]);
    expect(events[4]).toMatchObject({ dropped: 1 });
  });

  it('refuses another plan and leaves the journal as it is', async () => {
    const path = await folder();
    const first = await createRun(path, sampleHeader());
    await first.close();
    const before = `${await readFile(first.journal.file, 'utf8')}{"torn`;
    await writeFile(first.journal.file, before);
    await expect(resumeRun(path, 'cd'.repeat(32))).rejects.toMatchObject({
      code: 'journal.other-plan',
      blame: 'user',
    });
    expect(await readFile(first.journal.file, 'utf8')).toBe(before);
  });
});
