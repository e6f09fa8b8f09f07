import { bolts, type Bolts } from '../src/wire/bolts.ts';
import { decodeMessage, encodeMessage } from '../src/wire/codec.ts';
import { encodeFeatures } from '../src/wire/features.ts';
import type { MessageFields, MessageName } from '../src/wire/types.ts';
import { ratesOf, type Row } from './measure.ts';

/** Differences of a few per cent are not the point here. */
const ROUNDS = 3;

const hash = new Uint8Array(32).fill(0xaa);
const point = new Uint8Array(33).fill(2);
const signature = new Uint8Array(64).fill(0x55);

/** Messages of every size that a channel sends, each as a pair of encoding and decoding. */
const TYPICAL = [
  typical('init', {
    globalfeatures: new Uint8Array(0),
    features: encodeFeatures([1, 5, 7, 13, 15, 17, 23, 25, 27, 39, 45, 47]),
    tlvs: { networks: { chains: [hash] } },
  }),
  typical('open_channel', {
    chain_hash: hash,
    temporary_channel_id: hash,
    funding_satoshis: 1_000_000n,
    push_msat: 0n,
    dust_limit_satoshis: 354n,
    max_htlc_value_in_flight_msat: 990_000_000n,
    channel_reserve_satoshis: 10_000n,
    htlc_minimum_msat: 1n,
    feerate_per_kw: 2500,
    to_self_delay: 144,
    max_accepted_htlcs: 483,
    funding_pubkey: point,
    revocation_basepoint: point,
    payment_basepoint: point,
    delayed_payment_basepoint: point,
    htlc_basepoint: point,
    first_per_commitment_point: point,
    channel_flags: 0,
    tlvs: {
      upfront_shutdown_script: { shutdown_scriptpubkey: new Uint8Array(0) },
      channel_type: { type: encodeFeatures([12, 22]) },
    },
  }),
  typical('update_add_htlc', {
    channel_id: hash,
    id: 7n,
    amount_msat: 100_000n,
    payment_hash: hash,
    cltv_expiry: 800_000,
    onion_routing_packet: new Uint8Array(1366),
    tlvs: {},
  }),
  typical('commitment_signed', {
    channel_id: hash,
    signature,
    htlc_signature: new Array<Uint8Array>(483).fill(signature),
    tlvs: {},
  }),
  typical('channel_update', {
    signature,
    chain_hash: hash,
    short_channel_id: '539268x845x1',
    timestamp: 1_700_000_000,
    message_flags: 1,
    channel_flags: 0,
    cltv_expiry_delta: 40,
    htlc_minimum_msat: 1n,
    fee_base_msat: 1000,
    fee_proportional_millionths: 10,
    htlc_maximum_msat: 990_000_000n,
  }),
  typical('peer_storage', { blob: new Uint8Array(65531) }),
];

function typical<N extends MessageName<Bolts>>(name: N, fields: MessageFields<Bolts, N>) {
  const raw = encodeMessage(bolts, name, fields);
  return {
    name,
    bytes: raw.length,
    encode: () => encodeMessage(bolts, name, fields),
    decode: () => decodeMessage(bolts, raw),
  };
}

/** Messages and megabytes per second of CPU time. */
export function benchCodec(): readonly Row[] {
  const works = TYPICAL.flatMap(({ name, bytes, encode, decode }) => [
    { name: `encode ${name}`, bytes, work: encode },
    { name: `decode ${name}`, bytes, work: decode },
  ]);
  const rates = ratesOf(
    works.map(({ work }) => work),
    ROUNDS,
  );
  return works.flatMap(({ name, bytes }, i) => {
    const rate = rates[i] ?? 0;
    return [
      { name, value: rate, unit: 'messages/s', note: `${bytes} bytes` },
      { name, value: (rate * bytes) / 1e6, unit: 'MB/s' },
    ];
  });
}
