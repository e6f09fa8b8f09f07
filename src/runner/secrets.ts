import { createHash } from 'node:crypto';

/**
 * 32 bytes that depend only on the run's seed and on what they are for. All keys of a run derive from here, so that a red case can be
 * played again key by key. Regtest only: a seed is printed in reports.
 */
export function derive(seed: string, ...purpose: readonly (string | number)[]): Uint8Array {
  const hash = createHash('sha256').update('boltgrid');
  // Length prefixes keep ("a", "bc") and ("ab", "c") apart.
  for (const part of [seed, ...purpose.map(String)]) hash.update(`${part.length}:${part}`);
  return new Uint8Array(hash.digest());
}
