import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, fromHex, toHex } from '../../../src/core/bytes.ts';
import {
  decodeFailure,
  encodeFailure,
  FAILURE_FLAGS,
  failureCode,
  failureOfMalformed,
  malformedHtlc,
} from '../../../src/channel/onion/failure.ts';
import { invalidOnionBlinding } from '../../../src/channel/onion/instructions.ts';
import { defaultCrypto } from '../../../src/crypto/crypto.ts';

describe('a failure', () => {
  const failuremsg = encodeFailure('fee_insufficient', {
    htlc_msat: 7n,
    channel_update: Uint8Array.of(1, 2),
  });

  it('is decoded with any bytes after its data, and with none missing', () => {
    expect(toHex(failuremsg)).toBe('100c' + '0000000000000007' + '0002' + '0102');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20 }), (extra) => {
        expect(decodeFailure(concat(failuremsg, extra))).toMatchObject({
          name: 'fee_insufficient',
          fields: { htlc_msat: 7n, channel_update: Uint8Array.of(1, 2) },
        });
      }),
    );
    for (let length = 0; length < failuremsg.length; length++) {
      expect(decodeFailure(failuremsg.slice(0, length))).toBeUndefined();
    }
  });

  it('of an unknown code has no name', () => {
    expect(decodeFailure(fromHex('7fff0102'))).toMatchObject({ name: undefined, type: 0x7fff });
  });

  it('is never thrown over', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('', '1007', '400f', '4016', '2002'),
        fc.uint8Array({ maxLength: 60 }),
        (code, rest) => {
          decodeFailure(concat(fromHex(code), rest));
        },
      ),
    );
  });

  it('of an onion that could not be read goes back as malformed, and from there as a failure of its own', () => {
    const sha256_of_onion = defaultCrypto.hashes.sha256(Uint8Array.of(1));
    const malformed = malformedHtlc(invalidOnionBlinding(sha256_of_onion));
    // BADONION|PERM|24
    expect(malformed).toEqual({ sha256_of_onion, failure_code: 0x8000 | 0x4000 | 24 });
    expect(decodeFailure(failureOfMalformed(malformed))).toMatchObject({
      name: 'invalid_onion_blinding',
      fields: { sha256_of_onion },
    });
  });

  it('has the flags of its code', () => {
    expect(failureCode('temporary_channel_failure')).toBe(FAILURE_FLAGS.UPDATE | 7);
    expect(failureCode('permanent_node_failure')).toBe(FAILURE_FLAGS.PERM | FAILURE_FLAGS.NODE | 2);
    expect(failureCode('invalid_onion_hmac')).toBe(FAILURE_FLAGS.BADONION | FAILURE_FLAGS.PERM | 5);
  });
});
