import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cleanText } from '../../src/core/text.ts';
import { loadJournal } from '../../src/journal/reader.ts';
import type { JournalEvent } from '../../src/journal/events.ts';
import { temporaryFolders } from './folder.ts';
import {
  asLines,
  CASES,
  CELLS,
  finished,
  footerEvent,
  resumedEvent,
  sampleHeader,
  started,
} from './sample.ts';

const folder = temporaryFolders();

async function read(
  content: string | Uint8Array,
  limits?: { lineBytes: number; journalBytes: number },
): Promise<JournalEvent[]> {
  const file = join(await folder(), 'run.jsonl');
  await writeFile(file, content);
  return loadJournal(file, limits);
}

const whole = [
  sampleHeader(),
  started(CELLS[0], CASES[0]),
  finished(CELLS[0], CASES[0], 'fail', 1, { message: 'é → 🙂', expected: { bytes: 3 } }),
  footerEvent(),
];

describe('reading a journal', () => {
  it('gives every event back', async () => {
    expect(await read(asLines(whole))).toEqual(whole);
  });

  it('passes over a torn last line, also one that only lacks its newline', async () => {
    expect(await read(`${asLines(whole.slice(0, 2))}{"event":"case-fin`)).toEqual(whole.slice(0, 2));
    expect(await read(asLines(whole).slice(0, -1))).toEqual(whole.slice(0, 3));
  });

  it.each([
    [
      'a torn line in the middle',
      `${asLines(whole.slice(0, 1))}{"event":"case\n${asLines(whole.slice(1))}`,
      2,
    ],
    ['an empty line', `${asLines(whole.slice(0, 2))}\n`, 3],
    ['an unknown event', asLines([whole[0], { event: 'surprise' }]), 2],
    ['an unknown key', asLines([whole[0], { ...resumedEvent(), more: 1 }]), 2],
    ['a line that is no object', asLines([whole[0], 7]), 2],
    [
      'a verdict that does not exist',
      asLines([whole[0], { ...finished(CELLS[0], CASES[0], 'pass'), verdict: 'great' }]),
      2,
    ],
  ])('refuses %s and names the line', async (_, content, line) => {
    await expect(read(content)).rejects.toMatchObject({
      code: 'journal.bad-line',
      blame: 'user',
      details: { line },
    });
  });

  it('refuses bytes that are not UTF-8', async () => {
    const bytes = Buffer.concat([Buffer.from(asLines(whole.slice(0, 1))), Buffer.from([0xff, 0xfe, 0x0a])]);
    await expect(read(bytes)).rejects.toMatchObject({ code: 'journal.bad-line', details: { line: 2 } });
  });

  it.each([
    ['no header', asLines(whole.slice(1)), 1],
    ['two headers', asLines([whole[0], whole[0]]), 2],
    ['an event after the footer', asLines([...whole, whole[1]]), 5],
    ['a test that was not planned', asLines([whole[0], started('lnd@1', CASES[0])]), 2],
  ])('refuses %s', async (_, content, line) => {
    await expect(read(content)).rejects.toMatchObject({ code: 'journal.bad-order', details: { line } });
  });

  it('goes on after a footer that was resumed', async () => {
    const events = [
      whole[0],
      footerEvent('cancelled'),
      resumedEvent(),
      started(CELLS[1], CASES[1]),
      footerEvent(),
    ];
    expect(await read(asLines(events))).toEqual(events);
  });

  it('refuses a test that the cell does not run', async () => {
    const header = sampleHeader();
    const cells = header.cells.map((cell) => ({ ...cell, only: [CASES[0]] }));
    await expect(read(asLines([{ ...header, cells }, started(CELLS[0], CASES[1])]))).rejects.toMatchObject({
      code: 'journal.bad-order',
    });
  });

  it('says which version it reads', async () => {
    await expect(read(asLines([{ event: 'header', v: 2, new: true }]))).rejects.toMatchObject({
      code: 'journal.unknown-version',
      message: expect.stringContaining('version 2; this boltgrid reads version 1') as string,
    });
  });

  it.each([
    ['', 'journal.no-header'],
    ['{"event":"hea', 'journal.no-header'],
  ])('says that there is no header in %j', async (content, code) => {
    await expect(read(content)).rejects.toMatchObject({ code });
  });

  it('says that there is no file', async () => {
    const missing = join(await folder(), 'none.jsonl');
    await expect(loadJournal(missing)).rejects.toMatchObject({ code: 'journal.not-found', blame: 'user' });
  });

  it('caps the size of a line and of the whole', async () => {
    const content = asLines(whole);
    const longest = Math.max(...content.split('\n').map((line) => Buffer.byteLength(line)));
    const bytes = Buffer.byteLength(content);
    const code = 'journal.too-large';
    expect(await read(content, { lineBytes: longest, journalBytes: bytes })).toHaveLength(4);
    await expect(read(content, { lineBytes: longest - 1, journalBytes: bytes })).rejects.toMatchObject({
      code,
    });
    await expect(read(content, { lineBytes: longest, journalBytes: bytes - 1 })).rejects.toMatchObject({
      code,
    });
    await expect(read('x'.repeat(2000), { lineBytes: 1000, journalBytes: bytes })).rejects.toMatchObject({
      code,
    });
  });

  it('cleans what it repeats of a hostile line', async () => {
    const hostile = `{"event":"\\u001b]0;owned\\u0007\\u001b[31m${'x'.repeat(5000)}"}\n`;
    const error: unknown = await read(`${asLines([whole[0]])}${hostile}`).catch((thrown: unknown) => thrown);
    const { message } = error as Error;
    expect(message).toBe(cleanText(message));
    expect(message.length).toBeLessThan(700);
  });
});
