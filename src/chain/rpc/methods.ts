import type { FeeSource } from '../fees.ts';
import type { Json } from '../json.ts';
import type { Regtest } from '../regtest/regtest.ts';
import { blockMethods } from './blocks.ts';
import { miningMethods } from './mining.ts';
import { nodeMethods } from './node.ts';
import type { RpcParams } from './params.ts';
import { transactionMethods } from './transactions.ts';

export interface RpcContext {
  readonly regtest: Regtest;
  readonly fees: FeeSource;
  /** Seconds since 1970. */
  readonly startedAt: number;
  /** Aborted when the caller hangs up or the server closes: ends long polls. */
  readonly signal: AbortSignal;
}

export interface RpcMethod {
  /** Names of the parameters, in order. */
  readonly params: readonly string[];
  /** Throws `RpcError`. */
  run(params: RpcParams, context: RpcContext): Json | Promise<Json>;
}

export type RpcMethods = Readonly<Record<string, RpcMethod>>;

/** The subset of bitcoind's JSON-RPC that is served: docs/chain.md lists it. */
export const RPC_METHODS: ReadonlyMap<string, RpcMethod> = new Map(
  Object.entries({ ...blockMethods, ...transactionMethods, ...miningMethods, ...nodeMethods }),
);
