import * as ldk from 'ldk-0.1.2';
import type { Context } from './context.ts';

/** Announced channels when this node last announced itself. */
const announcedWith = new WeakMap<Context, number>();

/**
 * Announces the node when the graph has more channels of it than before: whoever does not know the channel drops the
 * announcement (BOLT 7). `true` when it did.
 */
export function announceIfDue(context: Context): boolean {
  const { graph, channels } = context;
  const view = graph.read_only();
  const own = view.node(
    ldk.NodeId.constructor_from_pubkey(channels.get_our_node_id()),
  ) as ldk.NodeInfo | null;
  const count = own ? Array.from(own.get_channels()).length : 0;
  view.free();
  if (count <= (announcedWith.get(context) ?? 0)) return false;
  announcedWith.set(context, count);
  announceNow(context);
  return true;
}

export function announceNow({ peers, records }: Context): void {
  const alias = new Uint8Array(32);
  alias.set(new TextEncoder().encode(records.identity.alias).subarray(0, 32));
  const color = Uint8Array.from(Buffer.from(records.identity.color, 'hex'));
  peers.broadcast_node_announcement(color, alias, []);
}
