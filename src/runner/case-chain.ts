import { parseTransaction } from '../bitcoin/transaction.ts';
import { isBoltgridError } from '../core/error.ts';
import type { CaseChain } from '../peer/shared.ts';
import type { ChainTransaction } from '../chain/chain.ts';
import type { ChainVerbs, SeenTransaction } from '../suite/types.ts';
import type { Seat } from './miner.ts';
import type { World } from './world.ts';

/** The chain of a world, as the channels of one case use it. */
export const caseChain = (
  { chain, miner }: Pick<World, 'chain' | 'miner'>,
  seat: Seat,
  signal: AbortSignal,
): Omit<CaseChain, 'spender'> & Pick<ChainVerbs, 'spender'> => ({
  fund: async (script, amountSat) => parseTransaction((await chain.fund(script, amountSat)).raw),
  broadcast: async ({ txid, raw }) => {
    try {
      await chain.broadcast(raw);
    } catch (error) {
      const isRefused = isBoltgridError(error) && error.code === 'chain.rejected';
      if (!isRefused || (await chain.transaction(txid)) === undefined) throw error;
    }
  },
  confirm: (txid, confirmations) => miner.confirm(txid, confirmations, signal, seat),
  sight: async (txid, vout) => {
    const seen = await chain.transaction(txid);
    const output = seen && parseTransaction(seen.raw).outputs[vout];
    if (!output) return undefined;
    const { confirmations: depth, blockHeight, index } = seen;
    return {
      depth,
      ...(depth > 0 && { short_channel_id: `${blockHeight}x${index}x${vout}` }),
      output,
    };
  },
  spender: async (txid, vout) => seenTransaction(await chain.spender(txid, vout)),
  height: async () => (await chain.tip()).height,
});

export const seenTransaction = (found: ChainTransaction | undefined): SeenTransaction | undefined =>
  found && {
    ...parseTransaction(found.raw),
    confirmations: found.confirmations,
    ...(found.blockHeight !== undefined && { blockHeight: found.blockHeight }),
    ...(found.index !== undefined && { index: found.index }),
  };
