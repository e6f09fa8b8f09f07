import { toHex } from '../../core/bytes.ts';
import type { Block } from '../regtest/block.ts';
import type { Regtest } from '../regtest/regtest.ts';
import { RPC, RpcError } from './error.ts';
import type { RpcContext, RpcMethods } from './methods.ts';
import { ANY_INTEGER, type RpcParams } from './params.ts';
import { blockView, chainwork, headerView } from './views.ts';

export const blockMethods: RpcMethods = {
  getblockchaininfo: {
    params: [],
    run: (_, { regtest }) => {
      const { tip } = regtest.ledger;
      return {
        chain: 'regtest',
        blocks: tip.height,
        headers: tip.height,
        bestblockhash: tip.hash,
        bits: tip.header.bits.toString(16),
        time: tip.header.time,
        mediantime: regtest.ledger.medianTimePast(),
        verificationprogress: 1,
        initialblockdownload: false,
        chainwork: chainwork(tip.height),
        size_on_disk: 0,
        pruned: false,
        warnings: [],
      };
    },
  },
  getblockcount: { params: [], run: (_, { regtest }) => regtest.ledger.tip.height },
  getbestblockhash: { params: [], run: (_, { regtest }) => regtest.ledger.tip.hash },
  getblockhash: {
    params: ['height'],
    run: (params, { regtest }) => {
      const height = params.integer('height', ANY_INTEGER);
      const block = regtest.ledger.blockAt(height);
      if (!block) throw new RpcError(RPC.invalidParameter, 'Block height out of range');
      return block.hash;
    },
  },
  getblockheader: {
    params: ['blockhash', 'verbose'],
    run: (params, { regtest }) => {
      const block = blockOf(params, regtest, 'hash');
      return params.flag('verbose', true) ? headerView(regtest.ledger, block) : toHex(block.rawHeader);
    },
  },
  getblock: {
    params: ['blockhash', 'verbosity'],
    run: (params, { regtest }) => {
      const block = blockOf(params, regtest);
      const verbosity = params.verbosity('verbosity', 2, 1);
      return verbosity === 0 ? toHex(block.raw) : blockView(regtest.ledger, block, verbosity === 2);
    },
  },
  waitfornewblock: {
    params: ['timeout', 'current_tip'],
    run: (params, context) => {
      const known = params.has('current_tip') ? params.hash('current_tip') : context.regtest.ledger.tip.hash;
      return waitForTip(params, context, (tip) => tip.hash !== known);
    },
  },
  waitforblock: {
    params: ['blockhash', 'timeout'],
    run: (params, context) => {
      const wanted = params.hash('blockhash');
      return waitForTip(params, context, (tip) => tip.hash === wanted);
    },
  },
  waitforblockheight: {
    params: ['height', 'timeout'],
    run: (params, context) => {
      const wanted = params.integer('height', ANY_INTEGER);
      return waitForTip(params, context, (tip) => tip.height >= wanted);
    },
  },
};

/** `shown`: what errors call the parameter. */
export function blockOf(params: RpcParams, regtest: Regtest, shown = 'blockhash'): Block {
  const block = regtest.ledger.blockByHash(params.hash('blockhash', shown));
  if (!block) throw new RpcError(RPC.invalidAddressOrKey, 'Block not found');
  return block;
}

const LONGEST_WAIT_MS = 2 ** 31 - 1;

/** Answers with the tip as soon as `until` holds, or as it is when the time (in milliseconds; 0 is for ever) is over. */
function waitForTip(params: RpcParams, { regtest, signal }: RpcContext, until: (tip: Block) => boolean) {
  const timeoutMs = params.integer('timeout', { min: -LONGEST_WAIT_MS, max: LONGEST_WAIT_MS, otherwise: 0 });
  if (timeoutMs < 0) throw new RpcError(RPC.misc, 'Negative timeout');
  return new Promise<{ hash: string; height: number }>((resolve, reject) => {
    const stop = new AbortController();
    const answer = (): void => {
      stop.abort();
      const { hash, height } = regtest.ledger.tip;
      resolve({ hash, height });
    };
    const look = (): void => {
      if (until(regtest.ledger.tip)) answer();
    };
    const timer = timeoutMs > 0 ? setTimeout(answer, timeoutMs) : undefined;
    const unsubscribe = [regtest.blockConnected.add(look), regtest.blockDisconnected.add(look)];
    stop.signal.addEventListener('abort', () => {
      clearTimeout(timer);
      for (const each of unsubscribe) each();
    });
    const end = (): void => {
      stop.abort();
      reject(new RpcError(RPC.shuttingDown, 'Shutting down'));
    };
    signal.addEventListener('abort', end, { once: true, signal: stop.signal });
    if (signal.aborted) end();
    else look();
  });
}
