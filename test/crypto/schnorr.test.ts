import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { fromHex } from '../../src/core/bytes.ts';
import { curves } from '../../src/crypto/crypto.ts';
import { readFixture } from '../bitcoin/fixture.ts';
import { codeOf } from './code-of.ts';

const vectors = z
  .array(
    z.object({
      index: z.number(),
      publicKey: z.string(),
      message: z.string(),
      signature: z.string(),
      valid: z.boolean(),
      comment: z.string(),
    }),
  )
  .parse(readFixture('bip340.json'));

describe.each(curves)('$name', (curve) => {
  // Bitcoin only signs hashes; the vectors with messages of other lengths are not for it.
  it.each(vectors.filter(({ message }) => message.length === 64))(
    'verifies vector $index of BIP 340 as $valid ($comment)',
    ({ publicKey, message, signature, valid }) => {
      expect(curve.verifySchnorr(fromHex(signature), fromHex(message), fromHex(publicKey))).toBe(valid);
    },
  );

  it.each([
    ['signature', 63, 32, 32],
    ['message', 64, 31, 32],
    ['key', 64, 32, 33],
  ])('refuses a %s of another length', (_, signature, message, key) => {
    const verify = () =>
      curve.verifySchnorr(new Uint8Array(signature), new Uint8Array(message), new Uint8Array(key));
    expect(codeOf(verify)).toBe('crypto.bad-length');
  });
});
