import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { toHex } from '../../../src/core/bytes.ts';
import {
  FIRST_INDEX,
  generateFromSeed,
  perCommitmentSecret,
  secretIndex,
} from '../../../src/channel/keys/per-commitment-secret.ts';
import {
  EMPTY_SECRET_STORE,
  findSecret,
  insertSecret,
  type SecretInsertion,
  type SecretStore,
} from '../../../src/channel/keys/secret-store.ts';
import { codeOf } from '../../crypto/code-of.ts';
import { bytesOf, readAppendix } from '../bolt03.ts';

const { generation, storage } = z
  .object({
    generation: z.array(z.object({ name: z.string(), seed: z.string(), I: z.string(), output: z.string() })),
    storage: z.array(
      z.object({
        name: z.string(),
        inserts: z.array(z.object({ I: z.string(), secret: z.string(), output: z.enum(['OK', 'ERROR']) })),
      }),
    ),
  })
  .parse(readAppendix('d'));

describe('BOLT 3, appendix D', () => {
  it.each(generation)('$name', ({ seed, I, output }) => {
    expect(generateFromSeed(bytesOf(seed), BigInt(I))).toEqual(bytesOf(output));
  });

  it.each(storage)('$name', ({ inserts }) => {
    let store = EMPTY_SECRET_STORE;
    const results = inserts.map(({ I, secret }) => {
      const result = insertSecret(store, BigInt(I), bytesOf(secret));
      if (result.inserted) store = result.store;
      return result.inserted ? 'OK' : 'ERROR';
    });
    expect(results).toEqual(inserts.map(({ output }) => output));
  });
});

const storeOf = (seed: Uint8Array, count: number): SecretStore => {
  let store = EMPTY_SECRET_STORE;
  for (let n = 0n; n < count; n++) {
    store = inserted(insertSecret(store, secretIndex(n), perCommitmentSecret(seed, n)));
  }
  return store;
};

const inserted = (result: SecretInsertion): SecretStore => {
  if (!result.inserted) throw new Error(`refused: ${result.mismatch}`);
  return result.store;
};

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });

describe('the store', () => {
  it('gives every secret that came and none that did not, in at most 49 entries', () => {
    fc.assert(
      fc.property(bytes32, fc.integer({ min: 0, max: 130 }), (seed, count) => {
        const store = storeOf(seed, count);
        for (let n = 0n; n < count; n++) {
          expect(findSecret(store, secretIndex(n))).toEqual(perCommitmentSecret(seed, n));
        }
        expect(findSecret(store, secretIndex(BigInt(count)))).toBeUndefined();
        expect(store.known.length).toBeLessThanOrEqual(Math.ceil(Math.log2(count + 1)));
      }),
      { numRuns: 15 },
    );
  });

  it('keeps the whole range in 49 entries', () => {
    const seed = bytesOf('11'.repeat(32));
    // The state before the last secret: what an insertion at each bucket leaves.
    const known = Array.from({ length: 48 }, (_, bit) => {
      const index = 1n << BigInt(bit);
      return { index, secret: generateFromSeed(seed, index) };
    });
    const store = inserted(insertSecret({ known, nextIndex: 0n }, 0n, seed));
    expect(store.known).toHaveLength(49);
    for (const index of [0n, 1n, 2n, 0x1234_5678_9abcn, FIRST_INDEX]) {
      expect(findSecret(store, index)).toEqual(generateFromSeed(seed, index));
    }
    expect(codeOf(() => insertSecret(store, -1n, seed))).toBe('channel.secret-index');
  });

  it('refuses a secret that does not derive an earlier one, and is not changed by it', () => {
    fc.assert(
      fc.property(bytes32, bytes32, fc.integer({ min: 1, max: 64 }), (seed, wrong, count) => {
        fc.pre(toHex(seed) !== toHex(wrong));
        const store = storeOf(seed, count);
        const result = insertSecret(store, secretIndex(BigInt(count)), wrong);
        // Odd indexes derive nothing: every second commitment's secret is taken unseen.
        if (count % 2 === 1)
          expect(result).toMatchObject({ inserted: false, mismatch: secretIndex(BigInt(count - 1)) });
        else expect(result.inserted).toBe(true);
        expect(store).toEqual(storeOf(seed, count));
      }),
      { numRuns: 30 },
    );
  });

  it('keeps its own copy', () => {
    const secret = bytesOf('33'.repeat(32));
    const store = inserted(insertSecret(EMPTY_SECRET_STORE, FIRST_INDEX, secret));
    secret.fill(0);
    expect(findSecret(store, FIRST_INDEX)).toEqual(bytesOf('33'.repeat(32)));
  });

  it('takes secrets in descending order only', () => {
    const secret = bytesOf('22'.repeat(32));
    expect(codeOf(() => insertSecret(EMPTY_SECRET_STORE, FIRST_INDEX - 1n, secret))).toBe(
      'channel.secret-order',
    );
    expect(codeOf(() => insertSecret(EMPTY_SECRET_STORE, FIRST_INDEX, secret.subarray(1)))).toBe(
      'channel.secret-order',
    );
  });

  it('knows no index beyond 48 bits', () => {
    expect(codeOf(() => findSecret(EMPTY_SECRET_STORE, 1n << 48n))).toBe('channel.secret-index');
    expect(codeOf(() => secretIndex(-1n))).toBe('channel.secret-index');
    expect(codeOf(() => secretIndex(1n << 48n))).toBe('channel.secret-index');
  });
});
