/**
 * Wrong acts made from right ones, for the suites that judge how a node refuses them. A static key in act three that is off
 * the curve or not ours cannot be made afterwards, as it is encrypted: see `InitiatorActTwoRead.writeAct3`.
 */

/** Another handshake version in an otherwise right act. */
export const withVersion = (act: Uint8Array, version: number): Uint8Array => changed(act, 0, version);

/** Acts one and two: an ephemeral key that is no point, by a prefix that SEC 1 does not know for 33 bytes (as in BOLT 8's vectors). */
export const withBadKey = (act: Uint8Array): Uint8Array => changed(act, 1, 0x04);

/** One bit of the last byte: the final MAC of any act, or the MAC of a frame's message. */
export const withBadTag = (bytes: Uint8Array): Uint8Array => withFlippedBit(bytes, bytes.length - 1);

/** One bit of the byte at `index`. */
export const withFlippedBit = (bytes: Uint8Array, index: number): Uint8Array =>
  changed(bytes, index, (bytes[index] ?? 0) ^ 1);

function changed(bytes: Uint8Array, index: number, value: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[index] = value;
  return copy;
}
