import { createCipheriv, createDecipheriv } from 'node:crypto';
import { assertLength, badTag, KEY_LENGTH, NONCE_LENGTH, TAG_LENGTH } from './errors.ts';
import type { Aead } from './types.ts';

const ALGORITHM = 'chacha20-poly1305';
const OPTIONS = { authTagLength: TAG_LENGTH } as const;

/** The same memory without the methods of Buffer; a Buffer that is a part of something larger is copied. */
const plainView = (buffer: Buffer): Uint8Array =>
  buffer.length === buffer.buffer.byteLength ? new Uint8Array(buffer.buffer) : Uint8Array.from(buffer);

/** OpenSSL's, through node:crypto. */
export const nodeAead: Aead = {
  name: 'node:crypto',
  seal(key, nonce, ad, plaintext, out = new Uint8Array(plaintext.length + TAG_LENGTH)) {
    assertLength('key', key, KEY_LENGTH);
    assertLength('nonce', nonce, NONCE_LENGTH);
    assertLength('output', out, plaintext.length + TAG_LENGTH);
    const cipher = createCipheriv(ALGORITHM, key, nonce, OPTIONS);
    if (ad.length > 0) cipher.setAAD(ad, { plaintextLength: plaintext.length });
    if (plaintext.length > 0) out.set(cipher.update(plaintext));
    cipher.final();
    out.set(cipher.getAuthTag(), plaintext.length);
    return out;
  },
  open(key, nonce, ad, sealed) {
    assertLength('key', key, KEY_LENGTH);
    assertLength('nonce', nonce, NONCE_LENGTH);
    const length = sealed.length - TAG_LENGTH;
    if (length < 0) throw badTag(sealed.length);
    const decipher = createDecipheriv(ALGORITHM, key, nonce, OPTIONS);
    if (ad.length > 0) decipher.setAAD(ad, { plaintextLength: length });
    decipher.setAuthTag(sealed.subarray(length));
    const plaintext = length > 0 ? plainView(decipher.update(sealed.subarray(0, length))) : new Uint8Array(0);
    try {
      decipher.final();
    } catch {
      throw badTag(sealed.length);
    }
    return plaintext;
  },
};
