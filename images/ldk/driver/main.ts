import { parseTransaction, runDriver } from 'boltgrid/driver';
import { loadLdk } from './ldk.ts';
import { openNode, ownKey } from './node.ts';
import { bolt12Operations } from './operations/bolt12.ts';
import { channelOperations } from './operations/channels.ts';
import { graphOperations } from './operations/graph.ts';
import { invoiceOperations } from './operations/invoices.ts';
import { nodeOperations } from './operations/node.ts';
import { paymentOperations } from './operations/payments.ts';
import { saveManager } from './persistence.ts';
import { unhex } from './ldk.ts';

runDriver(async (start, changed) => {
  const reported = await loadLdk(start.package ?? '');
  const context = await openNode(start, reported, changed);
  const { host, port } = start.listen;
  const address = await context.sockets.listen(host, port);
  // What an earlier run of this node had still to sweep.
  for (const raw of context.records.sweeps)
    context.broadcaster.send(parseTransaction(unhex(raw))).catch(() => undefined);
  context.pump();
  void context.follower.follow();
  return {
    publicKey: ownKey(context),
    host: address.address,
    port: address.port,
    reported,
    operations: {
      ...nodeOperations(context),
      ...channelOperations(context),
      ...invoiceOperations(context),
      ...paymentOperations(context),
      ...bolt12Operations(context),
      ...graphOperations(context),
    },
    stop: () => {
      context.follower.stop();
      context.pump();
      saveManager(context.store, context.channels);
      context.wallet.save();
      return Promise.resolve();
    },
  };
});
