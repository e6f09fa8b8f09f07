import { hasUnknownFeature, unblindHop, type EncryptedData, type UnblindedHop } from './blinded-path.ts';
import type { Failure } from './failure.ts';
import {
  decodePayload,
  invalidPayload,
  recordType,
  typesIn,
  type InvalidPayload,
  type PayloadBytes,
  type PayloadRecord,
  type PaymentPayload,
} from './payload.ts';

/** What the HTLC that carried the onion says. */
export interface IncomingHtlc {
  readonly amount_msat: bigint;
  readonly cltv_expiry: number;
  /** `path_key` of its TLV stream. */
  readonly path_key?: Uint8Array;
}

interface ToForward {
  readonly amt_to_forward: bigint;
  readonly outgoing_cltv_value: number;
}

/** What a payload of a payment tells its reader. */
export type Instructions =
  | (ToForward & {
      readonly kind: 'forward';
      readonly short_channel_id: string;
      readonly records: PaymentPayload;
    })
  | (ToForward & {
      readonly kind: 'final';
      readonly payment_secret?: Uint8Array;
      readonly payment_metadata?: Uint8Array;
      /** `amt_to_forward` where it is not present. */
      readonly total_msat: bigint;
      readonly records: PaymentPayload;
    })
  | (ToForward & {
      readonly kind: 'blinded_forward';
      /** `short_channel_id` or `next_node_id` of it says where to. */
      readonly data: EncryptedData;
      /** `path_key` of the outgoing HTLC. */
      readonly nextPathKey: Uint8Array;
      readonly records: PaymentPayload;
    })
  | (ToForward & {
      readonly kind: 'blinded_final';
      readonly data: EncryptedData;
      readonly total_msat: bigint;
      readonly records: PaymentPayload;
    })
  | { readonly kind: 'failed'; readonly failure: InvalidPayload }
  /** Within a blinded path: `invalid_onion_blinding` is what goes back; `rule` is for us. */
  | { readonly kind: 'blinded_failed'; readonly rule: string };

export interface ReadPayloadOptions extends PayloadBytes {
  /** Whether the onion ends here. */
  readonly isFinal: boolean;
  readonly privateKey: Uint8Array;
  readonly htlc: IncomingHtlc;
}

/**
 * BOLT 4, `payload` format, The reader: what can be told from the payload and the HTLC. Fees, expiries and amounts that a
 * node asks for are not looked at, save those that a blinded path states.
 */
export function readPayload(options: ReadPayloadOptions): Instructions {
  const decoded = decodePayload(options);
  const pathKey = options.htlc.path_key;
  if (decoded.kind === 'failed') {
    return pathKey === undefined ? decoded : blindedFailure('the payload is a TLV stream');
  }
  const { records } = decoded;
  if (records.encrypted_recipient_data !== undefined) return readBlinded(options, records);
  if (pathKey !== undefined) return blindedFailure('encrypted_recipient_data is present with a path_key');
  if (records.current_path_key !== undefined) {
    return options.isFinal
      ? { kind: 'failed', failure: invalidPayload(options, recordType('current_path_key')) }
      : blindedFailure('current_path_key comes with encrypted_recipient_data');
  }
  return options.isFinal ? readFinal(options, records) : readForward(options, records);
}

function readForward(bytes: PayloadBytes, records: PaymentPayload): Instructions {
  const { amt_to_forward, outgoing_cltv_value, short_channel_id } = records;
  if (amt_to_forward === undefined) return missing(bytes, 'amt_to_forward');
  if (outgoing_cltv_value === undefined) return missing(bytes, 'outgoing_cltv_value');
  if (short_channel_id === undefined) return missing(bytes, 'short_channel_id');
  return { kind: 'forward', ...amt_to_forward, ...outgoing_cltv_value, ...short_channel_id, records };
}

function readFinal(bytes: PayloadBytes, records: PaymentPayload): Instructions {
  const { amt_to_forward, outgoing_cltv_value, payment_data, payment_metadata } = records;
  if (amt_to_forward === undefined) return missing(bytes, 'amt_to_forward');
  if (outgoing_cltv_value === undefined) return missing(bytes, 'outgoing_cltv_value');
  return {
    kind: 'final',
    ...amt_to_forward,
    ...outgoing_cltv_value,
    ...(payment_data !== undefined && { payment_secret: payment_data.payment_secret }),
    ...payment_metadata,
    total_msat: payment_data?.total_msat ?? amt_to_forward.amt_to_forward,
    records,
  };
}

const missing = (bytes: PayloadBytes, name: PayloadRecord): Instructions => ({
  kind: 'failed',
  failure: invalidPayload(bytes, recordType(name)),
});

function readBlinded(options: ReadPayloadOptions, records: PaymentPayload): Instructions {
  const { htlc, isFinal, privateKey } = options;
  const current = records.current_path_key?.path_key;
  // Only a final node that is also the first of its blinded path returns an ordinary failure (BOLT 4, Failure Messages).
  const failed = (rule: string, type: bigint): Instructions =>
    isFinal && htlc.path_key === undefined
      ? { kind: 'failed', failure: invalidPayload(options, type) }
      : blindedFailure(rule);
  const lacking = (name: PayloadRecord): Instructions => failed(`${name} is present`, recordType(name));
  if (htlc.path_key !== undefined && current !== undefined) {
    return blindedFailure('there is no current_path_key beside a path_key');
  }
  const pathKey = htlc.path_key ?? current;
  if (pathKey === undefined) return missing(options, 'current_path_key');
  const encrypted = records.encrypted_recipient_data?.encrypted_recipient_data ?? new Uint8Array(0);
  const hop = unblindHop(privateKey, pathKey, encrypted);
  const type = recordType('encrypted_recipient_data');
  if (hop === undefined) return failed('encrypted_recipient_data decrypts', type);
  const broken = brokenConstraint(hop.data, htlc);
  if (broken !== undefined) return failed(broken, type);
  const allowed = (isFinal ? BLINDED_FINAL : BLINDED_FORWARD).map(recordType);
  const stray = typesIn(records).find((type) => !allowed.includes(type));
  if (stray !== undefined) return failed(`there is no record of type ${stray}`, stray);
  if (!isFinal) return readBlindedForward(hop, htlc, records);
  const { amt_to_forward, outgoing_cltv_value, total_amount_msat } = records;
  if (amt_to_forward === undefined) return lacking('amt_to_forward');
  if (outgoing_cltv_value === undefined) return lacking('outgoing_cltv_value');
  if (total_amount_msat === undefined) return lacking('total_amount_msat');
  const told = { ...amt_to_forward, ...outgoing_cltv_value, ...total_amount_msat };
  return { kind: 'blinded_final', ...told, data: hop.data, records };
}

function readBlindedForward(
  { data, nextPathKey }: UnblindedHop,
  { amount_msat, cltv_expiry }: IncomingHtlc,
  records: PaymentPayload,
): Instructions {
  const { payment_relay } = data;
  if (data.short_channel_id === undefined && data.next_node_id === undefined) {
    return blindedFailure('short_channel_id or next_node_id is present');
  }
  if (payment_relay === undefined) return blindedFailure('payment_relay is present');
  const { fee_base_msat, fee_proportional_millionths, cltv_expiry_delta } = payment_relay;
  return {
    kind: 'blinded_forward',
    amt_to_forward: afterFees(amount_msat, BigInt(fee_base_msat), BigInt(fee_proportional_millionths)),
    outgoing_cltv_value: cltv_expiry - cltv_expiry_delta,
    data,
    nextPathKey,
    records,
  };
}

const MILLION = 1_000_000n;

/** BOLT 4, `payload` format: rounded up. Below zero where the amount does not pay the base fee. */
const afterFees = (amountMsat: bigint, feeBaseMsat: bigint, feeMillionths: bigint): bigint =>
  ((amountMsat - feeBaseMsat) * MILLION + MILLION + feeMillionths - 1n) / (MILLION + feeMillionths);

/** The rule of `encrypted_data_tlv` that an HTLC or the data itself breaks. */
function brokenConstraint(data: EncryptedData, htlc: IncomingHtlc): string | undefined {
  const { payment_constraints, short_channel_id, next_node_id } = data;
  if (payment_constraints !== undefined) {
    if (htlc.cltv_expiry > payment_constraints.max_cltv_expiry)
      return 'the expiry is at most max_cltv_expiry';
    if (htlc.amount_msat < payment_constraints.htlc_minimum_msat)
      return 'the amount is at least htlc_minimum_msat';
  }
  if (hasUnknownFeature(data)) return 'allowed_features are known';
  if (short_channel_id !== undefined && next_node_id !== undefined) {
    return 'short_channel_id and next_node_id are not both present';
  }
  return undefined;
}

const BLINDED_FORWARD: readonly PayloadRecord[] = ['encrypted_recipient_data', 'current_path_key'];
const BLINDED_FINAL: readonly PayloadRecord[] = [
  ...BLINDED_FORWARD,
  'amt_to_forward',
  'outgoing_cltv_value',
  'total_amount_msat',
];

const blindedFailure = (rule: string): Instructions => ({ kind: 'blinded_failed', rule });

/** What goes to the peer for a `blinded_failed`; `sha256_of_onion` of the packet that was received, or zeros. */
export const invalidOnionBlinding = (sha256_of_onion: Uint8Array): Failure<'invalid_onion_blinding'> => ({
  name: 'invalid_onion_blinding',
  fields: { sha256_of_onion },
});
