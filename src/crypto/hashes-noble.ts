import { hkdf } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { ripemd160 } from '@noble/hashes/legacy.js';
import { sha256 } from '@noble/hashes/sha2.js';
import type { Hashes } from './types.ts';

export const nobleHashes: Hashes = {
  name: '@noble/hashes',
  sha256: (data) => sha256(data),
  ripemd160: (data) => ripemd160(data),
  hmac: (key, data) => hmac(sha256, key, data),
  hkdf: (salt, ikm, info, length) => hkdf(sha256, ikm, salt, info, length),
};
