import * as ldk from 'ldk-0.1.2';
import { RpcClient, type StartParams } from 'boltgrid/driver';
import { derivedKey } from './bitcoin.ts';
import { Broadcaster } from './broadcaster.ts';
import type { Context } from './context.ts';
import { CustomMessages } from './custom-messages.ts';
import { EventLoop } from './events.ts';
import { Fees } from './fees.ts';
import { align, Follower } from './follower.ts';
import { hex, internal, keep, unhex, value } from './ldk.ts';
import {
  chainMonitorListener,
  managerListener,
  monitorListener,
  together,
  walletListener,
} from './listeners.ts';
import { makeLogger } from './logger.ts';
import { openMonitors, persister, restoreManager } from './persistence.ts';
import { Records } from './records.ts';
import { readSettings, userConfig } from './settings.ts';
import { Sockets } from './sockets.ts';
import { Store } from './store.ts';
import { Waiters } from './waiters.ts';
import { walletSource } from './wallet-source.ts';
import { Wallet } from './wallet.ts';

const NETWORK = ldk.Network.LDKNetwork_Regtest;

/** Builds the node on its volume and brings it to the chain's tip. It does not listen yet. */
export async function openNode(start: StartParams, reported: string, changed: () => void): Promise<Context> {
  if (!start.chain) throw new TypeError('LDK needs a chain');
  const settings = readSettings(start);
  const chain = new RpcClient(start.chain);
  const store = new Store(start.folder);
  const records = new Records(store);
  const fees = new Fees(chain);
  await fees.refresh();
  const birthday = await Follower.tip(chain);
  const wallet = new Wallet(unhex(start.seed), store, birthday);
  const waiters = new Waiters();
  const broadcaster = new Broadcaster(chain, () => {
    waiters.turn();
    changed();
  });
  const logger = makeLogger((error) => {
    waiters.onionError = error;
  });

  const now = Date.now();
  const keys = keep(
    // The start time is mixed into what must not repeat after a restart.
    ldk.KeysManager.constructor_new(
      derivedKey(unhex(start.seed), 'node'),
      BigInt(Math.floor(now / 1000)),
      (now % 1000) * 1e6,
    ),
  );
  const chainMonitor = keep(
    ldk.ChainMonitor.constructor_new(
      ldk.Option_FilterZ.constructor_none(),
      broadcaster.ldk,
      logger,
      fees.estimator,
      persister(store),
    ),
  );
  const graph = keep(ldk.NetworkGraph.constructor_new(NETWORK, logger));
  const { router, messageRouter } = routers(graph, logger, keys);
  const config = userConfig(settings);
  const parts = { fees, chainMonitor, broadcaster, router, messageRouter, logger, keys, config };
  const monitors = openMonitors(store, keys);
  const channels = keep(
    restoreManager(store, parts, monitors) ??
      ldk.ChannelManager.constructor_new(
        fees.estimator,
        chainMonitor.as_Watch(),
        broadcaster.ldk,
        router.as_Router(),
        messageRouter.as_MessageRouter(),
        logger,
        keys.as_EntropySource(),
        keys.as_NodeSigner(),
        keys.as_SignerProvider(),
        config,
        ldk.ChainParameters.constructor_new(
          NETWORK,
          ldk.BestBlock.constructor_new(internal(birthday.hash), birthday.height),
        ),
        Math.floor(now / 1000),
      ),
  );

  const { onions, peers, customMessages } = messengers(channels, keys, graph, messageRouter, logger);
  const coins = keep(ldk.Wallet.constructor_new(walletSource(wallet), logger));
  const bumps = keep(
    ldk.BumpTransactionEventHandler.constructor_new(
      broadcaster.ldk,
      coins.as_CoinSelectionSource(),
      keys.as_SignerProvider(),
      logger,
    ),
  );

  await align(chain, [
    ...monitors.map((monitor) => monitorListener(monitor, broadcaster, fees, logger)),
    managerListener(channels),
    walletListener(wallet, broadcaster),
  ]);
  for (const monitor of monitors) {
    const outpoint = monitor.get_funding_txo().get_a();
    value('watch_channel', chainMonitor.as_Watch().watch_channel(outpoint, keep(monitor)));
  }

  const events = new EventLoop(() => context, changed);
  const pump = (): void => {
    events.pump();
  };
  const live = together([
    chainMonitorListener(chainMonitor),
    managerListener(channels),
    walletListener(wallet, broadcaster),
  ]);
  const follower = new Follower(chain, live, async () => {
    await fees.refresh();
    wallet.save();
    pump();
  });
  const sockets = new Sockets(peers, pump);
  const context: Context = {
    ...{
      settings,
      reported,
      chain,
      store,
      records,
      fees,
      wallet,
      broadcaster,
      keys,
      logger,
      graph,
      chainMonitor,
    },
    ...{ channels, onions, peers, bumps, customMessages, waiters, sockets, follower, pump },
  };
  return context;
}

function routers(
  graph: ldk.NetworkGraph,
  logger: ldk.Logger,
  keys: ldk.KeysManager,
): { router: ldk.DefaultRouter; messageRouter: ldk.DefaultMessageRouter } {
  const decay = ldk.ProbabilisticScoringDecayParameters.constructor_default();
  const scorer = keep(ldk.ProbabilisticScorer.constructor_new(decay, graph, logger));
  const score = keep(ldk.MultiThreadedLockableScore.constructor_new(scorer.as_Score()));
  const router = keep(
    ldk.DefaultRouter.constructor_new(
      graph,
      logger,
      keys.as_EntropySource(),
      score.as_LockableScore(),
      ldk.ProbabilisticScoringFeeParameters.constructor_default(),
    ),
  );
  return {
    router,
    messageRouter: keep(ldk.DefaultMessageRouter.constructor_new(graph, keys.as_EntropySource())),
  };
}

/** What speaks to peers: channel messages, gossip, onion messages and those of types that LDK does not know. */
function messengers(
  channels: ldk.ChannelManager,
  keys: ldk.KeysManager,
  graph: ldk.NetworkGraph,
  messageRouter: ldk.DefaultMessageRouter,
  logger: ldk.Logger,
): Pick<Context, 'onions' | 'peers' | 'customMessages'> {
  const ignoring = keep(ldk.IgnoringMessageHandler.constructor_new());
  const customMessages = new CustomMessages();
  const onions = keep(
    ldk.OnionMessenger.constructor_new(
      keys.as_EntropySource(),
      keys.as_NodeSigner(),
      logger,
      channels.as_NodeIdLookUp(),
      messageRouter.as_MessageRouter(),
      channels.as_OffersMessageHandler(),
      channels.as_AsyncPaymentsMessageHandler(),
      channels.as_DNSResolverMessageHandler(),
      ignoring.as_CustomOnionMessageHandler(),
    ),
  );
  const gossip = keep(
    ldk.P2PGossipSync.constructor_new(graph, ldk.Option_UtxoLookupZ.constructor_none(), logger),
  );
  const peers = keep(
    ldk.PeerManager.constructor_new(
      channels.as_ChannelMessageHandler(),
      gossip.as_RoutingMessageHandler(),
      onions.as_OnionMessageHandler(),
      customMessages.handler,
      Math.floor(Date.now() / 1000),
      keys.as_EntropySource().get_secure_random_bytes(),
      logger,
      keys.as_NodeSigner(),
    ),
  );
  return { onions, peers, customMessages };
}

export const ownKey = ({ channels }: Context): string => hex(channels.get_our_node_id());
