import {
  BoltgridError,
  concat,
  initiator,
  responder,
  type HandshakeDone,
  type Listener,
  type Peer,
  type RawLink,
  type SubjectContext,
} from 'boltgrid';

/** BOLT 8, "Authenticated Key Exchange Handshake Specification". */
export const ACT_ONE_LENGTH = 50;
export const ACT_TWO_LENGTH = 50;
export const ACT_THREE_LENGTH = 66;

/** What BOLT 8 calls `zero`-filled, of a length. */
export const zeros = (length: number): Uint8Array => new Uint8Array(length);

/** The node's act two, or the case's own requirement is broken. */
export const actTwoOf = (link: RawLink): Promise<Uint8Array> => link.read(ACT_TWO_LENGTH);

/** One byte to a chunk. */
export const bytewise = (bytes: Uint8Array): Uint8Array[] => [...bytes].map((byte) => Uint8Array.of(byte));

/** Cut before each of the given positions. */
export function cutAt(bytes: Uint8Array, ...positions: readonly number[]): Uint8Array[] {
  return [0, ...positions].map((start, i) => bytes.subarray(start, positions[i]));
}

export function replaced(bytes: Uint8Array, at: number, by: Uint8Array): Uint8Array {
  return concat(bytes.subarray(0, at), by, bytes.subarray(at + by.length));
}

/**
 * Another first byte in front of the same coordinate, as a lenient reader might take it for ours: even and odd are kept where the
 * caller asks for it by `evenAs` and `oddAs`.
 */
export const withPrefix = (point: Uint8Array, evenAs: number, oddAs: number): Uint8Array =>
  replaced(point, 0, Uint8Array.of(point[0] === 0x02 ? evenAs : oddAs));

/** x = 5 has no point on secp256k1: 5³ + 7 is no square modulo p. */
export const NOT_ON_THE_CURVE = concat(Uint8Array.of(0x02), zeros(31), Uint8Array.of(5));
/** x above the field's prime. */
export const BEYOND_THE_FIELD = concat(Uint8Array.of(0x02), new Uint8Array(32).fill(0xff));

export type ActOneSent = ReturnType<ReturnType<typeof initiator>['writeAct1']>['next'];
export type ActTwoRead = ReturnType<ActOneSent['readAct2']>;
export type ActOneRead = ReturnType<ReturnType<typeof responder>['readAct1']>;

/** Act one of a fresh peer; `label` tells the peers of one case apart. `remotePublicKey`: whom it addresses, the node when not given. */
export function actOne({ secret, node }: SubjectContext, label = 'peer', remotePublicKey = node.publicKey) {
  return initiator({
    localPrivateKey: secret(`static key of ${label}`),
    ephemeralPrivateKey: secret(`ephemeral key of ${label}`),
    remotePublicKey,
  }).writeAct1();
}

/** Reads an act of the node with our engine: what this refuses breaks `requirement`. */
export function accepted<T>(
  { check }: SubjectContext,
  requirement: string,
  act: Uint8Array,
  read: (act: Uint8Array) => T,
): T {
  const note = 'the act is well-formed and its MAC matches';
  try {
    const next = read(act);
    check(requirement, true, { note });
    return next;
  } catch (error) {
    if (!(error instanceof BoltgridError) || !error.code.startsWith('noise.act')) throw error;
    check(requirement, false, {
      note,
      expected: 'an act that BOLT 8 accepts',
      got: `${error.code}: ${error.message}`,
    });
    throw error;
  }
}

/** Speaks acts one and two. Charges `requirement` where the node's act two is wrong. */
export async function upToActTwo(
  context: SubjectContext,
  link: RawLink,
  requirement: string,
  label?: string,
): Promise<ActTwoRead> {
  const { bytes, next } = actOne(context, label);
  await link.write(bytes);
  return accepted(context, requirement, await actTwoOf(link), (act) => next.readAct2(act));
}

export interface Spoken {
  readonly peer: Peer;
  /** The keys of both directions, as they go on with the peer. */
  readonly done: HandshakeDone;
}

/** The whole handshake by hand, then init. */
export async function shakeHands(
  context: SubjectContext,
  requirement: string,
  label?: string,
): Promise<Spoken> {
  const link = await context.dial();
  const { bytes, next: done } = (await upToActTwo(context, link, requirement, label)).writeAct3();
  await link.write(bytes);
  return { peer: await link.peer(done), done };
}

/**
 * The node gives up the attempt: it closes, and does not answer by the next act. A farewell of another kind is not forbidden, since
 * BOLT 8 asks for silence only where a MAC is wrong.
 */
export async function expectAborted(
  { check }: SubjectContext,
  link: RawLink,
  requirement: string,
  isNextAct: (bytes: Uint8Array) => boolean,
): Promise<void> {
  const bytes = await link.expectClosed({ requirement });
  check(requirement, !isNextAct(bytes), {
    note: 'the handshake does not go on',
    expected: 'a close',
    got: bytes,
  });
}

export function isActTwo(state: ActOneSent): (bytes: Uint8Array) => boolean {
  return (bytes) => {
    try {
      state.readAct2(bytes.subarray(0, ACT_TWO_LENGTH));
      return true;
    } catch {
      return false;
    }
  };
}

/** Shows that a peer is served: a fresh one, unless given. */
export async function expectServed(
  { connect }: SubjectContext,
  requirement: string,
  peer?: Peer,
): Promise<void> {
  await (peer ?? (await connect())).barrier({ requirement });
}

export interface Called {
  readonly link: RawLink;
  readonly listener: Listener;
}

/** Has the node connect to us and takes its connection. How its own `connect` ends is not judged: acts are spoken by the case. */
export async function called({ node, listen }: SubjectContext): Promise<Called> {
  const listener = await listen();
  callNode(node, listener);
  return { listener, link: await listener.accept() };
}

export function callNode(node: SubjectContext['node'], { host, port, publicKey }: Listener): void {
  const address = { host, port, publicKey: Buffer.from(publicKey).toString('hex') };
  node.call('connect', address).catch(() => undefined);
}

/** Reads act one of the node as responder. */
export async function readActOne(
  context: SubjectContext,
  { link, listener }: Called,
  requirement: string,
): Promise<ActOneRead> {
  const act = await link.read(ACT_ONE_LENGTH);
  const start = responder({
    localPrivateKey: listener.key,
    ephemeralPrivateKey: context.secret('ephemeral key'),
  });
  return accepted(context, requirement, act, (bytes) => start.readAct1(bytes));
}
