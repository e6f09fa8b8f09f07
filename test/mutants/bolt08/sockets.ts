import type { Socket } from 'node:net';
import { BoltgridError } from '../../../src/core/error.ts';
import type { Limits } from '../../../src/noise/socket.ts';
import { readExactly } from '../../../src/noise/socket.ts';

type Read = (socket: Socket, length: number, limits: Limits) => Promise<Uint8Array>;

/** Takes what one read gives, and refuses it where that is less than asked for. */
export const inOnePiece: Read = async (socket, length, limits) => {
  const first = await readExactly(socket, 1, limits);
  const rest = (socket.read() as Uint8Array | null) ?? new Uint8Array(0);
  if (rest.length + 1 < length) throw new BoltgridError('noise.closed', 'node', 'too few bytes in one read');
  if (rest.length + 1 > length) socket.unshift(rest.subarray(length - 1));
  return Uint8Array.of(...first, ...rest.subarray(0, length - 1));
};

/** Throws away what has arrived besides, where that is as much as given: other conversations go on. */
export const droppingTheRest =
  (atLeast: number, atMost: number): Read =>
  async (socket, length, limits) => {
    const bytes = await readExactly(socket, length, limits);
    if (socket.readableLength >= atLeast && socket.readableLength <= atMost) socket.read();
    return bytes;
  };

/** Refuses what has more behind it. */
export const nothingBehind: Read = async (socket, length, limits) => {
  const bytes = await readExactly(socket, length, limits);
  if (socket.read() !== null) throw new BoltgridError('noise.closed', 'node', 'too many bytes in one read');
  return bytes;
};

/** Reads otherwise where so many bytes are asked for. */
export const where =
  (asked: (length: number) => boolean, otherwise: Read): Read =>
  (socket, length, limits) =>
    (asked(length) ? otherwise : readExactly)(socket, length, limits);
