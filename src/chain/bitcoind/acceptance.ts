import { z } from 'zod';
import { toHex } from '../../core/bytes.ts';
import { BoltgridError } from '../../core/error.ts';
import type { Acceptance } from '../chain.ts';
import { MISSING_INPUTS } from '../regtest/policy.ts';
import { satOf, type RpcClient } from '../rpc-client.ts';
import type { Transaction } from '../../bitcoin/transaction.ts';

const verdict = z.object({
  allowed: z.boolean().optional(),
  'package-error': z.string().optional(),
  'reject-reason': z.string().optional(),
  vsize: z.number().int().optional(),
  fees: z.object({ base: z.unknown() }).optional(),
});

type Verdict = z.output<typeof verdict>;

/**
 * What bitcoind would say to each, if those before it had been accepted. It leaves off at the first that it refuses: then the others are
 * asked about again without that one.
 */
export async function acceptances(
  client: RpcClient,
  transactions: readonly Transaction[],
): Promise<readonly Acceptance[]> {
  const judged = new Map<string, Acceptance>();
  let left = [...transactions];
  while (left.length > 0) {
    const hex = left.map(({ raw }) => toHex(raw));
    // 0: no fee is too high.
    const verdicts = await client.call('testmempoolaccept', [hex, 0], z.array(verdict).length(left.length));
    left.forEach((tx, i) => {
      const acceptance = acceptanceOf(tx, verdicts[i] ?? {});
      if (acceptance) judged.set(tx.wtxid, acceptance);
    });
    const refused = left.filter((tx) => judged.get(tx.wtxid)?.accepted === false);
    if (refused.length === 0) break;
    left = left.filter((tx) => !refused.includes(tx));
  }
  return transactions.map((tx) => {
    const acceptance = judged.get(tx.wtxid);
    if (acceptance) return acceptance;
    throw new BoltgridError(
      'chain.rpc.bad-answer',
      'setup',
      `bitcoind's testmempoolaccept leaves ${tx.txid} out`,
    );
  });
}

function acceptanceOf({ txid }: Transaction, read: Verdict): Acceptance | undefined {
  if (read.allowed === true)
    return { txid, accepted: true, feeSat: satOf(read.fees?.base), vsize: read.vsize ?? 0 };
  const reason = read['reject-reason'] ?? read['package-error'];
  if (reason === undefined) return undefined;
  // bitcoind has another name for it here than sendrawtransaction has.
  return { txid, accepted: false, reason: reason === 'missing-inputs' ? MISSING_INPUTS : reason };
}
