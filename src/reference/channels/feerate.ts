import { z } from 'zod';
import { type RpcClient, satOf } from '../../chain/rpc-client.ts';

const ESTIMATE = z.object({ feerate: z.unknown().optional() });
const BLOCKS = 6;

/** What bitcoind estimates, per kiloweight; 0 where it has no estimate. */
export async function estimateFeerate(client: RpcClient): Promise<number> {
  const { feerate } = await client.call('estimatesmartfee', [BLOCKS], ESTIMATE);
  // BTC per 1000 vbytes, of 4 weight units each.
  return feerate === undefined ? 0 : Math.ceil(Number(satOf(feerate)) / 4);
}
