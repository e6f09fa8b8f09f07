import { createCipheriv } from 'node:crypto';
import { assertLength, KEY_LENGTH, NONCE_LENGTH } from './errors.ts';
import type { StreamCipher } from './types.ts';

const COUNTER_LENGTH = 4;

/** OpenSSL's, through node:crypto. */
export const nodeStream: StreamCipher = {
  name: 'node:crypto',
  apply(key, nonce, data) {
    assertLength('key', key, KEY_LENGTH);
    assertLength('nonce', nonce, NONCE_LENGTH);
    // OpenSSL takes the block counter, little-endian, before the nonce of RFC 8439.
    const counterAndNonce = new Uint8Array(COUNTER_LENGTH + NONCE_LENGTH);
    counterAndNonce.set(nonce, COUNTER_LENGTH);
    return Uint8Array.from(createCipheriv('chacha20', key, counterAndNonce).update(data));
  },
};
