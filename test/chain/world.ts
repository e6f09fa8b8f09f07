import { EMPTY } from '../../src/core/bytes.ts';
import { Coins } from '../../src/chain/coins.ts';
import { prepareCoins } from '../../src/chain/regtest/prepare.ts';
import { Regtest } from '../../src/chain/regtest/regtest.ts';
import { OP_TRUE_SCRIPT } from '../../src/bitcoin/output.ts';
import {
  makeTransaction,
  parseTransaction,
  type Transaction,
  type TransactionOutput,
  type TransactionParts,
} from '../../src/bitcoin/transaction.ts';

export const NOW = 1_700_000_000;

export interface Output extends TransactionOutput {
  readonly txid: string;
  readonly vout: number;
}

export interface World {
  readonly regtest: Regtest;
  readonly coins: Coins;
}

export function makeWorld(now = () => NOW): World {
  const regtest = new Regtest({ now });
  prepareCoins(regtest, now());
  return { regtest, coins: new Coins(regtest, { satPerKvb: 2000n }) };
}

/** A confirmed output. */
export function makeOutput({ regtest, coins }: World, script: Uint8Array, amountSat: bigint): Output {
  const { raw, txid, vout } = coins.fund(script, amountSat);
  expectAccepted(regtest, parseTransaction(raw));
  regtest.mine();
  return { txid, vout, amountSat, script };
}

export function expectAccepted(regtest: Regtest, tx: Transaction): void {
  const judgement = regtest.submit(tx);
  if ('rejected' in judgement) throw new Error(`${tx.txid} refused: ${JSON.stringify(judgement.rejected)}`);
}

export interface SpendOptions {
  readonly version?: number;
  readonly sequence?: number;
  readonly lockTime?: number;
  readonly feeSat?: bigint;
  readonly outputs?: readonly TransactionOutput[];
}

/** Without witness: one input for each output, and the rest to P2WSH(OP_TRUE). */
export function spendOf(
  spent: readonly Output[],
  { version = 2, sequence = 0xffff_fffd, lockTime = 0, feeSat = 1000n, outputs }: SpendOptions = {},
): TransactionParts {
  const sumSat = spent.reduce((sum, { amountSat }) => sum + amountSat, 0n);
  return {
    version,
    inputs: spent.map(({ txid, vout }) => ({ txid, vout, scriptSig: EMPTY, sequence, witness: [] })),
    outputs: outputs ?? [{ amountSat: sumSat - feeSat, script: OP_TRUE_SCRIPT }],
    lockTime,
  };
}

export const withWitness = (
  parts: TransactionParts,
  index: number,
  witness: readonly Uint8Array[],
): TransactionParts => ({
  ...parts,
  inputs: parts.inputs.map((input, i) => (i === index ? { ...input, witness } : input)),
});

export const withScriptSig = (
  parts: TransactionParts,
  index: number,
  scriptSig: Uint8Array,
): TransactionParts => ({
  ...parts,
  inputs: parts.inputs.map((input, i) => (i === index ? { ...input, scriptSig } : input)),
});

export const finish = (parts: TransactionParts): Transaction => makeTransaction(parts);
