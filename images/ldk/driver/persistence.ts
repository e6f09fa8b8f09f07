import * as ldk from 'ldk-0.1.2';
import type { Broadcaster } from './broadcaster.ts';
import type { Fees } from './fees.ts';
import { keep, outpointOf, value } from './ldk.ts';
import type { Store } from './store.ts';

const MANAGER = 'manager';
const DONE = ldk.ChannelMonitorUpdateStatus;

function nameOf(funding: ldk.OutPoint): string {
  const { txid, vout } = outpointOf(funding);
  return `monitors/${txid}-${vout}`;
}

/** Writes a channel's monitor whole, whenever it changes, before LDK goes on. */
export function persister(store: Store): ldk.Persist {
  const write = (funding: ldk.OutPoint, monitor: ldk.ChannelMonitor): ldk.ChannelMonitorUpdateStatus => {
    store.write(nameOf(funding), monitor.write());
    return DONE.LDKChannelMonitorUpdateStatus_Completed;
  };
  return keep(
    ldk.Persist.new_impl({
      persist_new_channel: write,
      update_persisted_channel: (funding, _update, monitor) => write(funding, monitor),
      archive_persisted_channel: (funding) => {
        store.remove(nameOf(funding));
      },
    }),
  );
}

export function openMonitors(store: Store, keys: ldk.KeysManager): ldk.ChannelMonitor[] {
  return store.monitors().map((content) => {
    const read = ldk.UtilMethods.constructor_C2Tuple_ThirtyTwoBytesChannelMonitorZ_read(
      content,
      keys.as_EntropySource(),
      keys.as_SignerProvider(),
    );
    return keep(value<ldk.TwoTuple_ThirtyTwoBytesChannelMonitorZ>('monitor on disk', keep(read)).get_b());
  });
}

export interface ManagerParts {
  readonly fees: Fees;
  readonly chainMonitor: ldk.ChainMonitor;
  readonly broadcaster: Broadcaster;
  readonly router: ldk.DefaultRouter;
  readonly messageRouter: ldk.DefaultMessageRouter;
  readonly logger: ldk.Logger;
  readonly keys: ldk.KeysManager;
  readonly config: ldk.UserConfig;
}

export const saveManager = (store: Store, channels: ldk.ChannelManager): void => {
  store.write(MANAGER, channels.write());
};

/** `undefined` on a new volume. */
export function restoreManager(
  store: Store,
  { fees, chainMonitor, broadcaster, router, messageRouter, logger, keys, config }: ManagerParts,
  monitors: ldk.ChannelMonitor[],
): ldk.ChannelManager | undefined {
  const content = store.read(MANAGER);
  if (content === undefined) return undefined;
  const read = ldk.UtilMethods.constructor_C2Tuple_ThirtyTwoBytesChannelManagerZ_read(
    content,
    keys.as_EntropySource(),
    keys.as_NodeSigner(),
    keys.as_SignerProvider(),
    fees.estimator,
    chainMonitor.as_Watch(),
    broadcaster.ldk,
    router.as_Router(),
    messageRouter.as_MessageRouter(),
    logger,
    config,
    monitors,
  );
  return value<ldk.TwoTuple_ThirtyTwoBytesChannelManagerZ>('channel manager on disk', keep(read)).get_b();
}
