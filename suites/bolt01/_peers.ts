import {
  bolts,
  encodeFeatures,
  encodeMessage,
  EMPTY,
  fromHex,
  type Bolts,
  type MessageFields,
  type Peer,
  type SubjectContext,
} from 'boltgrid';

/** Regtest's chain_hash, as in messages: every world runs on it. */
export const REGTEST = fromHex('06226e46111a0b59caaf126043eb5bbf28c34f3a5e332a1fc7b2b73cf188910f');
/** Bitcoin mainnet's. */
export const MAINNET = fromHex('6fe28c0ab6f1b372c1a6a246ae63f74f931e8365e15a089c68d6190000000000');

export const LARGEST_MESSAGE = 65_535;

/** What a usual peer offers, all optional. */
export const USUAL_FEATURES: readonly number[] = [1, 5, 7, 9, 13, 15, 17, 19, 23, 25, 27, 39, 45, 47];

export type InitFields = MessageFields<Bolts, 'init'>;

/** An init that every node accepts, but for what is changed. */
export const initWith = (change: Partial<InitFields> = {}): InitFields => ({
  globalfeatures: EMPTY,
  features: encodeFeatures(USUAL_FEATURES),
  tlvs: {},
  ...change,
});

/**
 * A connection on which the node has greeted and then got this init: a node that refuses an init may close before its own has left,
 * where ours follows the handshake at once.
 */
export async function greetWith(
  { connect }: Pick<SubjectContext, 'connect'>,
  change: Partial<InitFields>,
  key?: Uint8Array,
): Promise<Peer> {
  const peer = await connect({ init: false, ...(key && { key }) });
  await peer.send('init', initWith(change));
  return peer;
}

/** Type and payload, the payload of any bytes. */
export const messageOfType = (type: number, payload: Uint8Array = EMPTY): Uint8Array =>
  Uint8Array.of(type >> 8, type & 0xff, ...payload);

export const pingOf = (num_pong_bytes: number, ignored: Uint8Array = EMPTY): Uint8Array =>
  encodeMessage(bolts, 'ping', { num_pong_bytes, ignored });

/** Ping and pong where the pong's length is judged, not only awaited. */
export async function expectPong(
  { check }: Pick<SubjectContext, 'check'>,
  peer: Peer,
  requirement: string,
  length = 100,
): Promise<Uint8Array> {
  await peer.send('ping', { num_pong_bytes: length, ignored: EMPTY });
  const { ignored } = await peer.expect('pong', undefined, { requirement });
  check(requirement, ignored.length === length, {
    expected: length,
    got: ignored.length,
    note: 'bytes in the pong',
  });
  return ignored;
}
