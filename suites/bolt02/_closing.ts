import { toHex, type Bolts, type MessageFields, type PeerChannel, type SubjectContext } from 'boltgrid';
import { balanced } from './_channels.ts';

type Complete = MessageFields<Bolts, 'closing_complete'>;
type Requirement = Parameters<SubjectContext['check']>[0];

/** Bit 61 of BOLT 9. */
const OPTION_SIMPLE_CLOSE = 61;

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

/** Each signature that is there, spoiled. */
export const spoilSignatures = (
  tlvs: Complete['tlvs'],
  spoil: (signature: Uint8Array) => Uint8Array,
): Complete['tlvs'] => {
  const { closer_output_only, closee_output_only, closer_and_closee_outputs } = tlvs;
  return {
    ...(closer_output_only && { closer_output_only: { sig: spoil(closer_output_only.sig) } }),
    ...(closee_output_only && { closee_output_only: { sig: spoil(closee_output_only.sig) } }),
    ...(closer_and_closee_outputs && {
      closer_and_closee_outputs: { sig: spoil(closer_and_closee_outputs.sig) },
    }),
  };
};

/** A channel in which we have more than the node, after `shutdown` of both sides, with `option_simple_close`. */
export async function simpleClosing(context: SubjectContext) {
  const peer = await context.connect({ features: { add: [OPTION_SIMPLE_CLOSE] } });
  const channel = await usable(context, await balanced(peer));
  await channel.do({ do: 'shutdown', scriptpubkey: P2WPKH });
  await channel.expect('shutdown');
  return {
    channel,
    complete: (fee_satoshis: bigint, closing_complete: (fields: Complete) => Complete) =>
      channel.do({ do: 'closing_complete', closing: { fee_satoshis, locktime: 0 } }, { closing_complete }),
    /** A `closing_complete` of the node may come before it. The engine judges both. */
    expectSig: async (requirement: Requirement): Promise<void> => {
      const { name } = await channel.expectAny({ requirement });
      if (name === 'closing_complete') await channel.expect('closing_sig', {}, { requirement });
      else context.check(requirement, name === 'closing_sig', { expected: 'closing_sig', got: name });
    },
  };
}
