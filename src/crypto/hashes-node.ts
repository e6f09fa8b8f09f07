import { createHmac, hash, hkdfSync } from 'node:crypto';
import type { Hashes } from './types.ts';

/** A copy that owns its memory: small Buffers are views on a pool. */
const plain = (buffer: Buffer): Uint8Array => Uint8Array.from(buffer);

export const nodeHashes: Hashes = {
  name: 'node:crypto',
  sha256: (data) => plain(hash('sha256', data, 'buffer')),
  ripemd160: (data) => plain(hash('ripemd160', data, 'buffer')),
  hmac: (key, data) => plain(createHmac('sha256', key).update(data).digest()),
  hkdf: (salt, ikm, info, length) => new Uint8Array(hkdfSync('sha256', ikm, salt, info, length)),
};
