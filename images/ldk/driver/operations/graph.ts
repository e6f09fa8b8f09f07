import type * as ldk from 'ldk-0.1.2';
import type { Handlers, OperationResult } from 'boltgrid/driver';
import type { Context } from '../context.ts';
import { formatScid, hex, some, yes } from '../ldk.ts';

type Graph = OperationResult<'graph'>;

export function graphOperations({ graph }: Context) {
  return {
    graph: () => {
      const view = graph.read_only();
      try {
        const channels = Array.from(view.list_channels()).flatMap((id) => channelView(id, view.channel(id)));
        const nodes = view.list_nodes().map((id) => nodeView(id, view.node(id)));
        return Promise.resolve({ nodes, channels });
      } finally {
        view.free(); // It is a lock.
      }
    },
  } satisfies Handlers;
}

function channelView(scid: bigint, channel: ldk.ChannelInfo): Graph['channels'] {
  const node1 = hex(channel.get_node_one().as_slice());
  const node2 = hex(channel.get_node_two().as_slice());
  const policies = [
    { from: node1, update: channel.get_one_to_two() as ldk.ChannelUpdateInfo | null },
    { from: node2, update: channel.get_two_to_one() as ldk.ChannelUpdateInfo | null },
  ];
  return [
    {
      shortChannelId: formatScid(scid),
      node1,
      node2,
      policies: policies.flatMap(({ from, update }) => policyView(from, update)),
    },
  ];
}

/** Where no channel_update came, the package gives nothing or one of zeros. */
function policyView(
  from: string,
  update: ldk.ChannelUpdateInfo | null,
): Graph['channels'][number]['policies'] {
  if (!update || update.get_last_update() === 0) return [];
  const fees = update.get_fees();
  return [
    {
      from,
      enabled: yes(update.get_enabled()),
      cltvExpiryDelta: update.get_cltv_expiry_delta(),
      feeBaseMsat: BigInt(fees.get_base_msat()),
      feeProportionalMillionths: fees.get_proportional_millionths(),
      htlcMinimumMsat: update.get_htlc_minimum_msat(),
      htlcMaximumMsat: update.get_htlc_maximum_msat(),
      timestamp: update.get_last_update(),
    },
  ];
}

function nodeView(id: ldk.NodeId, node: ldk.NodeInfo): Graph['nodes'][number] {
  const announced = some<ldk.NodeAnnouncementInfo>(node.get_announcement_info());
  return {
    publicKey: hex(id.as_slice()),
    ...(announced && {
      alias: Buffer.from(announced.alias().get_a()).toString('utf8').replace(/\0+$/, ''),
      features: hex(announced.features().write().slice(2)),
      timestamp: announced.last_update(),
    }),
  };
}
