import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { defaultCrypto } from '../../../src/crypto/crypto.ts';

/** A file of test/fixtures as JSON. */
export const readFixture = (path: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../fixtures/${path}`, import.meta.url), 'utf8'));

export interface Hop {
  readonly privateKey: Uint8Array;
  readonly nodeId: Uint8Array;
  readonly payload: Uint8Array;
}

export const privateKeys = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .filter((key) => defaultCrypto.curve.isPrivateKey(key));

/** A route of 1 to `most` hops with any payloads that fit 1300 bytes together. */
export const routes = (most: number): fc.Arbitrary<Hop[]> =>
  fc.integer({ min: 1, max: most }).chain((length) =>
    fc.array(
      fc
        .record({
          privateKey: privateKeys,
          payload: fc.uint8Array({ minLength: 2, maxLength: Math.floor(1300 / length) - 35 }),
        })
        .map((hop): Hop => ({ ...hop, nodeId: defaultCrypto.curve.publicKey(hop.privateKey) })),
      { minLength: length, maxLength: length },
    ),
  );
