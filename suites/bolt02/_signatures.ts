import { concat, fromHex } from 'boltgrid';

/** Of secp256k1's group (SEC 2, 2.4.1). */
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

const halves = (signature: Uint8Array): readonly [Uint8Array, Uint8Array] => [
  signature.subarray(0, 32),
  signature.subarray(32),
];

const withBit = (bytes: Uint8Array, at: number): Uint8Array =>
  bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));

/** As good for the curve, but not for the LOW-S rule of Bitcoin's standard scripts. */
export function withHighS(signature: Uint8Array): Uint8Array {
  const [r, s] = halves(signature);
  const low = BigInt(`0x${Buffer.from(s).toString('hex')}`);
  return concat(r, fromHex((ORDER - low).toString(16).padStart(64, '0')));
}

type Spoil = (signature: Uint8Array) => Uint8Array;

/** What a good signature, 64 bytes, is spoiled to, so that it is none. */
export const INVALID_SIGNATURES: Readonly<Record<string, Spoil>> = {
  zeros: () => new Uint8Array(64),
  'largest numbers': () => new Uint8Array(64).fill(0xff),
  'a bit of R': (signature) => withBit(signature, 31),
  'a bit of S': (signature) => withBit(signature, 63),
  'R and S exchanged': (signature) => concat(...[...halves(signature)].reverse()),
};

/** Those, and one that Bitcoin's standard scripts alone refuse. */
export const WRONG_SIGNATURES: Readonly<Record<string, Spoil>> = {
  ...INVALID_SIGNATURES,
  'high S': withHighS,
};
