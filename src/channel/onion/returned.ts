import { concat, EMPTY, equalBytes } from '../../core/bytes.ts';
import { BoltgridError } from '../../core/error.ts';
import { defaultCrypto } from '../../crypto/crypto.ts';
import { addAttribution, verifyAttribution, type AttributionData } from './attribution.ts';
import { decodeFailure, type DecodedFailure } from './failure.ts';
import { applyStream, deriveKey, HMAC_LENGTH } from './keys.ts';

/** BOLT 4, Erring node: `failure_len` plus `pad_len` is at least this, and should be exactly this. */
const FAILURE_LENGTH = 256;

/** What `update_fail_htlc` carries back. */
export interface ReturnedFailure {
  readonly reason: Uint8Array;
  /** Left out where a node does without `option_attribution_data`. */
  readonly attribution_data?: AttributionData;
}

export interface ReturnOptions {
  /** In units of 100 ms; where it is given, attribution data is added, and otherwise none is passed on. */
  readonly htlcHoldTime?: number;
}

export interface FailOptions extends ReturnOptions {
  /** What `failure_len` plus `pad_len` is at least: 256 unless given. */
  readonly paddedLength?: number;
}

/**
 * The failure that an erring node returns. `sharedSecret` is that of the onion which it received. Throws `channel.failure-length`
 * (harness) where `failuremsg` does not fit its length field.
 */
export function createFailure(
  sharedSecret: Uint8Array,
  failuremsg: Uint8Array,
  { htlcHoldTime, paddedLength = FAILURE_LENGTH }: FailOptions = {},
): ReturnedFailure {
  const padLength = Math.max(0, paddedLength - failuremsg.length);
  if (failuremsg.length > 0xffff || padLength > 0xffff) {
    const message = `a failure of ${failuremsg.length} bytes with ${padLength} of padding`;
    throw new BoltgridError('channel.failure-length', 'harness', message);
  }
  const body = concat(u16(failuremsg.length), failuremsg, u16(padLength), new Uint8Array(padLength));
  const hmac = defaultCrypto.hashes.hmac(deriveKey('um', sharedSecret), body);
  return wrapFailure(
    sharedSecret,
    { reason: concat(hmac, body) },
    { ...(htlcHoldTime !== undefined && { htlcHoldTime }) },
  );
}

/** What any node on the way back makes of the failure that it received. */
export function wrapFailure(
  sharedSecret: Uint8Array,
  { reason, attribution_data }: ReturnedFailure,
  { htlcHoldTime }: ReturnOptions = {},
): ReturnedFailure {
  const wrapped = { reason: applyStream(deriveKey('ammag', sharedSecret), reason) };
  if (htlcHoldTime === undefined) return wrapped;
  return {
    ...wrapped,
    attribution_data: addAttribution(sharedSecret, reason, htlcHoldTime, attribution_data),
  };
}

/** What attribution data tells the origin. */
export interface Attested {
  /** Of the hops whose attestation holds, from the first on, in units of 100 ms. */
  readonly htlcHoldTimes: readonly number[];
  /** The first hop whose HMAC is wrong: it or the one before it changed something. */
  readonly blamedHop?: number;
}

export interface ReadFailure extends Attested {
  /** Index of the erring node among the hops; `undefined` where no HMAC is right. */
  readonly hop: number | undefined;
  /** `undefined` where the lengths within the return packet do not fit it. */
  readonly failuremsg?: Uint8Array;
  /** `undefined` where `failuremsg` is too short for its code. */
  readonly failure?: DecodedFailure;
}

/** The origin's reading: `sharedSecrets` are those of `makeOnion`, one per hop. */
export function readFailure(
  sharedSecrets: readonly Uint8Array[],
  { reason, attribution_data }: ReturnedFailure,
): ReadFailure {
  let packet = reason;
  let attested: Attested = { htlcHoldTimes: [] };
  let attribution = attribution_data;
  for (const [hop, sharedSecret] of sharedSecrets.entries()) {
    packet = applyStream(deriveKey('ammag', sharedSecret), packet);
    if (attribution !== undefined) {
      const step = verifyAttribution(sharedSecret, packet, sharedSecrets.length - 1 - hop, attribution);
      attested = withStep(attested, hop, step?.htlcHoldTime);
      attribution = step?.downstream;
    }
    const body = packet.subarray(HMAC_LENGTH);
    const hmac = defaultCrypto.hashes.hmac(deriveKey('um', sharedSecret), body);
    if (equalBytes(hmac, packet.subarray(0, HMAC_LENGTH))) return { hop, ...attested, ...messageIn(body) };
  }
  return { hop: undefined, ...attested };
}

/** What `update_fulfill_htlc` carries back: made by the final node, and by every other with what it received. */
export const attributeFulfill = (
  sharedSecret: Uint8Array,
  htlcHoldTime: number,
  downstream?: AttributionData,
): AttributionData => addAttribution(sharedSecret, EMPTY, htlcHoldTime, downstream);

/** BOLT 4, Hold times for successful payments. */
export function readFulfill(sharedSecrets: readonly Uint8Array[], received: AttributionData): Attested {
  let attested: Attested = { htlcHoldTimes: [] };
  let attribution = received;
  for (const [hop, sharedSecret] of sharedSecrets.entries()) {
    const step = verifyAttribution(sharedSecret, EMPTY, sharedSecrets.length - 1 - hop, attribution);
    attested = withStep(attested, hop, step?.htlcHoldTime);
    if (step === undefined) return attested;
    attribution = step.downstream;
  }
  return attested;
}

const withStep = (attested: Attested, hop: number, htlcHoldTime: number | undefined): Attested =>
  htlcHoldTime === undefined
    ? { ...attested, blamedHop: hop }
    : { htlcHoldTimes: [...attested.htlcHoldTimes, htlcHoldTime] };

function messageIn(body: Uint8Array): Pick<ReadFailure, 'failuremsg' | 'failure'> {
  const length = readU16(body, 0);
  const padLength = length === undefined ? undefined : readU16(body, 2 + length);
  if (length === undefined || padLength === undefined || 4 + length + padLength > body.length) return {};
  const failuremsg = body.slice(2, 2 + length);
  const failure = decodeFailure(failuremsg);
  return { failuremsg, ...(failure !== undefined && { failure }) };
}

const u16 = (value: number): Uint8Array => Uint8Array.of(value >> 8, value & 0xff);

const readU16 = (bytes: Uint8Array, at: number): number | undefined => {
  const [high, low] = bytes.subarray(at, at + 2);
  return high === undefined || low === undefined ? undefined : (high << 8) | low;
};
