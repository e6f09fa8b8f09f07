import { describe, expect, it } from 'vitest';
import { startMemoryChain } from '../../src/chain/memory.ts';
import { parseTransaction } from '../../src/bitcoin/transaction.ts';
import { chainContract } from './contract.ts';
import { ADDRESS } from './rpc-user.ts';

describe('the memory chain', () => {
  chainContract(() => startMemoryChain());

  it('pays the feerate that was set', async () => {
    const chain = await startMemoryChain();
    try {
      await chain.setFeerate(10);
      const { raw } = await chain.fund(ADDRESS, 50_000n);
      const [accepted] = await chain.testAccept(raw);
      expect(accepted).toMatchObject({
        accepted: true,
        feeSat: 10n * BigInt(parseTransaction(raw).vsize),
      });
    } finally {
      await chain.close();
    }
  });
});
