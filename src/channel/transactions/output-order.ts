import type { TransactionOutput } from '../../bitcoin/transaction.ts';

/** BIP 69, then `cltv_expiry` for HTLCs whose outputs are alike (BOLT 3, Transaction Output Ordering). */
export function compareOutputs(
  a: TransactionOutput & { readonly cltv_expiry?: number },
  b: TransactionOutput & { readonly cltv_expiry?: number },
): number {
  if (a.amountSat !== b.amountSat) return a.amountSat < b.amountSat ? -1 : 1;
  return Buffer.compare(a.script, b.script) || (a.cltv_expiry ?? 0) - (b.cltv_expiry ?? 0);
}
