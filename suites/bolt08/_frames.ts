import {
  BoltgridError,
  bolts,
  concat,
  defaultCrypto,
  EMPTY,
  encodeFeatures,
  encodeMessage,
  encodeNonce,
  type Peer,
  type SubjectContext,
} from 'boltgrid';
import { USUAL_FEATURES } from '../bolt01/_peers.ts';
import { expectServed } from './_acts.ts';

/** BOLT 8, "Lightning Message Specification": the encrypted two-byte length and its MAC. */
export const PREFIX_LENGTH = 18;
export const MAC_LENGTH = 16;
export const LARGEST_MESSAGE = 65_535;

/** For peers whose frames are written by hand: nothing of ours may come between them. */
export const BY_HAND = { answerPings: false } as const;

/** A ping that asks for `pongLength` bytes and carries `length` of its own. */
export const ping = (pongLength: number, length = 0): Uint8Array =>
  encodeMessage(bolts, 'ping', { num_pong_bytes: pongLength, ignored: new Uint8Array(length) });

/** type, num_pong_bytes, byteslen */
export const PING_OVERHEAD = 6;
/** type, byteslen */
export const PONG_OVERHEAD = 4;

/** An init with usual features, all optional, for cases that write it together with other bytes. */
export const usualInit = (): Uint8Array =>
  encodeMessage(bolts, 'init', { globalfeatures: EMPTY, features: encodeFeatures(USUAL_FEATURES), tlvs: {} });

/** A message of an odd type that no BOLT defines, of `length` bytes in all: to be ignored (BOLT 1). */
export function unknownOdd(length: number): Uint8Array {
  const message = new Uint8Array(length);
  message.set([0x7f, 0xff]);
  return message;
}

/** `count` consecutive frames of the same message. */
export function framesOf(peer: Peer, message: Uint8Array, count: number): Uint8Array {
  return concat(...Array.from({ length: count }, () => peer.transport.encrypt(message)));
}

/** So many messages that nothing comes of, and a ping last: its pong shows that each of them was read. */
export const messagesAndPing = (messages: number, pongLength: number): Uint8Array[] => [
  ...Array.from({ length: messages }, () => unknownOdd(PING_OVERHEAD)),
  ping(pongLength),
];

/** How many messages a node is left to work through before it is asked whether it has: it may take its time over each. */
const PORTION = 100;

/** So many messages in all that nothing comes of but the pong of the last, a ping: it shows that each was read. */
export const sendMany = (
  context: SubjectContext,
  peer: Peer,
  requirement: string,
  messages: number,
): Promise<void> =>
  inPortions(messages, (portion) => ignoredAndPing(context, peer, requirement, portion - 1));

/** So many messages that are not answered, and pings of their own among them: we are ahead of the node by just so many. */
export const getAhead = (
  context: SubjectContext,
  peer: Peer,
  requirement: string,
  messages: number,
): Promise<void> => inPortions(messages, (portion) => ignoredAndPing(context, peer, requirement, portion));

async function inPortions(messages: number, send: (portion: number) => Promise<void>): Promise<void> {
  for (let left = messages; left > 0; left -= PORTION) await send(Math.min(left, PORTION));
}

async function ignoredAndPing(
  context: SubjectContext,
  peer: Peer,
  requirement: string,
  ignored: number,
): Promise<void> {
  await peer.writeFrames(framesOf(peer, unknownOdd(2), ignored));
  await expectServed(context, requirement, peer);
}

/** The pong of a ping that was sent, of the asked length. */
export async function expectPong(
  { check }: SubjectContext,
  peer: Peer,
  requirement: string,
  length: number,
): Promise<void> {
  const { ignored } = await peer.expect('pong', {}, { requirement });
  check(requirement, ignored.length === length, {
    note: 'a pong of the asked length',
    expected: length,
    got: ignored.length,
  });
}

/**
 * Pings, each sent once the one before was answered: "Limited precautions are recommended against ping flooding" (BOLT 1), so that a
 * node may end a connection on which several wait for their pong.
 */
export async function converse(
  context: SubjectContext,
  peer: Peer,
  requirement: string,
  pings: readonly { readonly pong: number; readonly length?: number }[],
): Promise<void> {
  for (const { pong, length = 0 } of pings) {
    await peer.sendRaw(ping(pong, length));
    await expectPong(context, peer, requirement, pong);
  }
}

/** How the connection ended; `undefined` while it lasts. */
export const endOf = (peer: Peer) => Promise.race([peer.transport.closed, Promise.resolve(undefined)]);

/** The part of the node's last frame, `length` or `body`, that could not be decrypted; `undefined` where that was not the trouble. */
export async function unreadablePart(peer: Peer): Promise<unknown> {
  const end = await endOf(peer);
  return end?.error instanceof BoltgridError ? end.error.details.part : undefined;
}

/** `from`, `from + 1`, … */
export const count = (length: number, from = 0): number[] => Array.from({ length }, (_, i) => from + i);

/** A frame under a key and nonce of the case's choice, for what an honest side never sends. */
export function sealFrame(
  key: Uint8Array,
  nonce: number,
  message: Uint8Array,
  ad: Uint8Array = EMPTY,
): Uint8Array {
  const { aead } = defaultCrypto;
  const length = Uint8Array.of(message.length >> 8, message.length & 0xff);
  return concat(
    aead.seal(key, encodeNonce(nonce), ad, length),
    aead.seal(key, encodeNonce(nonce + 1), ad, message),
  );
}

/** `ck', k' = HKDF(ck, k)`: BOLT 8, "Lightning Message Key Rotation". */
export function rotated(ck: Uint8Array, k: Uint8Array): { readonly ck: Uint8Array; readonly k: Uint8Array } {
  const output = defaultCrypto.hashes.hkdf(ck, k, EMPTY, 64);
  return { ck: output.slice(0, 32), k: output.slice(32) };
}
