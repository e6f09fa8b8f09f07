import { BlockList, isIPv4, isIPv6 } from 'node:net';
import type { PeerAddress } from './situation.ts';

/** Addresses that are not reachable from the Internet (IANA's special-purpose registries, as far as they are unicast). */
const NOT_PUBLIC = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const) {
  NOT_PUBLIC.addSubnet(network, prefix, 'ipv4');
}

/** Of IPv6 only this is assigned for public use. */
const PUBLIC_V6 = new BlockList();
PUBLIC_V6.addSubnet('2000::', 3, 'ipv6');
const DOCUMENTATION_V6 = new BlockList();
DOCUMENTATION_V6.addSubnet('2001:db8::', 32, 'ipv6');

/** The address descriptor (BOLT 7, node_announcement) of a public IP address; `undefined` for any other address. */
export function publicAddressDescriptor({ host, port }: PeerAddress): Uint8Array | undefined {
  const address = host.replace(/^::ffff:(?=\d+\.)/i, '');
  const portBytes = [port >> 8, port & 0xff];
  if (isIPv4(address)) {
    return NOT_PUBLIC.check(address)
      ? undefined
      : Uint8Array.of(1, ...address.split('.').map(Number), ...portBytes);
  }
  if (!isIPv6(address) || !PUBLIC_V6.check(address, 'ipv6') || DOCUMENTATION_V6.check(address, 'ipv6'))
    return undefined;
  return Uint8Array.of(2, ...ipv6Bytes(address), ...portBytes);
}

function ipv6Bytes(address: string): number[] {
  const [head = '', tail] = address.split('::');
  const groups = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => parseInt(group, 16));
  const before = groups(head);
  const after = tail === undefined ? [] : groups(tail);
  const zeros = new Array<number>(8 - before.length - after.length).fill(0);
  return [...before, ...zeros, ...after].flatMap((group) => [group >> 8, group & 0xff]);
}
