import { OperationError, type Handlers } from 'boltgrid/driver';
import type { Context } from '../context.ts';
import { announceNow } from '../identity.ts';
import { displayed, hex, unhex, yes } from '../ldk.ts';
import { scriptFor } from '../wallet.ts';

/** Whatever is not about channels or payments: the node itself, its wallet, its peers. */
export function nodeOperations(context: Context) {
  const {
    channels,
    peers,
    wallet,
    fees,
    records,
    follower,
    broadcaster,
    sockets,
    waiters,
    customMessages,
    pump,
  } = context;

  const isConnected = (publicKey: string): boolean =>
    peers.list_peers().some((peer) => hex(peer.get_counterparty_node_id()) === publicKey);

  return {
    info: () => {
      const best = channels.current_best_block();
      return Promise.resolve({
        publicKey: hex(channels.get_our_node_id()),
        alias: records.identity.alias,
        version: context.reported,
        height: best.get_height(),
        blockHash: displayed(best.get_block_hash()),
        features: hex(channels.init_features().write().slice(2)),
        feeratePerKw: fees.perKw,
      });
    },

    sync: async ({ height }) => {
      await follower.catchUp();
      const best = await waiters.until(() => {
        const block = channels.current_best_block();
        return block.get_height() >= (height ?? 0) ? block : undefined;
      });
      return { height: best.get_height(), blockHash: displayed(best.get_block_hash()) };
    },

    newAddress: () => Promise.resolve({ address: wallet.address }),

    balance: () => {
      const sum = (confirmed: boolean): bigint =>
        wallet
          .coins()
          .filter(({ confirmations }) => confirmations > 0 === confirmed)
          .reduce((total, { amountSat }) => total + amountSat, 0n);
      return Promise.resolve({ confirmedSat: sum(true), unconfirmedSat: sum(false) });
    },

    utxos: () => {
      const { address } = wallet;
      const utxos = wallet.coins().map(({ txid, vout, amountSat, confirmations }) => ({
        txid,
        vout,
        amountSat,
        confirmations,
        address,
      }));
      return Promise.resolve({ utxos });
    },

    sendOnchain: async ({ address, amountSat, feeratePerKw }) => {
      const transaction = wallet.pay({ amountSat, script: scriptFor(address) }, feeratePerKw ?? fees.perKw);
      try {
        const txid = await broadcaster.send(transaction);
        wallet.save();
        return { txid };
      } catch (error) {
        wallet.release(transaction.txid);
        throw new OperationError('rejected', error instanceof Error ? error.message : String(error));
      }
    },

    setFeerate: ({ feeratePerKw }) => {
      fees.set(feeratePerKw);
      // Channels of ours learn of a new feerate on this tick.
      channels.timer_tick_occurred();
      pump();
      return Promise.resolve({ feeratePerKw: fees.perKw });
    },

    connect: async ({ publicKey, host, port }) => {
      if (isConnected(publicKey)) return {};
      const { ended } = await sockets.connect(host, port, publicKey);
      let over = false;
      void ended.then(() => {
        over = true;
      });
      await waiters.until(() => {
        if (isConnected(publicKey)) return true;
        if (over) throw new OperationError('rejected', 'the connection ended before init was exchanged');
        return undefined;
      });
      return {};
    },

    disconnect: async ({ publicKey }) => {
      peers.disconnect_by_node_id(unhex(publicKey));
      pump();
      await waiters.until(() => (isConnected(publicKey) ? undefined : true));
      return {};
    },

    peers: () =>
      Promise.resolve({
        peers: peers.list_peers().map((peer) => ({
          publicKey: hex(peer.get_counterparty_node_id()),
          features: hex(peer.get_init_features().write().slice(2)),
          inbound: yes(peer.get_is_inbound_connection()),
        })),
      }),

    customMessage: ({ publicKey, type, payload }) => {
      if (!isConnected(publicKey)) throw new OperationError('not-ready', 'the peer is not connected');
      customMessages.queue(publicKey, type, payload);
      pump();
      return Promise.resolve({});
    },

    setIdentity: ({ alias, color }) => {
      const { identity } = records;
      records.identity = { alias: alias ?? identity.alias, color: color ?? identity.color };
      records.changed();
      announceNow(context);
      pump();
      return Promise.resolve({});
    },
  } satisfies Handlers;
}
