import { createCipheriv, createDecipheriv } from 'node:crypto';
import { assertLength, badTag, KEY_LENGTH, NONCE_LENGTH, TAG_LENGTH } from './errors.ts';
import type { Aead } from './types.ts';

const ALGORITHM = 'chacha20-poly1305';
const OPTIONS = { authTagLength: TAG_LENGTH } as const;

/** OpenSSL's, through node:crypto. */
export const nodeAead: Aead = {
  name: 'node:crypto',
  seal(key, nonce, ad, plaintext) {
    assertLength('key', key, KEY_LENGTH);
    assertLength('nonce', nonce, NONCE_LENGTH);
    const cipher = createCipheriv(ALGORITHM, key, nonce, OPTIONS);
    if (ad.length > 0) cipher.setAAD(ad, { plaintextLength: plaintext.length });
    const sealed = new Uint8Array(plaintext.length + TAG_LENGTH);
    if (plaintext.length > 0) sealed.set(cipher.update(plaintext));
    cipher.final();
    sealed.set(cipher.getAuthTag(), plaintext.length);
    return sealed;
  },
  open(key, nonce, ad, sealed) {
    assertLength('key', key, KEY_LENGTH);
    assertLength('nonce', nonce, NONCE_LENGTH);
    const length = sealed.length - TAG_LENGTH;
    if (length < 0) throw badTag(sealed.length);
    const decipher = createDecipheriv(ALGORITHM, key, nonce, OPTIONS);
    if (ad.length > 0) decipher.setAAD(ad, { plaintextLength: length });
    decipher.setAuthTag(sealed.subarray(length));
    const plaintext = new Uint8Array(length);
    if (length > 0) plaintext.set(decipher.update(sealed.subarray(0, length)));
    try {
      decipher.final();
    } catch {
      throw badTag(sealed.length);
    }
    return plaintext;
  },
};
