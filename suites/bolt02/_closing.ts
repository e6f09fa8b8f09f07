import { toHex, type PeerChannel, type SubjectContext } from 'boltgrid';

const filled = (length: number, byte = 0x5c): number[] => Array.from({ length }, () => byte);

export const P2WPKH = Uint8Array.of(0x00, 20, ...filled(20));

/** Forms of `scriptpubkey` that BOLT 2 allows to everybody. */
export const ALLOWED_SCRIPTS: Readonly<Record<string, Uint8Array>> = {
  P2WPKH,
  P2WSH: Uint8Array.of(0x00, 32, ...filled(32)),
};

/** Those that need `option_shutdown_anysegwit`. */
export const ANYSEGWIT_SCRIPTS: Readonly<Record<string, Uint8Array>> = {
  'version 1 of 32 bytes': Uint8Array.of(0x51, 32, ...filled(32, 0x02)),
  'version 2 of 2 bytes': Uint8Array.of(0x52, 2, ...filled(2)),
  'version 16 of 40 bytes': Uint8Array.of(0x60, 40, ...filled(40)),
};

/** Those that nobody may send. */
export const FORBIDDEN_SCRIPTS: Readonly<Record<string, Uint8Array>> = {
  empty: new Uint8Array(0),
  P2PKH: Uint8Array.of(0x76, 0xa9, 20, ...filled(20), 0x88, 0xac),
  P2SH: Uint8Array.of(0xa9, 20, ...filled(20), 0x87),
  'version 0 of 21 bytes': Uint8Array.of(0x00, 21, ...filled(21)),
  'a program that ends too soon': Uint8Array.of(0x00, 20, ...filled(19)),
  'any bytes': Uint8Array.of(...filled(33, 0xfe)),
};

/**
 * Waits until the node says that the channel can be used, where it has an operation for that. Some nodes take a moment after
 * `channel_ready`, and drop a `shutdown` meanwhile: the case `at-once` alone is about that.
 */
export async function usable(
  { node, eventually }: Pick<SubjectContext, 'node' | 'eventually'>,
  channel: PeerChannel,
): Promise<PeerChannel> {
  if (!node.operations.has('channels')) return channel;
  await eventually(
    'the node says that the channel can be used',
    () => node.call('channels', {}),
    ({ channels }) => channels.some(({ channelId, usable: can }) => channelId === toHex(channel.id) && can),
  );
  return channel;
}
