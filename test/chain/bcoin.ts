import { createRequire } from 'node:module';
import { toHex } from '../../src/core/bytes.ts';
import type { Block } from '../../src/chain/regtest/block.ts';

/**
 * bcoin, a full node in JavaScript, as the oracle of consensus: it validates whole blocks, scripts included. It has no types and its
 * native parts are not built here. Its rules end before taproot.
 */

interface BcoinChain {
  readonly tip: { readonly height: number; rhash(): string };
  open(): Promise<void>;
  close(): Promise<void>;
  add(block: unknown): Promise<unknown>;
  getState(previous: unknown, deployment: { readonly name: string }): Promise<number>;
}

interface BcoinNetwork {
  readonly block: { bip34height: number; bip65height: number; bip66height: number };
}

export interface BcoinTransaction {
  txid(): string;
  rwhash(): string;
  getWeight(): number;
  toRaw(): Buffer;
}

process.env.NODE_BACKEND = 'js';
const require = createRequire(import.meta.url);
const BcoinChain = require('bcoin/lib/blockchain/chain') as new (options: object) => BcoinChain;
const BcoinBlock = require('bcoin/lib/primitives/block') as { fromRaw(raw: Buffer): unknown };
const BcoinTx = require('bcoin/lib/primitives/tx') as { fromRaw(raw: Buffer): BcoinTransaction };
const Network = require('bcoin/lib/protocol/network') as { get(name: string): BcoinNetwork };

const ACTIVE = 3;

export const bcoinTransaction = (raw: Uint8Array): BcoinTransaction => BcoinTx.fromRaw(Buffer.from(raw));

export interface Oracle {
  readonly height: number;
  /** Resolves to `undefined` where the block is now the tip, to bcoin's reason where it is refused. */
  add(block: Block): Promise<string | undefined>;
  close(): Promise<void>;
}

export async function openOracle(): Promise<Oracle> {
  // As bitcoind's regtest today: all of these rules hold from the first block on.
  const { block } = Network.get('regtest');
  Object.assign(block, { bip34height: 1, bip65height: 1, bip66height: 1 });
  const chain = new BcoinChain({ network: 'regtest', memory: true });
  chain.getState = () => Promise.resolve(ACTIVE);
  await chain.open();
  return {
    get height() {
      return chain.tip.height;
    },
    async add({ raw, hash }) {
      try {
        await chain.add(BcoinBlock.fromRaw(Buffer.from(raw)));
      } catch (error) {
        return (error as { reason?: string }).reason ?? String(error);
      }
      return chain.tip.rhash() === hash ? undefined : `not the tip: ${toHex(raw.subarray(0, 80))}`;
    },
    close: () => chain.close(),
  };
}
