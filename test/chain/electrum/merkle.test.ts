import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat } from '../../../src/core/bytes.ts';
import { merkleBranch } from '../../../src/chain/electrum/merkle.ts';
import { merkleRoot } from '../../../src/chain/regtest/block.ts';
import { displayHash, fromDisplayHash, sha256d } from '../../../src/bitcoin/hash.ts';

/** As a wallet checks it. */
function rootFrom(id: string, branch: readonly string[], position: number): string {
  let at = position;
  let hash = fromDisplayHash(id);
  for (const beside of branch.map(fromDisplayHash)) {
    hash = sha256d(at % 2 === 0 ? concat(hash, beside) : concat(beside, hash));
    at >>= 1;
  }
  return displayHash(hash);
}

describe('a Merkle branch', () => {
  it('leads from every position to the root', () => {
    const id = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(displayHash);
    fc.assert(
      fc.property(fc.array(id, { minLength: 1, maxLength: 40 }), (ids) => {
        for (const [position, each] of ids.entries())
          expect(rootFrom(each, merkleBranch(ids, position), position)).toBe(merkleRoot(ids));
      }),
      { numRuns: 30 },
    );
  });

  it('of a block with one transaction is empty', () => {
    expect(merkleBranch(['11'.repeat(32)], 0)).toEqual([]);
  });
});
