import { channelType, encodeFeatures, featureBits, EMPTY, type MessageFields, type Bolts } from 'boltgrid';

type OpenFields = MessageFields<Bolts, 'open_channel'>;
type Typed = Pick<OpenFields | MessageFields<Bolts, 'accept_channel'>, 'tlvs'>;

/** BOLT 2, Defined Channel Types. */
export const TYPES = {
  static_remotekey: channelType('option_static_remotekey'),
  anchors: channelType('option_anchors'),
  'static_remotekey and scid_alias': channelType('option_static_remotekey', { option_scid_alias: true }),
  'anchors and scid_alias': channelType('option_anchors', { option_scid_alias: true }),
  'static_remotekey and zeroconf': channelType('option_static_remotekey', { option_zeroconf: true }),
  'anchors and zeroconf': channelType('option_anchors', { option_zeroconf: true }),
  'static_remotekey, scid_alias and zeroconf': channelType('option_static_remotekey', {
    option_scid_alias: true,
    option_zeroconf: true,
  }),
  'anchors, scid_alias and zeroconf': channelType('option_anchors', {
    option_scid_alias: true,
    option_zeroconf: true,
  }),
} as const;

/** The bitmap of a message's `channel_type`; empty where it has none. */
export const bitmapOf = ({ tlvs }: Typed): Uint8Array => tlvs.channel_type?.type ?? EMPTY;

/** Its feature bits. */
export const typeOf = (message: Typed): ReadonlySet<number> => featureBits(bitmapOf(message));

/** The message with another bitmap in place of its own, whatever it is. */
export const withBitmap = <M extends OpenFields | MessageFields<Bolts, 'accept_channel'>>(
  fields: M,
  type: Uint8Array,
): M => ({ ...fields, tlvs: { ...fields.tlvs, channel_type: { type } } });

/** The message without a `channel_type`. */
export function withoutType<M extends Typed>(fields: M): M {
  const others = Object.entries(fields.tlvs).filter(([name]) => name !== 'channel_type');
  return { ...fields, tlvs: Object.fromEntries(others) };
}

/** A bitmap of these bits. */
export const bitmap = (...bits: readonly number[]): Uint8Array => encodeFeatures(bits);
