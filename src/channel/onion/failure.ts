import { concat } from '../../core/bytes.ts';
import { isBoltgridError } from '../../core/error.ts';
import { bolt04Failures } from '../../wire/bolt04-failures.ts';
import { decodeMessage, encodeMessage } from '../../wire/codec.ts';
import type { DecodedMessage, MessageFields, MessageName } from '../../wire/types.ts';

type Failures = typeof bolt04Failures;

export type FailureName = MessageName<Failures>;

/** A failure by the name and fields of BOLT 4, Failure Messages. */
export type Failure<N extends FailureName = FailureName> = {
  readonly [K in N]: { readonly name: K; readonly fields: MessageFields<Failures, K> };
}[N];

/** Narrow it by `name`; of a code that BOLT 4 does not list, `name` is undefined. */
export type DecodedFailure = DecodedMessage<Failures>;

/** Failures of an onion that could not be read: the BADONION flag is set. */
export type BadOnionFailure = Failure<
  'invalid_onion_version' | 'invalid_onion_hmac' | 'invalid_onion_key' | 'invalid_onion_blinding'
>;

/** Flags in the top byte of a `failure_code`. */
export const FAILURE_FLAGS = { BADONION: 0x8000, PERM: 0x4000, NODE: 0x2000, UPDATE: 0x1000 } as const;

export const failureCode = (name: FailureName): number => bolt04Failures.messages[name].type;

/** `undefined` for a code that BOLT 4 does not list. */
export const failureName = (code: number): FailureName | undefined =>
  (Object.keys(bolt04Failures.messages) as FailureName[]).find((name) => failureCode(name) === code);

/** `failuremsg`: the code and its data. */
export const encodeFailure = <N extends FailureName>(
  name: N,
  fields: MessageFields<Failures, N>,
): Uint8Array => encodeMessage(bolt04Failures, name, fields);

/**
 * A `failuremsg`, and `undefined` where it is none (too short for its code). Its extension is given where it is a TLV stream; other
 * bytes after the data are ignored, as the origin node must.
 */
export function decodeFailure(failuremsg: Uint8Array): DecodedFailure | undefined {
  return tryDecode(failuremsg) ?? tryDecode(failuremsg.subarray(0, dataEnd(failuremsg)));
}

function tryDecode(failuremsg: Uint8Array): DecodedFailure | undefined {
  try {
    return decodeMessage(bolt04Failures, failuremsg);
  } catch (error) {
    if (isBoltgridError(error)) return undefined;
    throw error;
  }
}

/** Where the data ends: the least length at which nothing is missing from it, found by halving. */
function dataEnd(failuremsg: Uint8Array): number {
  let [missing, enough] = [0, failuremsg.length];
  while (enough - missing > 1) {
    const middle = (missing + enough) >> 1;
    if (lacksData(failuremsg.subarray(0, middle))) missing = middle;
    else enough = middle;
  }
  return enough;
}

function lacksData(failuremsg: Uint8Array): boolean {
  try {
    decodeMessage(bolt04Failures, failuremsg);
    return false;
  } catch (error) {
    if (!isBoltgridError(error)) throw error;
    const { path } = error.details as { readonly path: string };
    return path.split('.')[1] !== 'tlvs';
  }
}

/** The fields of `update_fail_malformed_htlc` that tell the peer why its onion could not be read. */
export const malformedHtlc = ({
  name,
  fields,
}: BadOnionFailure): { readonly sha256_of_onion: Uint8Array; readonly failure_code: number } => ({
  sha256_of_onion: fields.sha256_of_onion,
  failure_code: failureCode(name),
});

/**
 * The `failuremsg` that a node makes of its peer's `update_fail_malformed_htlc` (BOLT 2, Removing an HTLC), which goes back as a
 * failure of its own.
 */
export function failureOfMalformed(malformed: {
  readonly sha256_of_onion: Uint8Array;
  readonly failure_code: number;
}): Uint8Array {
  const { failure_code, sha256_of_onion } = malformed;
  return concat(Uint8Array.of(failure_code >> 8, failure_code & 0xff), sha256_of_onion);
}
