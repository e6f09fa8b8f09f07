import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { assertLength, badTag, KEY_LENGTH, NONCE_LENGTH, TAG_LENGTH } from './errors.ts';
import type { Aead } from './types.ts';

/** @noble/ciphers: JavaScript only. */
export const nobleAead: Aead = {
  name: '@noble/ciphers',
  seal(key, nonce, ad, plaintext, out = new Uint8Array(plaintext.length + TAG_LENGTH)) {
    assertLength('key', key, KEY_LENGTH);
    assertLength('nonce', nonce, NONCE_LENGTH);
    assertLength('output', out, plaintext.length + TAG_LENGTH);
    return chacha20poly1305(key, nonce, ad).encrypt(plaintext, out);
  },
  open(key, nonce, ad, sealed) {
    assertLength('key', key, KEY_LENGTH);
    assertLength('nonce', nonce, NONCE_LENGTH);
    if (sealed.length < TAG_LENGTH) throw badTag(sealed.length);
    try {
      return chacha20poly1305(key, nonce, ad).decrypt(sealed);
    } catch {
      throw badTag(sealed.length);
    }
  },
};
