import {
  encodeInvoice,
  FEATURES,
  signWith,
  toHex,
  type FeatureName,
  type InvoiceField,
  type MessageFields,
  type Bolts,
  type EstablishOptions,
  type OpenOptions,
  type OperationResult,
  type Peer,
  type PeerChannel,
  type StepOptions,
  type SubjectContext,
} from 'boltgrid';
import { sha256 } from './_htlcs.ts';

interface OwnInvoice {
  readonly amount_msat: bigint;
  readonly preimage: Uint8Array;
  readonly payment_secret: Uint8Array;
  /** 40 when not given; `null` leaves the field out. */
  readonly min_final_cltv_expiry_delta?: bigint | null;
  readonly payment_metadata?: Uint8Array;
  /** Besides those that every payer knows; offered, not asked for. */
  readonly features?: readonly FeatureName[];
}

const even = (name: FeatureName): number => FEATURES[name].even;

/** A BOLT 11 invoice of our peer. Without hints: the node has a channel with it. */
export function invoiceOfPeer(peer: Peer, invoice: OwnInvoice): string {
  const { amount_msat, preimage, payment_secret, payment_metadata, features = [] } = invoice;
  const { min_final_cltv_expiry_delta = 40n } = invoice;
  const bits = [
    even('var_onion_optin'),
    even('payment_secret'),
    ...features.map((name) => even(name) + 1),
  ].sort((a, b) => a - b);
  const fields: InvoiceField[] = [
    { name: 'payment_hash', value: sha256(preimage) },
    { name: 'payment_secret', value: payment_secret },
    { name: 'description', value: 'boltgrid' },
    ...(payment_metadata ? [{ name: 'payment_metadata', value: payment_metadata } as const] : []),
    ...(min_final_cltv_expiry_delta === null
      ? []
      : [{ name: 'min_final_cltv_expiry_delta', value: min_final_cltv_expiry_delta } as const]),
    { name: 'features', value: bits },
  ];
  const timestamp = Math.floor(Date.now() / 1000);
  return encodeInvoice({ currency: 'bcrt', amount_msat, timestamp, fields }, signWith(peer.key));
}

/** What a case needs that has the node pay. */
export const PAYER_OPS = ['pay', 'channels'] as const;

/** A channel that we opened and the node can pay over: it knows that both sides are ready. */
export async function payable(
  context: Pick<SubjectContext, 'node' | 'eventually'>,
  peer: Peer,
  options: OpenOptions & EstablishOptions = {},
): Promise<PeerChannel> {
  const channel = await peer.openChannel({ push_msat: 400_000_000n, ...options });
  await usable(context, channel);
  return channel;
}

export async function usable(
  { node, eventually }: Pick<SubjectContext, 'node' | 'eventually'>,
  channel: PeerChannel,
): Promise<void> {
  const id = toHex(channel.id);
  await eventually(
    'the channel is usable for the node',
    () => node.call('channels', {}),
    ({ channels }) => channels.some(({ channelId, usable }) => channelId === id && usable),
  );
}

export interface NodePayment {
  readonly preimage: Uint8Array;
  readonly payment_secret: Uint8Array;
  /** How it ended: never rejects. `rejected` where the node did not even try. */
  readonly outcome: Promise<OperationResult<'pay'> | 'rejected'>;
}

/** Has the node pay our peer. */
export function nodePays(
  { node, secret }: Pick<SubjectContext, 'node' | 'secret'>,
  peer: Peer,
  amount_msat: bigint,
  { label = 'payment', ...more }: Partial<OwnInvoice> & { readonly label?: string } = {},
): NodePayment {
  const preimage = more.preimage ?? secret(`${label} preimage`);
  const payment_secret = secret(`${label} secret`);
  const invoice = invoiceOfPeer(peer, { ...more, amount_msat, preimage, payment_secret });
  const outcome = node.call('pay', { invoice }).catch(() => 'rejected' as const);
  return { preimage, payment_secret, outcome };
}

/** An HTLC with which the node pays us, committed on both sides. */
export async function paidByNode(
  context: Pick<SubjectContext, 'node' | 'secret'>,
  peer: Peer,
  channel: PeerChannel,
  amount_msat: bigint,
  options: Parameters<typeof nodePays>[3] & { readonly step?: StepOptions } = {},
): Promise<NodePayment & { readonly htlc: MessageFields<Bolts, 'update_add_htlc'> }> {
  const { step, ...rest } = options;
  const payment = nodePays(context, peer, amount_msat, rest);
  const htlc = await channel.expectHtlc(step);
  return { ...payment, htlc };
}

/** The node must give a payment up without offering us anything for it. */
export async function expectNotOffered(
  { eventually, check }: Pick<SubjectContext, 'eventually' | 'check'>,
  peer: Peer,
  { outcome }: NodePayment,
  requirement: string,
): Promise<void> {
  let ended: string | undefined;
  void outcome.then((result) => {
    ended = result === 'rejected' ? result : result.state;
  });
  const offered: (string | undefined)[] = [];
  const listen = async (): Promise<boolean> => {
    const isOver = ended !== undefined;
    offered.push(...(await peer.barrier()).map(({ name }) => name));
    return isOver || offered.length > 0;
  };
  await eventually('the payment is offered, or given up', listen, (isOver) => isOver, { requirement });
  check(requirement, offered.length === 0 && ended !== 'succeeded', {
    expected: 'no HTLC',
    got: [ended, ...offered],
  });
}
