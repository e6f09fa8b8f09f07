import { BoltgridError, toHex, type NodeControl, type OperationParams, type PairContext } from 'boltgrid';

export const CAPACITY_SAT = 1_000_000n;
export const PUSH_SAT = 300_000n;
export const PAYMENT_MSAT = 50_000_000n;
/** Deep enough for what every implementation asks of a transaction of this size: Eclair 8 confirmations, others 6 or fewer. */
export const DEPTH = 8;
/** Real nodes in containers take seconds for each step. */
export const PAIR_CASE_MS = 90_000;

/** What a case needs to open a channel, and to look at it. */
export const CHANNEL_OPS = ['connect', 'peers', 'newAddress', 'balance', 'open', 'channels'] as const;

export const addressOf = (
  node: NodeControl,
  dialler: NodeControl,
): { publicKey: string; host: string; port: number } => ({
  publicKey: toHex(node.publicKey),
  ...node.addressFrom(dialler),
});

export async function peerOf(node: NodeControl, other: NodeControl) {
  const { peers } = await node.call('peers', {});
  return peers.find(({ publicKey }) => publicKey === toHex(other.publicKey));
}

export async function channelOf(node: NodeControl, channelId: string) {
  const { channels } = await node.call('channels', {});
  return channels.find((channel) => channel.channelId === channelId);
}

/** A connects to B, and both know it. */
export async function connect({ a, b, eventually }: PairContext): Promise<void> {
  await a.call('connect', addressOf(b, a));
  for (const [node, other] of [
    [a, b],
    [b, a],
  ] as const) {
    await eventually(
      `${node.id} lists ${other.id} as a peer`,
      () => peerOf(node, other),
      (peer) => peer !== undefined,
    );
  }
}

export interface Outpoint {
  readonly txid: string;
  readonly vout: number;
}

export interface OpenedChannel {
  readonly channelId: string;
  readonly funding: Outpoint;
}

/** What of `open` is not the node's own default. */
type Terms = Pick<OperationParams<'open'>, 'announce'>;

/** Funded by A, and known to both by the same id; not confirmed yet. */
export async function fund(context: PairContext, terms: Terms = {}): Promise<OpenedChannel> {
  const { a, b, eventually } = context;
  await connect(context);
  const { channelId, fundingTxid, fundingOutputIndex } = await a.call('open', {
    publicKey: toHex(b.publicKey),
    amountSat: CAPACITY_SAT,
    pushSat: PUSH_SAT,
    ...terms,
  });
  await eventually(
    `${b.id} has the channel under the id of BOLT 2`,
    () => channelOf(b, channelId),
    (channel) => channel !== undefined,
  );
  return { channelId, funding: { txid: fundingTxid, vout: fundingOutputIndex } };
}

/** A channel from A to B that both can pay over. */
export async function openChannel(context: PairContext, terms?: Terms): Promise<OpenedChannel> {
  const opened = await fund(context, terms);
  await context.chain.confirm(opened.funding.txid, DEPTH);
  await usable(context, opened.channelId);
  return opened;
}

export async function usable({ a, b, eventually }: PairContext, channelId: string): Promise<void> {
  for (const node of [a, b]) {
    await eventually(
      `the channel is usable for ${node.id}`,
      () => channelOf(node, channelId),
      (channel) => channel?.usable === true,
    );
  }
}

/** The payer's outcome, and the payee's view of the invoice. */
export async function payInvoice(
  { eventually }: PairContext,
  payer: NodeControl,
  payee: NodeControl,
  amountMsat: bigint,
) {
  const { invoice, paymentHash } = await payee.call('invoice', { amountMsat, description: 'boltgrid' });
  const payment = await payer.call('pay', { invoice });
  if (payment.state !== 'succeeded') {
    throw new BoltgridError(
      'node.rejected',
      'node',
      `the payment failed: ${payment.failure?.reason ?? 'no reason given'}`,
      {
        details: { operation: 'pay' },
      },
    );
  }
  const received = await eventually(
    `${payee.id} has the payment`,
    () => payee.call('invoiceStatus', { paymentHash }),
    ({ state }) => state === 'paid',
  );
  return { payment, received };
}
