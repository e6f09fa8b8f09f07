import { toHex } from '../core/bytes.ts';

/** Blobs of strangers are kept as well, so their number has a bound: 256 of at most 64 KiB. */
const MAX_BLOBS = 256;

/** The latest blob of each peer (BOLT 1, "Peer storage"). The one that waited longest for a new version makes room. */
export class BlobStore {
  readonly #blobs = new Map<string, Uint8Array>();

  get(publicKey: Uint8Array): Uint8Array | undefined {
    return this.#blobs.get(toHex(publicKey));
  }

  set(publicKey: Uint8Array, blob: Uint8Array): void {
    const key = toHex(publicKey);
    this.#blobs.delete(key);
    this.#blobs.set(key, blob);
    const [oldest] = this.#blobs.keys();
    if (this.#blobs.size > MAX_BLOBS && oldest !== undefined) this.#blobs.delete(oldest);
  }
}
