import * as ldk from 'ldk-0.1.2';
import { parseBlock } from './bitcoin.ts';
import type { Broadcaster } from './broadcaster.ts';
import type { Fees } from './fees.ts';
import type { Listener, Tip } from './follower.ts';
import { displayed, keep } from './ldk.ts';
import type { Wallet } from './wallet.ts';

const tipOf = (best: ldk.BestBlock): Tip => ({
  hash: displayed(best.get_block_hash()),
  height: best.get_height(),
});

export function managerListener(channels: ldk.ChannelManager): Listener {
  const listen = keep(channels.as_Listen());
  return {
    tip: () => tipOf(channels.current_best_block()),
    connect: (block, height) => {
      listen.block_connected(block, height);
    },
    disconnect: (header, height) => {
      listen.block_disconnected(header, height);
    },
  };
}

/** Its own tip is not asked for: it is always told together with the channel manager. */
export function chainMonitorListener(chainMonitor: ldk.ChainMonitor): Omit<Listener, 'tip'> {
  const listen = keep(chainMonitor.as_Listen());
  return {
    connect: (block, height) => {
      listen.block_connected(block, height);
    },
    disconnect: (header, height) => {
      listen.block_disconnected(header, height);
    },
  };
}

/** A monitor from disk, which may be behind or ahead of the channel manager. */
export function monitorListener(
  monitor: ldk.ChannelMonitor,
  { ldk: broadcaster }: Broadcaster,
  { estimator }: Fees,
  logger: ldk.Logger,
): Listener {
  return {
    tip: () => tipOf(monitor.current_best_block()),
    connect: (raw, height) => {
      const { rawHeader, transactions } = parseBlock(raw);
      const indexed = transactions.map((tx, i) => ldk.TwoTuple_usizeTransactionZ.constructor_new(i, tx.raw));
      monitor.block_connected(rawHeader, indexed, height, broadcaster, estimator, logger);
    },
    disconnect: (header, height) => {
      monitor.block_disconnected(header, height, broadcaster, estimator, logger);
    },
  };
}

export function walletListener(wallet: Wallet, broadcaster: Broadcaster): Listener {
  return {
    tip: () => wallet.tip(),
    connect: (raw, height, hash) => {
      const { transactions } = parseBlock(raw);
      wallet.connect(transactions, { height, hash });
      for (const transaction of transactions) broadcaster.seen(transaction);
    },
    disconnect: (header, height) => {
      wallet.disconnect(height, displayed(header.slice(4, 36)));
    },
  };
}

/** Monitors before the manager, as LDK wants it; the last one's tip stands for all. */
export function together(listeners: readonly [...Omit<Listener, 'tip'>[], Listener]): Listener {
  const last = listeners.at(-1) as Listener;
  return {
    tip: () => last.tip(),
    connect: (block, height, hash) => {
      for (const listener of listeners) listener.connect(block, height, hash);
    },
    disconnect: (header, height) => {
      for (const listener of listeners) listener.disconnect(header, height);
    },
  };
}
