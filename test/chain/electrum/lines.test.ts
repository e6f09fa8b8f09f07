import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineCutter } from '../../../src/chain/electrum/lines.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('lines', () => {
  it('come out the same however the stream is cut', () => {
    const line = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\n'));
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.nat()), (lines, cuts) => {
        const stream = bytes(lines.map((text) => `${text}\n`).join(''));
        const points = [...new Set(cuts.map((cut) => (stream.length === 0 ? 0 : cut % stream.length)))];
        const edges = [0, ...points.sort((a, b) => a - b), stream.length];
        const cutter = new LineCutter(10_000);
        const read = edges.slice(1).flatMap((to, i) => cutter.push(stream.subarray(edges[i], to)));
        expect(read).toEqual(lines.map((text) => Buffer.from(bytes(text)).toString('utf8')));
      }),
    );
  });

  it('that have not ended are kept, and do not see their chunk change', () => {
    const cutter = new LineCutter(10);
    const chunk = bytes('ab');
    expect(cutter.push(chunk)).toEqual([]);
    chunk.fill(0);
    expect(cutter.push(bytes('c\n\nd'))).toEqual(['abc', '']);
  });

  it('are refused past the limit, also when they never end', () => {
    expect(new LineCutter(3).push(bytes('abc\nabc\n'))).toEqual(['abc', 'abc']);
    expect(() => new LineCutter(3).push(bytes('abcd\n'))).toThrow('more than 3 bytes');
    const cutter = new LineCutter(3);
    cutter.push(bytes('ab'));
    expect(() => cutter.push(bytes('cd'))).toThrow('more than 3 bytes');
  });
});
