import { expect } from 'vitest';
import type { Chain } from '../../src/chain/chain.ts';
import { OP_TRUE_SCRIPT, OP_TRUE_WITNESS_SCRIPT } from '../../src/bitcoin/output.ts';
import { makeTransaction, type Transaction } from '../../src/bitcoin/transaction.ts';
import { spendOf } from './world.ts';

export const ADDRESS = 'bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080';
export const UNKNOWN = '11'.repeat(32);

export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly json: unknown;
}

/** Speaks HTTP to a chain's JSON-RPC by hand: nothing of our own client is between. */
export class RpcUser {
  readonly #chain: Chain;

  constructor(chain: Chain) {
    this.#chain = chain;
  }

  get credentials(): string {
    const { user, password } = this.#chain.rpc;
    return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  }

  async post(
    body: string,
    { path = '', authorization = this.credentials, method = 'POST' } = {},
  ): Promise<Answer> {
    const response = await fetch(`${this.#chain.rpc.url}${path}`, {
      method,
      headers: { authorization },
      ...(method === 'POST' && { body }),
    });
    const text = await response.text();
    return { status: response.status, text, json: text.trim() === '' ? undefined : JSON.parse(text) };
  }

  call(method: string, ...params: readonly unknown[]): Promise<Answer> {
    return this.post(JSON.stringify({ jsonrpc: '1.0', id: 'test', method, params }));
  }

  async result(method: string, ...params: readonly unknown[]): Promise<unknown> {
    const { status, json } = await this.call(method, ...params);
    expect({ method, status, json }).toMatchObject({ status: 200, json: { error: null, id: 'test' } });
    return (json as { result: unknown }).result;
  }

  async error(method: string, ...params: readonly unknown[]): Promise<{ code: number; message: string }> {
    const { status, json } = await this.call(method, ...params);
    expect({ status, json }).toMatchObject({ status: 500, json: { result: null, id: 'test' } });
    return (json as { error: { code: number; message: string } }).error;
  }

  /** A transaction that is not in the mempool, spending a confirmed output of 50000 satoshis. */
  async unsent(feeSat = 1000n): Promise<Transaction> {
    const { txid, vout } = await this.#chain.pay(OP_TRUE_SCRIPT, 50_000n);
    await this.#chain.mine(1);
    return spendTrue(txid, vout, 50_000n, feeSat);
  }
}

/** Spends a P2WSH(OP_TRUE) output to another one. */
export function spendTrue(txid: string, vout: number, amountSat: bigint, feeSat = 1000n): Transaction {
  const parts = spendOf([{ txid, vout, amountSat, script: OP_TRUE_SCRIPT }], { feeSat });
  return makeTransaction({ ...parts, inputs: [{ ...parts.inputs[0]!, witness: [OP_TRUE_WITNESS_SCRIPT] }] });
}
