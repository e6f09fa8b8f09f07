import { BoltgridError } from '../../core/error.ts';
import { PREPARATION, splitCoinbase } from '../coins.ts';
import type { Regtest } from './regtest.ts';

/** Mines until the first coinbases have matured, splits them into many coins, and buries those. */
export function prepareCoins(regtest: Regtest, now: number): void {
  const { blocks, split, buryingBlocks } = PREPARATION;
  // One second apart, the last one now: nodes take the tip's time for the time of day.
  const mine = (height: number) => regtest.mine({ time: now - (blocks + buryingBlocks - height) });
  for (let height = 1; height <= blocks; height++) mine(height);
  for (let height = 1; height <= split; height++) {
    const block = regtest.ledger.blockAt(height);
    if (!block) throw new BoltgridError('chain.no-block', 'harness', `no block at ${height}`);
    regtest.submit(splitCoinbase(block));
  }
  for (let height = blocks + 1; height <= blocks + buryingBlocks; height++) mine(height);
}
