import { concat, equalBytes } from '../../core/bytes.ts';
import { defaultCrypto } from '../../crypto/crypto.ts';
import type { Bolts } from '../../wire/bolts.ts';
import type { TlvStream } from '../../wire/types.ts';
import { applyStream, deriveKey } from './keys.ts';

/** `attribution_data` of `update_fail_htlc` and `update_fulfill_htlc`, as the codec has it. */
export type AttributionData = NonNullable<TlvStream<Bolts, 'update_fail_htlc_tlvs'>['attribution_data']>;

/** BOLT 4, Initialization of `attribution_data`: the most hops that it is made for. */
const MAX_ATTRIBUTED_HOPS = 20;

const HOLD_TIME_LENGTH = 4;
const HMAC_LENGTH = 4;
const HOLD_TIMES_LENGTH = MAX_ATTRIBUTED_HOPS * HOLD_TIME_LENGTH;
const HMAC_COUNT = (MAX_ATTRIBUTED_HOPS * (MAX_ATTRIBUTED_HOPS + 1)) / 2;
const LENGTH = HOLD_TIMES_LENGTH + HMAC_COUNT * HMAC_LENGTH;

/**
 * What a node adds when it returns something, the erring or final node as well as every other on the way back.
 *
 * `covered` is the return packet before this node's own byte stream, and nothing for a fulfilled HTLC; `downstream` what the node
 * received, `undefined` where it received none or is the first. `htlcHoldTime` is in units of 100 ms.
 */
export function addAttribution(
  sharedSecret: Uint8Array,
  covered: Uint8Array,
  htlcHoldTime: number,
  downstream?: AttributionData,
): AttributionData {
  const data = downstream === undefined ? new Uint8Array(LENGTH) : shiftedRight(toBytes(downstream));
  new DataView(data.buffer).setUint32(0, htlcHoldTime);
  const um = deriveKey('um', sharedSecret);
  for (let y = 0; y < MAX_ATTRIBUTED_HOPS; y++) data.set(hmacOf(um, covered, data, y), hmacAt(0, y));
  return fromBytes(applyStream(deriveKey('ammagext', sharedSecret), data));
}

/** What one hop has attested, and what its downstream peer gave it. */
export interface AttestedHop {
  /** In units of 100 ms. */
  readonly htlcHoldTime: number;
  readonly downstream: AttributionData;
}

/**
 * Takes one node's attribution off again (BOLT 4, Returning Errors, Origin node). `hopsAfter` is the number of hops that follow it on
 * the route. `undefined` where its HMAC is wrong, or it is too far from the end to have one.
 */
export function verifyAttribution(
  sharedSecret: Uint8Array,
  covered: Uint8Array,
  hopsAfter: number,
  received: AttributionData,
): AttestedHop | undefined {
  if (hopsAfter >= MAX_ATTRIBUTED_HOPS) return undefined;
  const data = applyStream(deriveKey('ammagext', sharedSecret), toBytes(received));
  const at = hmacAt(0, hopsAfter);
  const expected = hmacOf(deriveKey('um', sharedSecret), covered, data, hopsAfter);
  if (!equalBytes(expected, data.subarray(at, at + HMAC_LENGTH))) return undefined;
  const htlcHoldTime = new DataView(data.buffer).getUint32(0);
  return { htlcHoldTime, downstream: fromBytes(shiftedLeft(data)) };
}

/** `hmac_0_y`: it covers the first y + 1 hold times and the HMACs of the y nodes downstream, at their positions. */
function hmacOf(um: Uint8Array, covered: Uint8Array, data: Uint8Array, y: number): Uint8Array {
  const downstream = Array.from({ length: y }, (_, i) => {
    const at = hmacAt(i + 1, y - i - 1);
    return data.subarray(at, at + HMAC_LENGTH);
  });
  const holdTimes = data.subarray(0, (y + 1) * HOLD_TIME_LENGTH);
  const hmac = defaultCrypto.hashes.hmac(um, concat(covered, holdTimes, ...downstream));
  return hmac.subarray(0, HMAC_LENGTH);
}

/** Where `hmac_x_y` is: node x, counted from here, has 20 - x of them, that for the greatest y first. */
function hmacAt(x: number, y: number): number {
  const before = x * MAX_ATTRIBUTED_HOPS - (x * (x - 1)) / 2;
  return HOLD_TIMES_LENGTH + (before + (MAX_ATTRIBUTED_HOPS - 1 - x - y)) * HMAC_LENGTH;
}

/** Every node is one further away. The HMAC for the furthest position of each falls out; the places of node 0 are to be written. */
function shiftedRight(data: Uint8Array): Uint8Array {
  const shifted = new Uint8Array(LENGTH);
  shifted.set(data.subarray(0, HOLD_TIMES_LENGTH - HOLD_TIME_LENGTH), HOLD_TIME_LENGTH);
  for (const { nearer, further, length } of rows())
    shifted.set(data.subarray(nearer, nearer + length), further);
  return shifted;
}

/** The reverse; what fell out is zero, and no verification needs it. */
function shiftedLeft(data: Uint8Array): Uint8Array {
  const shifted = new Uint8Array(LENGTH);
  shifted.set(data.subarray(HOLD_TIME_LENGTH, HOLD_TIMES_LENGTH));
  for (const { nearer, further, length } of rows())
    shifted.set(data.subarray(further, further + length), nearer);
  return shifted;
}

/** The HMACs that a node keeps when it gets one further away: where they are before and after, and their length in bytes. */
const rows = (): { nearer: number; further: number; length: number }[] =>
  Array.from({ length: MAX_ATTRIBUTED_HOPS - 1 }, (_, x) => {
    const most = MAX_ATTRIBUTED_HOPS - 2 - x;
    return { nearer: hmacAt(x, most), further: hmacAt(x + 1, most), length: (most + 1) * HMAC_LENGTH };
  });

function toBytes({ htlc_hold_times, truncated_hmacs }: AttributionData): Uint8Array {
  const data = new Uint8Array(LENGTH);
  const view = new DataView(data.buffer);
  for (const [i, time] of htlc_hold_times.entries()) view.setUint32(i * HOLD_TIME_LENGTH, time);
  data.set(concat(...truncated_hmacs), HOLD_TIMES_LENGTH);
  return data;
}

function fromBytes(data: Uint8Array): AttributionData {
  const view = new DataView(data.buffer);
  return {
    htlc_hold_times: Array.from({ length: MAX_ATTRIBUTED_HOPS }, (_, i) =>
      view.getUint32(i * HOLD_TIME_LENGTH),
    ),
    truncated_hmacs: Array.from({ length: HMAC_COUNT }, (_, i) => {
      const at = HOLD_TIMES_LENGTH + i * HMAC_LENGTH;
      return data.slice(at, at + HMAC_LENGTH);
    }),
  };
}
