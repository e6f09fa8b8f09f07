import { sha256 } from '../../bitcoin/hash.ts';
import { concat } from '../../core/bytes.ts';
import { toBigInt } from '../../crypto/scalar.ts';
import { INDEX_BITS } from '../keys/per-commitment-secret.ts';

const LOCKTIME_TAG = 0x20;
const SEQUENCE_TAG = 0x80;
const MASK_24 = 0xff_ffffn;

/**
 * What a commitment number is obscured with (BOLT 3, Commitment Transaction): 48 bits of a hash of the `payment_basepoint`s from
 * `open_channel` and from `accept_channel`.
 */
export const obscuringFactor = (
  openerPaymentBasepoint: Uint8Array,
  accepterPaymentBasepoint: Uint8Array,
): bigint =>
  toBigInt(sha256(concat(openerPaymentBasepoint, accepterPaymentBasepoint)).subarray(-INDEX_BITS / 8));

/** The lock time and the input's sequence that carry a commitment's number. */
export function obscureCommitmentNumber(
  commitmentNumber: bigint,
  factor: bigint,
): { readonly lockTime: number; readonly sequence: number } {
  const obscured = commitmentNumber ^ factor;
  return {
    lockTime: LOCKTIME_TAG * 2 ** 24 + Number(obscured & MASK_24),
    sequence: SEQUENCE_TAG * 2 ** 24 + Number((obscured >> 24n) & MASK_24),
  };
}

/** The number of a transaction that spends a funding; `undefined` where it is no commitment transaction. */
export function readCommitmentNumber(
  tx: { readonly lockTime: number; readonly inputs: readonly { readonly sequence: number }[] },
  factor: bigint,
): bigint | undefined {
  const [input, ...more] = tx.inputs;
  if (!input || more.length > 0) return undefined;
  if (tx.lockTime >>> 24 !== LOCKTIME_TAG || input.sequence >>> 24 !== SEQUENCE_TAG) return undefined;
  return (((BigInt(input.sequence) & MASK_24) << 24n) | (BigInt(tx.lockTime) & MASK_24)) ^ factor;
}
