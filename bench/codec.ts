import { pathToFileURL } from 'node:url';
import { bolts, type Bolts } from '../src/wire/bolts.ts';
import { decodeMessage, encodeMessage } from '../src/wire/codec.ts';
import { encodeFeatures } from '../src/wire/features.ts';
import type { MessageFields, MessageName } from '../src/wire/types.ts';
import type { Row } from './engine.ts';

const ROUND_MS = 150;
const ROUNDS = 4;

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

/** Messages and megabytes per second of CPU time; other programs' time is not counted. */
export function benchCodec(): Row[] {
  return TYPICAL.flatMap(({ name, bytes, encode, decode }) =>
    [encode, decode].flatMap((work, i) => {
      const title = `${i === 0 ? 'encode' : 'decode'} ${name}`;
      const perSecond = rateOf(work);
      return [
        { name: title, value: Math.round(perSecond), unit: 'messages/s', note: `${bytes} bytes` },
        { name: title, value: Math.round((perSecond * bytes) / 1e4) / 100, unit: 'MB/s' },
      ];
    }),
  );
}

/** The best of some rounds, after one to warm up. */
function rateOf(work: () => unknown): number {
  return Math.max(...Array.from({ length: ROUNDS + 1 }, () => round(work)).slice(1));
}

function round(work: () => unknown): number {
  const before = process.cpuUsage();
  const endsAt = performance.now() + ROUND_MS;
  let runs = 0;
  do {
    for (let i = 0; i < 20; i++) work();
    runs += 20;
  } while (performance.now() < endsAt);
  const { user, system } = process.cpuUsage(before);
  return (runs * 1e6) / (user + system);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  console.table(benchCodec());
}
