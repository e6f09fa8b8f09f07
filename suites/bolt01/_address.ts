export interface Address {
  readonly isPrivate: boolean;
}

const IPV4 = 1;
const IPV6 = 2;
const TOR_V3 = 4;
const DNS = 5;
const PORT_BYTES = 2;
const TOR_V3_BYTES = 35;

/** An address descriptor of BOLT 7, "The `node_announcement` Message", one byte of type and its data; `undefined` when it is none. */
export function describeAddress([type, ...data]: Uint8Array): Address | undefined {
  const isFor = (bytes: number): boolean => data.length === bytes + PORT_BYTES;
  switch (type) {
    case IPV4:
      return isFor(4) ? { isPrivate: isPrivateV4(data) } : undefined;
    case IPV6:
      return isFor(16) ? { isPrivate: isPrivateV6(data) } : undefined;
    case TOR_V3:
      return isFor(TOR_V3_BYTES) ? { isPrivate: false } : undefined;
    case DNS:
      return isFor(1 + (data[0] ?? 0)) ? { isPrivate: false } : undefined;
    default:
      return undefined;
  }
}

/** RFC 1918, loopback and link-local. */
function isPrivateV4([a = 0, b = 0]: readonly number[]): boolean {
  return (
    a === 10 ||
    a === 127 ||
    (a === 172 && b >= 16 && b < 32) ||
    (a === 192 && b === 168) ||
    (a === 169 && b === 254)
  );
}

/** Unique local, link-local, loopback, and IPv4 in disguise. */
function isPrivateV6(bytes: readonly number[]): boolean {
  const [a = 0, b = 0] = bytes;
  if ((a & 0xfe) === 0xfc || (a === 0xfe && (b & 0xc0) === 0x80)) return true;
  if (bytes.slice(0, 10).some((byte) => byte !== 0)) return false;
  const mapped = bytes[10] === 0xff && bytes[11] === 0xff;
  return mapped
    ? isPrivateV4(bytes.slice(12))
    : bytes.slice(10, 15).every((byte) => byte === 0) && (bytes[15] ?? 0) <= 1;
}
