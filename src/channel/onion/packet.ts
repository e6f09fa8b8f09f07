import { concat } from '../../core/bytes.ts';
import { BoltgridError } from '../../core/error.ts';
import { HMAC_LENGTH } from './keys.ts';

/** `hop_payloads` of a payment's onion. */
export const PAYMENT_PAYLOADS_LENGTH = 1300;

const POINT_LENGTH = 33;

/** `version`, `public_key` and `hmac`. */
export const PACKET_OVERHEAD = 1 + POINT_LENGTH + HMAC_LENGTH;

/** BOLT 4, Packet Structure: `onion_packet` and `onion_message_packet`. */
export interface OnionPacket {
  readonly version: number;
  readonly public_key: Uint8Array;
  readonly hop_payloads: Uint8Array;
  readonly hmac: Uint8Array;
}

export const encodePacket = ({ version, public_key, hop_payloads, hmac }: OnionPacket): Uint8Array =>
  concat(Uint8Array.of(version), public_key, hop_payloads, hmac);

/** `hop_payloads` is all that lies between the rest. Throws `channel.onion-length` (node) below 66 bytes. */
export function decodePacket(packet: Uint8Array): OnionPacket {
  if (packet.length < PACKET_OVERHEAD) {
    throw new BoltgridError('channel.onion-length', 'node', `an onion packet of ${packet.length} bytes`, {
      details: { length: packet.length, least: PACKET_OVERHEAD },
    });
  }
  const hmacAt = packet.length - HMAC_LENGTH;
  return {
    version: packet[0] ?? 0,
    public_key: Uint8Array.from(packet.subarray(1, 1 + POINT_LENGTH)),
    hop_payloads: Uint8Array.from(packet.subarray(1 + POINT_LENGTH, hmacAt)),
    hmac: Uint8Array.from(packet.subarray(hmacAt)),
  };
}
