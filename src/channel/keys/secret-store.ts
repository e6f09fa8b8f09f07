import { equalBytes } from '../../core/bytes.ts';
import { BoltgridError } from '../../core/error.ts';
import { assertIndex, deriveSecret, FIRST_INDEX, INDEX_BITS } from './per-commitment-secret.ts';

interface KnownSecret {
  readonly index: bigint;
  readonly secret: Uint8Array;
}

/**
 * The peer's per-commitment secrets, compactly (BOLT 3, Efficient Per-commitment Secret Storage): entry `b` has an index with `b`
 * trailing zeros, so there are at most 49. A value: inserting gives another store.
 */
export interface SecretStore {
  readonly known: readonly KnownSecret[];
  /** The index that comes next; below 0 when all have come. */
  readonly nextIndex: bigint;
}

export type SecretInsertion =
  | { readonly inserted: true; readonly store: SecretStore }
  /** The secret at `mismatch`, which came earlier, does not derive from this one. */
  | { readonly inserted: false; readonly mismatch: bigint };

export const EMPTY_SECRET_STORE: SecretStore = { known: [], nextIndex: FIRST_INDEX };

/** Secrets come in descending order of `index`; any other order is our mistake and throws `channel.secret-order`. */
export function insertSecret(store: SecretStore, index: bigint, secret: Uint8Array): SecretInsertion {
  if (assertIndex(index) !== store.nextIndex || secret.length !== 32) {
    throw new BoltgridError(
      'channel.secret-order',
      'harness',
      `not the 32 bytes of secret ${store.nextIndex}: ${secret.length} bytes for ${index}`,
    );
  }
  const bucket = trailingZeros(index);
  const wrong = store.known
    .slice(0, bucket)
    .find((known) => !equalBytes(deriveSecret(secret, bucket, known.index), known.secret));
  if (wrong) return { inserted: false, mismatch: wrong.index };
  const known = [...store.known];
  known[bucket] = { index, secret: Uint8Array.from(secret) };
  return { inserted: true, store: { known, nextIndex: index - 1n } };
}

/** Any secret that came; `undefined` for one that has not. */
export function findSecret(store: SecretStore, index: bigint): Uint8Array | undefined {
  assertIndex(index);
  const bucket = store.known.findIndex((known, b) => index >> BigInt(b) === known.index >> BigInt(b));
  const base = store.known[bucket];
  return base && deriveSecret(base.secret, bucket, index);
}

/** BOLT 3's `where_to_put_secret`. */
function trailingZeros(index: bigint): number {
  for (let bit = 0; bit < INDEX_BITS; bit++) if (((index >> BigInt(bit)) & 1n) === 1n) return bit;
  return INDEX_BITS;
}
