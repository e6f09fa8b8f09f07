import type { Socket } from 'node:net';
import type { CipherState } from '../../noise/cipher.ts';
import { encryptFrame, LENGTH_PREFIX_LENGTH, MAC_LENGTH } from '../../noise/cipher.ts';
import type { HandshakeDone } from '../../noise/handshake.ts';
import type { Limits } from '../../noise/socket.ts';
import { readExactly } from '../../noise/socket.ts';

/** One direction of a connection. Each operation moves the nonce on, and the key where BOLT 8 rotates it. */
export interface Encrypter {
  encrypt(plaintext: Uint8Array): Uint8Array;
}
export type Decrypter = Pick<CipherState, 'decrypt'>;

/** BOLT 8, "Lightning Message Specification" and "Lightning Message Key Rotation". A frame is refused by throwing. */
export interface TransportRules {
  /** `sk` and `rk` with their chaining keys; nonces from 0, rotation after 1000 uses of each key individually. */
  ciphers(done: HandshakeDone): { readonly send: Encrypter; readonly receive: Decrypter };
  /** "Encrypting and Sending Messages": encrypted length, its MAC, encrypted message, its MAC. */
  writeFrame(cipher: Encrypter, message: Uint8Array): Uint8Array;
  /** However the bytes are cut up on their way; what follows them is left for later. */
  read(socket: Socket, length: number, limits: Limits): Promise<Uint8Array>;
  /** "Read exactly 18 bytes" */
  readonly prefixLength: number;
  /** The message's length out of the prefix, its MAC checked. */
  readPrefix(cipher: Decrypter, prefix: Uint8Array): number;
  /** "Read exactly `l+16` bytes" */
  bodyLength(messageLength: number): number;
  /** The message out of the body, its MAC checked. */
  readBody(cipher: Decrypter, body: Uint8Array): Uint8Array;
  /** What is done about a prefix or body whose MAC does not match; nothing after it can be trusted. */
  badFrame(error: unknown): 'close' | 'skip';
}

export const TRANSPORT_RULES: TransportRules = {
  ciphers: ({ ciphers }) => ciphers,
  writeFrame: (cipher, message) =>
    encryptFrame({ encrypt: (plaintext, out) => into(out, cipher.encrypt(plaintext)) }, message),
  read: readExactly,
  prefixLength: LENGTH_PREFIX_LENGTH,
  readPrefix: (cipher, prefix) => {
    const [high = 0, low = 0] = cipher.decrypt(prefix);
    return (high << 8) | low;
  },
  bodyLength: (messageLength) => messageLength + MAC_LENGTH,
  readBody: (cipher, body) => cipher.decrypt(body),
  badFrame: () => 'close',
};

/** A stand-in for a cipher need not know that a frame is encrypted in place. */
function into(out: Uint8Array | undefined, sealed: Uint8Array): Uint8Array {
  out?.set(sealed);
  return sealed;
}
