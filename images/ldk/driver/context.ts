import type * as ldk from 'ldk-0.1.2';
import type { RpcClient } from 'boltgrid/driver';
import type { Broadcaster } from './broadcaster.ts';
import type { CustomMessages } from './custom-messages.ts';
import type { Fees } from './fees.ts';
import type { Follower } from './follower.ts';
import type { Records } from './records.ts';
import type { Settings } from './settings.ts';
import type { Sockets } from './sockets.ts';
import type { Store } from './store.ts';
import type { Wallet } from './wallet.ts';
import type { Waiters } from './waiters.ts';

/** Everything that operations and events work on. */
export interface Context {
  readonly settings: Settings;
  readonly reported: string;
  readonly chain: RpcClient;
  readonly store: Store;
  readonly records: Records;
  readonly fees: Fees;
  readonly wallet: Wallet;
  readonly broadcaster: Broadcaster;
  readonly keys: ldk.KeysManager;
  readonly logger: ldk.Logger;
  readonly graph: ldk.NetworkGraph;
  readonly chainMonitor: ldk.ChainMonitor;
  readonly channels: ldk.ChannelManager;
  readonly onions: ldk.OnionMessenger;
  readonly peers: ldk.PeerManager;
  readonly bumps: ldk.BumpTransactionEventHandler;
  readonly customMessages: CustomMessages;
  readonly waiters: Waiters;
  readonly sockets: Sockets;
  readonly follower: Follower;
  /** Lets LDK work until it is quiet, and puts on disk what changed. To be called after everything that it is told. */
  readonly pump: () => void;
}
