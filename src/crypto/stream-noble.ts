import { chacha20 } from '@noble/ciphers/chacha.js';
import { assertLength, KEY_LENGTH, NONCE_LENGTH } from './errors.ts';
import type { StreamCipher } from './types.ts';

/** @noble/ciphers: JavaScript only. */
export const nobleStream: StreamCipher = {
  name: '@noble/ciphers',
  apply(key, nonce, data) {
    assertLength('key', key, KEY_LENGTH);
    assertLength('nonce', nonce, NONCE_LENGTH);
    return chacha20(key, nonce, data);
  },
};
