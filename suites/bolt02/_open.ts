import {
  EMPTY,
  featureBits,
  FEATURES,
  toHex,
  type AcceptOptions,
  type Bolts,
  type Changes,
  type MessageFields,
  type OperationParams,
  type OperationResult,
  type OpenOptions,
  type Peer,
  type PeerChannel,
  type SubjectContext,
} from 'boltgrid';

export type OpenFields = MessageFields<Bolts, 'open_channel'>;
export type AcceptFields = MessageFields<Bolts, 'accept_channel'>;

/** Of a case that ends before a funding transaction matters. A node may take up a channel with anchors only if its wallet has coins. */
export const UNFUNDED = { chain: 'none', coins: true } as const;

/** That a peer whose channel came to nothing may open another on its next connection. */
export const NEW_OPEN = 'bolt02-open-channel-25';

/** The node takes up a channel of ours as far as `accept_channel`. */
export async function expectAccepted(
  peer: Peer,
  requirement: string,
  options?: OpenOptions,
  changes?: Changes,
): Promise<PeerChannel> {
  const channel = peer.channel();
  await channel.open(options, changes);
  await channel.expect('accept_channel', {}, { requirement });
  return channel;
}

/** The node fails a channel of ours at `open_channel`, and then takes up a right one of the same peer. */
export async function expectOpenRefused(
  { connect }: Pick<SubjectContext, 'connect'>,
  requirement: string,
  spoil: (fields: OpenFields) => OpenFields,
  options?: OpenOptions,
): Promise<void> {
  const peer = await connect();
  const channel = peer.channel();
  await channel.open(options, { open_channel: spoil });
  await channel.expectRefused({ requirement });
  await expectAccepted(await peer.reconnect(), NEW_OPEN);
}

/** As `expectOpenRefused`, for what a node may also see only when it makes the first commitments. */
export async function expectCommitmentRefused(
  { connect }: Pick<SubjectContext, 'connect'>,
  requirement: string,
  spoil: (fields: OpenFields) => OpenFields,
): Promise<void> {
  const peer = await connect();
  const channel = peer.channel();
  await channel.open({}, { open_channel: spoil });
  const refused = await channel.expectRefusedUnless('accept_channel', { requirement });
  if (!refused) {
    await channel.fund();
    await channel.expectRefused({ requirement });
  }
  await expectAccepted(await peer.reconnect(), NEW_OPEN);
}

const BASIC_POINTS = [
  'funding_pubkey',
  'revocation_basepoint',
  'payment_basepoint',
  'delayed_payment_basepoint',
  'htlc_basepoint',
] as const;

/** 33 bytes that are no compressed point of secp256k1 (SEC 1, 2.3.4). */
const NO_POINTS = {
  // 5³ + 7 is not a square.
  'off the curve': Uint8Array.of(2, ...new Uint8Array(31), 5),
  'beyond the field': Uint8Array.of(3, ...new Uint8Array(32).fill(0xff)),
  // 1³ + 7 is one, so that only the prefix is wrong.
  'not compressed': Uint8Array.of(4, ...new Uint8Array(31), 1),
  zeros: new Uint8Array(33),
} as const;

/** Each basic point, wrong in each way: fields that take the place of the right ones. */
export const WRONG_POINTS: Readonly<Record<string, Partial<OpenFields & AcceptFields>>> = Object.fromEntries(
  BASIC_POINTS.flatMap((field) =>
    Object.entries(NO_POINTS).map(([how, point]) => [`${field} ${how}`, { [field]: point }]),
  ),
);

/** Largest values of the fields' types. */
export const MOST_U16 = 0xffff;
export const MOST_U32 = 0xffff_ffff;
export const MOST_U64 = (1n << 64n) - 1n;

/** BOLT 3, Fee Calculation and Fee Payment: what the opener pays for the first commitment, anchors included. */
export function firstCostSat({ tlvs, feerate_per_kw }: OpenFields): bigint {
  const hasAnchors = featureBits(tlvs.channel_type?.type ?? EMPTY).has(FEATURES.option_anchors.even);
  const [weight, anchorsSat] = hasAnchors ? [1124n, 660n] : [724n, 0n];
  return (weight * BigInt(feerate_per_kw)) / 1000n + anchorsSat;
}

/** A channel that the node opens with us: its `open_channel` has come. */
export interface OpenedByNode {
  readonly peer: Peer;
  readonly channel: PeerChannel;
  readonly open: OpenFields;
  /** What the operation came to; `undefined` where the node says that it failed. */
  readonly result: Promise<OperationResult<'open'> | undefined>;
  readonly hasFailed: () => boolean;
}

/** Of the operation `open`, as long as nothing is funded. */
const OPEN_MS = 20_000;

/** Has the node open a channel of 1,000,000 satoshis, unless `params` say otherwise. Needs `ops: ['open']` and coins. */
export async function openedByNode(
  { connect, node }: Pick<SubjectContext, 'connect' | 'node'>,
  params: Partial<OperationParams<'open'>> = {},
): Promise<OpenedByNode> {
  const peer = await connect();
  let hasFailed = false;
  const result = node
    .call('open', { publicKey: toHex(peer.publicKey), amountSat: 1_000_000n, ...params })
    .catch(() => {
      hasFailed = true;
      return undefined;
    });
  const channel = peer.channel();
  const open = await channel.expect('open_channel', {}, { withinMs: OPEN_MS });
  return { peer, channel, open, result, hasFailed: () => hasFailed };
}

/** As far as the node's `funding_created`, which the engine judges. */
export async function expectFundingCreated(
  opened: OpenedByNode,
  options?: AcceptOptions,
): Promise<OpenedByNode> {
  await opened.channel.accept(options);
  await opened.channel.expect('funding_created', {}, { requirement: 'bolt02-funding-created-05' });
  return opened;
}

/**
 * The node does not go on with its channel. Before anything is signed it may forget it without a word (BOLT 5, Failing a Channel): then the
 * operation fails.
 */
export async function expectGivenUp(
  { eventually, check }: Pick<SubjectContext, 'eventually' | 'check'>,
  { peer, hasFailed }: OpenedByNode,
  requirement: string,
): Promise<void> {
  const came = (name: string): boolean => peer.received.some((message) => message.name === name);
  await eventually(
    'the node gives the channel up, or goes on with it',
    async () =>
      hasFailed() ||
      came('error') ||
      came('funding_created') ||
      (await peer.expectPongOrClose({ requirement })) !== undefined,
    (isDecided) => isDecided,
    { requirement, withinMs: OPEN_MS },
  );
  await peer.expectPongOrClose({ requirement });
  check(requirement, !came('funding_created'), {
    expected: 'no funding_created',
    got: peer.received.map(({ name, type }) => name ?? type),
  });
}
