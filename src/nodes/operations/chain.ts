import { z } from 'zod';
import * as v from '../operation-values.ts';
import { control } from './shape.ts';

export const chainOperations = {
  /** A fresh address of the node's wallet. Each call may give another. */
  newAddress: control(v.nothing, z.strictObject({ address: z.string() })),

  /** What the wallet can spend (`confirmedSat`) and what waits for its first block. Reads only. */
  balance: control(v.nothing, z.strictObject({ confirmedSat: v.amount, unconfirmedSat: v.amount })),

  /** The wallet's outputs, one by one. Reads only. */
  utxos: control(v.nothing, z.strictObject({ utxos: z.array(v.utxo) })),

  /** Complete when the chain backend took the transaction. Every call sends again. `rejected`: funds missing, bad address. */
  sendOnchain: control(
    z.strictObject({ address: z.string(), amountSat: v.amount, feeratePerKw: v.feeratePerKw.optional() }),
    z.strictObject({ txid: v.txid }),
  ),

  /** Sets the feerate of the source that the node reads. Complete when the node uses it. Idempotent. */
  setFeerate: control(
    z.strictObject({ feeratePerKw: v.feeratePerKw }),
    z.strictObject({ feeratePerKw: v.feeratePerKw }),
  ),
} as const;
