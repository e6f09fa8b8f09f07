import { z } from 'zod';
import { fromHex } from '../../core/bytes.ts';
import { BoltgridError } from '../../core/error.ts';
import { assembleBlock, type Block } from '../regtest/block.ts';
import type { RpcClient } from '../rpc-client.ts';
import { parseTransaction } from '../../bitcoin/transaction.ts';

export const hash = z.string().regex(/^[0-9a-f]{64}$/);

const block = z.object({
  height: z.number().int().min(0),
  version: z.number().int(),
  merkleroot: hash,
  time: z.number().int(),
  bits: z.string().regex(/^[0-9a-f]{8}$/),
  nonce: z.number().int(),
  previousblockhash: hash,
  tx: z.array(z.object({ hex: z.string() })).min(1),
});

/** A block (not the genesis) as our own types have it. Throws `chain.rpc.bad-answer` where it is not the one that was asked for. */
export async function readBlock(client: RpcClient, asked: string, signal?: AbortSignal): Promise<Block> {
  const read = await client.call('getblock', [asked, 2], block, signal ? { signal } : {});
  const header = {
    version: read.version,
    previousHash: read.previousblockhash,
    merkleRoot: read.merkleroot,
    time: read.time,
    bits: Number.parseInt(read.bits, 16),
    nonce: read.nonce,
  };
  const transactions = read.tx.map(({ hex }) => parseTransaction(fromHex(hex)));
  const assembled = assembleBlock(header, read.height, transactions);
  if (assembled.hash !== asked) {
    throw new BoltgridError(
      'chain.rpc.bad-answer',
      'setup',
      `bitcoind's getblock ${asked}: the header has another hash`,
    );
  }
  return assembled;
}
