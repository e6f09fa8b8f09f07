import {
  defaultCrypto,
  toHex,
  type NodeControl,
  type Peer,
  type PeerChannel,
  type SubjectContext,
} from 'boltgrid';

/** A channel that we opened, with coins on both sides. */
export const balanced = (peer: Peer): Promise<PeerChannel> => peer.openChannel({ push_msat: 400_000_000n });

/** An invoice of the node. */
export async function invoiceOf(node: NodeControl, amountMsat: bigint): Promise<string> {
  const { invoice } = await node.call('invoice', { amountMsat, description: 'boltgrid' });
  return invoice;
}

/** An HTLC of ours that the node holds until it is told to settle or to cancel. */
export async function heldHtlc(
  { node, eventually }: Pick<SubjectContext, 'node' | 'eventually'>,
  channel: PeerChannel,
  preimage: Uint8Array,
  amountMsat = 20_000_000n,
): Promise<bigint> {
  const paymentHash = toHex(defaultCrypto.hashes.sha256(preimage));
  const { invoice } = await node.call('holdInvoice', { amountMsat, description: 'boltgrid', paymentHash });
  const id = await channel.payInvoice(invoice);
  await eventually(
    'the node holds the payment',
    () => node.call('invoiceStatus', { paymentHash }),
    ({ state }) => state === 'held',
  );
  return id;
}
