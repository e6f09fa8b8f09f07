import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FrameSplitter } from '../../../src/runtime/docker/frames.ts';

const frame = (stream: number, content: Uint8Array): Buffer => {
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(content.length, 4);
  return Buffer.concat([header, content]);
};

test('both outputs come out whole, however the stream is cut', () => {
  const frames = fc.array(fc.tuple(fc.constantFrom(1, 2), fc.uint8Array({ maxLength: 50 })));
  fc.assert(
    fc.property(frames, fc.array(fc.integer({ min: 1, max: 20 })), (sent, cuts) => {
      const got: Record<number, Buffer[]> = { 1: [], 2: [] };
      const splitter = new FrameSplitter(
        (chunk) => got[1]!.push(chunk),
        (chunk) => got[2]!.push(chunk),
      );
      let rest = Buffer.concat(sent.map(([stream, content]) => frame(stream, content)));
      for (const length of cuts) {
        splitter.push(rest.subarray(0, length));
        rest = rest.subarray(length);
      }
      splitter.push(rest);
      for (const stream of [1, 2]) {
        const wanted = sent.filter(([of]) => of === stream).map(([, content]) => content);
        expect(Buffer.concat(got[stream]!)).toEqual(Buffer.concat(wanted));
      }
    }),
  );
});

test('content is handed on before its frame is complete', () => {
  const got: string[] = [];
  const splitter = new FrameSplitter(
    (chunk) => got.push(String(chunk)),
    () => undefined,
  );
  splitter.push(frame(1, Buffer.from('half of it')).subarray(0, 12));
  expect(got).toEqual(['half']);
});
