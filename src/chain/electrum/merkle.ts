import { concat } from '../../core/bytes.ts';
import { displayHash, fromDisplayHash, sha256d } from '../../bitcoin/hash.ts';

/** The hashes that lead from the displayed id at `position` to the root over all `ids`, lowest first, as displayed. */
export function merkleBranch(ids: readonly string[], position: number): readonly string[] {
  const branch: string[] = [];
  let row = ids.map(fromDisplayHash);
  for (let at = position; row.length > 1; at >>= 1) {
    // An odd last one is hashed with itself.
    const beside = row[at ^ 1] ?? row[at];
    if (beside) branch.push(displayHash(beside));
    row = pairs(row);
  }
  return branch;
}

function pairs(row: readonly Uint8Array[]): Uint8Array[] {
  const next: Uint8Array[] = [];
  for (let i = 0; i < row.length; i += 2) {
    const left = row[i];
    if (left) next.push(sha256d(concat(left, row[i + 1] ?? left)));
  }
  return next;
}
