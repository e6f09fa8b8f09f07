import type { Transaction } from '../bitcoin/transaction.ts';
import type { BlockContents } from './chain.ts';

/**
 * What the `index`-th of several new blocks holds, in order; `undefined` where the miner chooses from the mempool itself. `waiting`:
 * the mempool, parents before children.
 */
export function transactionsFor(
  contents: BlockContents,
  index: number,
  waiting: readonly { readonly tx: Transaction }[],
): readonly Transaction[] | undefined {
  if (contents === 'mempool') return undefined;
  if (contents === 'none') return [];
  if ('only' in contents) return index === 0 ? contents.only : [];
  const left = new Set(contents.without);
  return waiting
    .map(({ tx }) => tx)
    .filter(({ txid, inputs }) => {
      if (inputs.some((input) => left.has(input.txid))) left.add(txid);
      return !left.has(txid);
    });
}
