import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildkitText } from '../../../src/runtime/docker/buildkit.ts';

/** A field of protobuf's that holds bytes: key, length, content (all lengths below 128 here). */
const field = (number: number, content: Buffer | string): Buffer =>
  Buffer.concat([Buffer.from([number * 8 + 2, Buffer.byteLength(content)]), Buffer.from(content)]);

const time = field(1, 'x');
const status = (...fields: Buffer[]): string => Buffer.concat(fields).toString('base64');

test('steps that begin, are cached or fail, and what they print', () => {
  const begins = field(1, Buffer.concat([field(1, 'sha256:0'), field(3, '[1/2] RUN make'), field(5, time)]));
  const ends = field(1, Buffer.concat([field(3, '[1/2] RUN make'), field(5, time), field(6, time)]));
  const cached = field(1, Buffer.concat([field(3, '[2/2] COPY a b'), Buffer.from([4 * 8, 1])]));
  const fails = field(1, Buffer.concat([field(3, 'RUN x'), field(6, time), field(7, 'exit code: 7')]));
  const log = field(
    3,
    Buffer.concat([field(1, 'sha256:0'), Buffer.from([3 * 8, 1]), field(4, 'compiling\n')]),
  );
  expect(buildkitText(status(begins, ends, cached, fails, log))).toEqual([
    '[1/2] RUN make\n',
    'CACHED [2/2] COPY a b\n',
    'RUN x: exit code: 7\n',
    'compiling\n',
  ]);
});

test('whatever comes, it ends, and what is no text is none', () => {
  expect(buildkitText({ ID: 'sha256:0' })).toEqual([]);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(Array.isArray(buildkitText(Buffer.from(bytes).toString('base64')))).toBe(true);
    }),
  );
});
