import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LineSplitter } from '../../src/runtime/lines.ts';

function split(chunks: readonly Buffer[], maxBytes: number): { lines: string[]; cut: number } {
  const lines: string[] = [];
  let cut = 0;
  const splitter = new LineSplitter(
    maxBytes,
    (line) => lines.push(line),
    () => cut++,
  );
  for (const chunk of chunks) splitter.push(chunk);
  splitter.end();
  return { lines, cut };
}

test('lines do not depend on how the bytes came', () => {
  const line = fc.string({ unit: 'grapheme' }).map((text) => text.replace(/[\r\n]/g, ''));
  fc.assert(
    fc.property(fc.array(line), fc.array(fc.nat(7)), (lines, cuts) => {
      const bytes = Buffer.from(lines.map((text) => `${text}\n`).join(''));
      const chunks: Buffer[] = [];
      let at = 0;
      for (const length of cuts) chunks.push(bytes.subarray(at, (at += length)));
      chunks.push(bytes.subarray(at));
      expect(split(chunks, 10_000).lines).toEqual(lines);
    }),
  );
});

test('a line that is too long is told once and passed over', () => {
  const chunks = ['ok\nxxxxx', 'xxxxxxx', 'xx\nfine\n'].map((text) => Buffer.from(text));
  expect(split(chunks, 8)).toEqual({ lines: ['ok', 'fine'], cut: 1 });
});

test('the end of the input ends a line, CR LF counts as one end', () => {
  expect(split([Buffer.from('a\r\nb')], 8).lines).toEqual(['a', 'b']);
});
