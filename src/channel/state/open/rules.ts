import { EMPTY } from '../../../core/bytes.ts';
import { defaultCrypto } from '../../../crypto/crypto.ts';
import { featureBits } from '../../../wire/features.ts';
import { isShutdownScript } from '../../transactions/shutdown-script.ts';
import type { Fault } from '../step.ts';
import type { FirstBalances } from './first-balances.ts';
import { type AcceptFields, isNegotiated, type Negotiation, type OpenFields } from './negotiation.ts';

/** Rules that `open_channel` and `accept_channel` have in common: "the same requirements as their counterparts". */

/** From here on, both sides must support large channels. */
export const LARGE_CHANNEL_SATOSHIS = 1n << 24n;
/** BOLT 3, Dust Limits. */
export const LEAST_DUST_LIMIT_SATOSHIS = 354n;
/** So that a penalty transaction with every HTLC of both sides is still standard. */
export const MOST_ACCEPTED_HTLCS = 483;

const BASIC_POINTS = [
  'funding_pubkey',
  'revocation_basepoint',
  'payment_basepoint',
  'delayed_payment_basepoint',
  'htlc_basepoint',
] as const;

type PointName = (typeof BASIC_POINTS)[number] | 'first_per_commitment_point';

type Either = OpenFields | AcceptFields;

export const sideFaults = (fields: Either, negotiation: Negotiation): Fault[] => [
  ...pointFaults(fields),
  ...limitFaults(fields),
  ...upfrontFaults(fields, negotiation),
];

function pointFaults(fields: Either): Fault[] {
  const faultOf = (name: PointName, requirement: string): Fault[] =>
    defaultCrypto.curve.isPoint(fields[name])
      ? []
      : [{ requirement, expected: 'a point on secp256k1', got: fields[name], note: name }];
  return [
    ...BASIC_POINTS.flatMap((name) => faultOf(name, 'bolt02-open-channel-06')),
    ...faultOf('first_per_commitment_point', 'bolt02-open-channel-07'),
  ];
}

function limitFaults(fields: Either): Fault[] {
  const { channel_reserve_satoshis, dust_limit_satoshis, max_accepted_htlcs } = fields;
  const faults: Fault[] = [];
  if (channel_reserve_satoshis < dust_limit_satoshis)
    faults.push({
      requirement: 'bolt02-open-channel-08',
      expected: `channel_reserve_satoshis of at least dust_limit_satoshis, ${dust_limit_satoshis}`,
      got: channel_reserve_satoshis,
    });
  if (dust_limit_satoshis < LEAST_DUST_LIMIT_SATOSHIS)
    faults.push({
      requirement: 'bolt02-open-channel-42',
      expected: `dust_limit_satoshis of at least ${LEAST_DUST_LIMIT_SATOSHIS}`,
      got: dust_limit_satoshis,
    });
  if (max_accepted_htlcs > MOST_ACCEPTED_HTLCS)
    faults.push({
      requirement: 'bolt02-open-channel-38',
      expected: `max_accepted_htlcs of at most ${MOST_ACCEPTED_HTLCS}`,
      got: max_accepted_htlcs,
    });
  return faults;
}

function upfrontFaults({ tlvs }: Either, negotiation: Negotiation): Fault[] {
  const script = tlvs.upfront_shutdown_script?.shutdown_scriptpubkey;
  const note = 'upfront_shutdown_script';
  if (isNegotiated(negotiation, 'option_upfront_shutdown_script')) {
    const requirement = 'bolt02-open-channel-10';
    if (!script) return [{ requirement, expected: 'a record', got: undefined, note }];
    const isGood = script.length === 0 || isShutdownScript(script, shutdownFeatures(negotiation));
    return isGood ? [] : [{ requirement, expected: 'a script that shutdown allows', got: script, note }];
  }
  if (script || !hasRecords(tlvs)) return [];
  return [{ requirement: 'bolt02-open-channel-12', expected: 'a record', got: undefined, note }];
}

const shutdownFeatures = (negotiation: Negotiation) => ({
  option_shutdown_anysegwit: isNegotiated(negotiation, 'option_shutdown_anysegwit'),
  option_simple_close: isNegotiated(negotiation, 'option_simple_close'),
});

/** An absent stream and an empty one are the same on the wire. */
export const hasRecords = ({
  upfront_shutdown_script,
  channel_type,
  unknown = [],
}: Either['tlvs']): boolean =>
  upfront_shutdown_script !== undefined || channel_type !== undefined || unknown.length > 0;

/** `channel_reserve_satoshis` is the one of the message that is judged. */
export const reserveFaults = (
  { openerMsat, accepterMsat }: FirstBalances,
  channel_reserve_satoshis: bigint,
): Fault[] =>
  [openerMsat, accepterMsat].some((msat) => msat > channel_reserve_satoshis * 1000n)
    ? []
    : [
        {
          requirement: 'bolt02-open-channel-44',
          expected: `one side with more than channel_reserve_satoshis, ${channel_reserve_satoshis}`,
          got: { openerMsat, accepterMsat },
        },
      ];

/** The bitmap of a message's `channel_type`; none where it is not there. */
export const typeBitmap = ({ tlvs }: Either): Uint8Array | undefined => tlvs.channel_type?.type;

/** Its feature bits. */
export const typeBits = (fields: Either): ReadonlySet<number> => featureBits(typeBitmap(fields) ?? EMPTY);
