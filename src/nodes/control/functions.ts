import type { OperationErrorCode } from '../operations.ts';
import { OPERATION_ERRORS } from '../operations.ts';
import { operationError } from '../operation-error.ts';
import { sha256 } from '../package.ts';

/**
 * What expressions can do beside JSONata's own functions. Amounts are whole numbers as decimal strings (a number will do) and stay exact.
 * Nothing (a field that is not there) gives nothing, so that an optional field can be mapped like any other; a value of the wrong kind
 * is `node.internal`.
 */
type Given = unknown;
type OurFunction = (...given: readonly Given[]) => unknown;

/** Unless something is missing. */
const ofAll =
  (work: OurFunction): OurFunction =>
  (...given) =>
    given.some((value) => value === undefined || value === null) ? undefined : work(...given);

export const FUNCTIONS: Readonly<
  Record<string, { readonly parameters: number; readonly call: OurFunction }>
> = {
  /** msat → sat, rounded down. */
  sat: { parameters: 1, call: ofAll((msat) => floorDivide(integer(msat), 1000n).toString()) },
  /** sat → msat */
  msat: { parameters: 1, call: ofAll((sat) => (integer(sat) * 1000n).toString()) },
  add: { parameters: 2, call: ofAll((a, b) => (integer(a) + integer(b)).toString()) },
  sub: { parameters: 2, call: ofAll((a, b) => (integer(a) - integer(b)).toString()) },
  /** base64 (either alphabet) → hex */
  hex: { parameters: 1, call: ofAll((base64) => fromBase64(base64).toString('hex')) },
  /** hex → base64 */
  base64: { parameters: 1, call: ofAll((hex) => fromHex(hex).toString('base64')) },
  /** The bytes of a hex text in reverse order. An array is reversed as JSONata's own function of this name does it. */
  reverse: {
    parameters: 1,
    call: ofAll((value) =>
      Array.isArray(value) ? value.toReversed() : fromHex(value).reverse().toString('hex'),
    ),
  },
  /** hex → text */
  utf8: { parameters: 1, call: ofAll((hex) => fromHex(hex).toString('utf8')) },
  /** text → hex */
  toHex: { parameters: 1, call: ofAll((value) => Buffer.from(text(value), 'utf8').toString('hex')) },
  /** short_channel_id as a number (BOLT 7: 3 bytes block, 3 bytes transaction, 2 bytes output) → `b x t x o` */
  scid: { parameters: 1, call: ofAll(scidText) },
  scidNumber: { parameters: 1, call: ofAll(scidNumber) },
  /** BOLT 2: the funding transaction's id with its last two bytes XORed with the output's index. */
  channelId: { parameters: 2, call: ofAll(channelId) },
  /** Numbers of feature bits → features as on the wire; none → ''. */
  featureBits: { parameters: 1, call: featureBits },
  /** sat per vbyte → sat per 1000 weight units */
  perKw: { parameters: 1, call: ofAll((rate) => Math.round(finite(rate) * 250)) },
  /** sat per 1000 weight units → sat per vbyte, at least 1 */
  perVbyte: { parameters: 1, call: ofAll((rate) => Math.max(1, Math.round(finite(rate) / 250))) },
  /** The TLV stream of an offer, invoice_request or invoice (BOLT 12: bech32 without a checksum) → hex */
  bolt12: { parameters: 1, call: ofAll(tlvStream) },
  /** Of the bytes of a hex text. */
  sha256: { parameters: 1, call: ofAll((hex) => sha256(fromHex(hex))) },
  /** Base58Check, as extended keys (BIP 32) are written. */
  base58Check: { parameters: 1, call: ofAll((hex) => base58Check(fromHex(hex))) },
  /** Ends the operation with an error of one of the known codes. */
  fail: {
    parameters: 2,
    call: (code, message) => {
      throw operationError(errorCode(code), text(message ?? 'no reason given'));
    },
  },
};

const wrong = (what: string, value: Given): Error =>
  operationError('internal', `not ${what}: ${JSON.stringify(value ?? null).slice(0, 100)}`);

function integer(value: Given): bigint {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  if (typeof value === 'string' && /^-?[0-9]{1,40}$/.test(value)) return BigInt(value);
  throw wrong('a whole number', value);
}

function finite(value: Given): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number === 'number' && Number.isFinite(number)) return number;
  throw wrong('a number', value);
}

function text(value: Given): string {
  if (typeof value === 'string') return value;
  throw wrong('a text', value);
}

function fromHex(value: Given): Buffer {
  if (typeof value === 'string' && /^([0-9a-fA-F]{2})*$/.test(value)) return Buffer.from(value, 'hex');
  throw wrong('hexadecimal', value);
}

function fromBase64(value: Given): Buffer {
  if (typeof value === 'string' && /^[A-Za-z0-9+/_-]*={0,2}$/.test(value))
    return Buffer.from(value, 'base64');
  throw wrong('base64', value);
}

function floorDivide(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b < 0n ? quotient - 1n : quotient;
}

function scidText(value: Given): string {
  const number = integer(value);
  if (number < 0n || number > 0xffff_ffff_ffff_ffffn) throw wrong('a short channel id', value);
  return [number >> 40n, (number >> 16n) & 0xff_ffffn, number & 0xffffn].join('x');
}

function scidNumber(value: Given): string {
  const parts = /^([0-9]{1,8})x([0-9]{1,8})x([0-9]{1,5})$/.exec(text(value))?.slice(1).map(BigInt);
  const [block, transaction, output] = parts ?? [];
  if (block === undefined || transaction === undefined || output === undefined) {
    throw wrong('a short channel id', value);
  }
  if (block > 0xff_ffffn || transaction > 0xff_ffffn || output > 0xffffn) {
    throw wrong('a short channel id', value);
  }
  return ((block << 40n) | (transaction << 16n) | output).toString();
}

function channelId(txid: Given, vout: Given): string {
  const id = fromHex(txid).reverse();
  const index = integer(vout);
  if (id.length !== 32) throw wrong('a transaction id', txid);
  if (index < 0n || index > 0xffffn) throw wrong('the index of a funding output', vout);
  id.writeUInt16BE(id.readUInt16BE(30) ^ Number(index), 30);
  return id.toString('hex');
}

const HIGHEST_FEATURE_BIT = 65_535;

/** JSONata gives one number for an array of one, and nothing for an empty one. */
function featureBits(given: Given): string {
  const list: readonly Given[] = Array.isArray(given)
    ? given
    : given === undefined || given === null
      ? []
      : [given];
  const bits = list.map((value) => {
    const bit = integer(value);
    if (bit < 0n || bit > HIGHEST_FEATURE_BIT) throw wrong('the number of a feature bit', value);
    return Number(bit);
  });
  if (bits.length === 0) return '';
  const bytes = Buffer.alloc(Math.floor(Math.max(...bits) / 8) + 1);
  for (const bit of bits) {
    const at = bytes.length - 1 - Math.floor(bit / 8);
    bytes[at] = (bytes[at] ?? 0) | (1 << (bit % 8));
  }
  return bytes.toString('hex');
}

const BECH32 = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';

/** BOLT 12, "Encoding": parts may be joined by `+` and whitespace; bits that fill no byte are left over. */
function tlvStream(value: Given): string {
  const letters = text(value).toLowerCase().replace(/\+\s*/g, '');
  const data = (letters.slice(letters.indexOf('1') + 1).match(/./gs) ?? []).map((letter) =>
    BECH32.indexOf(letter),
  );
  if (!letters.includes('1') || data.includes(-1)) throw wrong('a BOLT 12 text', value);
  const bits = data.map((five) => five.toString(2).padStart(5, '0')).join('');
  const bytes = bits.match(/[01]{8}/g) ?? [];
  return Buffer.from(bytes.map((byte) => Number.parseInt(byte, 2))).toString('hex');
}

function errorCode(value: Given): OperationErrorCode {
  const code = OPERATION_ERRORS.find((known) => known === value);
  if (code === undefined) throw wrong(`one of ${OPERATION_ERRORS.join(', ')}`, value);
  return code;
}

const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

function base58Check(payload: Buffer): string {
  const checksum = Buffer.from(sha256(Buffer.from(sha256(payload), 'hex')), 'hex').subarray(0, 4);
  const bytes = Buffer.concat([payload, checksum]);
  let digits = '';
  for (let rest = BigInt(`0x${bytes.toString('hex')}`); rest > 0n; rest /= 58n) {
    digits = (BASE58[Number(rest % 58n)] ?? '') + digits;
  }
  const zeros = bytes.findIndex((byte) => byte !== 0);
  return BASE58.charAt(0).repeat(zeros === -1 ? bytes.length : zeros) + digits;
}
