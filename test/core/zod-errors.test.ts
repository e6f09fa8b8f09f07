import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { BoltgridError } from '../../src/core/error.ts';
import { jsonPath, parseJson } from '../../src/core/zod-errors.ts';

const schema = z.strictObject({
  versions: z.record(z.string(), z.strictObject({ package: z.string(), note: z.string().optional() })),
  run: z
    .union([z.strictObject({ bundle: z.string() }), z.strictObject({ argv: z.array(z.string()) })])
    .optional(),
  mode: z.enum(['memory', 'bitcoind']).optional(),
  control: z.partialRecord(z.enum(['info', 'channels']), z.literal('driver')).optional(),
});

function failure(text: string): BoltgridError {
  try {
    parseJson('matrix', 'matrix.json', text, schema);
  } catch (error) {
    if (error instanceof BoltgridError) return error;
    throw error;
  }
  throw new TypeError('accepted');
}

describe('parseJson', () => {
  test('gives what the schema gives', () => {
    expect(parseJson('matrix', 'f', '{"versions":{"1":{"package":"p"}}}', schema)).toEqual({
      versions: { '1': { package: 'p' } },
    });
  });

  test('names file, path, allowed keys and the nearest one', () => {
    const error = failure('{"versions":{"0.1.2":{"packge":"p"}}}');
    expect(error).toMatchObject({ code: 'matrix.unknown-key', blame: 'user' });
  });

  test('an unknown key deep inside', () => {
    const error = failure('{"versions":{"0.1.2":{"package":"p","nots":"x"}}}');
    expect(error.code).toBe('matrix.unknown-key');
    expect(error.message).toBe('matrix.json: $.versions["0.1.2"].nots: unknown key "nots"');
    expect(error.hint).toBe('Did you mean "note"? Allowed here: package, note.');
    expect(error.details).toEqual({
      file: 'matrix.json',
      path: '$.versions["0.1.2"].nots',
      allowed: ['package', 'note'],
    });
  });

  test('an unknown key in a union tells the keys of all its forms', () => {
    const error = failure('{"versions":{},"run":{"argvs":[]}}');
    expect(error.hint).toContain('"argv"');
    expect(error.hint).toContain('bundle');
  });

  test('an unknown key of a record with known keys', () => {
    const error = failure('{"versions":{},"control":{"chanels":"driver"}}');
    expect(error.code).toBe('matrix.unknown-key');
    expect(error.hint).toContain('Did you mean "channels"?');
  });

  test('a misspelt word', () => {
    const error = failure('{"versions":{},"mode":"memroy"}');
    expect(error.code).toBe('matrix.invalid');
    expect(error.hint).toContain('memory, bitcoind');
  });

  test('not JSON', () => {
    expect(failure('{')).toMatchObject({ code: 'matrix.not-json', blame: 'user' });
  });

  test('a wrong type', () => {
    expect(failure('{"versions":[]}')).toMatchObject({ code: 'matrix.invalid' });
  });
});

test('jsonPath', () => {
  expect(jsonPath(['a', 0, 'b c', '0.1.2'])).toBe('$.a[0]["b c"]["0.1.2"]');
});
