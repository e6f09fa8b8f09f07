import { basepointsOf, channelSecrets } from '../src/channel/keys/channel-secrets.ts';
import { commitmentKeys } from '../src/channel/keys/commitment-keys.ts';
import { perCommitmentPoint, perCommitmentSecret } from '../src/channel/keys/per-commitment-secret.ts';
import { buildCommitment, type Commitment } from '../src/channel/transactions/commitment.ts';
import { signCommitment, signHtlcs, unsignedHtlcs } from '../src/channel/transactions/signatures.ts';
import type { CommitmentParameters, CommitmentSpecification } from '../src/channel/transactions/types.ts';
import { curves, defaultCrypto } from '../src/crypto/crypto.ts';
import { ratesOf, type Row } from './measure.ts';

/** `max_accepted_htlcs` of one side at its largest. */
const HTLCS = 483;
const SIGNATURES = HTLCS + 1;
const owner = channelSecrets(new Uint8Array(32).fill(1), 'owner');
const other = channelSecrets(new Uint8Array(32).fill(2), 'other');

const parameters: CommitmentParameters = {
  format: 'option_anchors',
  feePayer: 'owner',
  dust_limit_satoshis: 354n,
  funding: {
    txid: '11'.repeat(32),
    output_index: 0,
    funding_satoshis: 100_000_000n,
    funding_pubkeys: [publicKey(owner.funding), publicKey(other.funding)],
  },
  owner_funding_pubkey: publicKey(owner.funding),
  keys: commitmentKeys(
    basepointsOf(owner),
    basepointsOf(other),
    perCommitmentPoint(perCommitmentSecret(owner.shachainSeed, 0n)),
  ),
  commitmentNumber: 0n,
  obscuringFactor: 0n,
  to_self_delay: 144,
};

const specification: CommitmentSpecification = {
  feerate_per_kw: 1000,
  ownerBalanceMsat: 40_000_000_000n,
  otherBalanceMsat: 11_700_000_000n,
  htlcs: Array.from({ length: HTLCS }, (_, i) => ({
    offeredBy: i % 2 === 0 ? 'owner' : 'other',
    id: BigInt(i),
    amount_msat: 100_000_000n,
    payment_hash: new Uint8Array(32).fill(i % 251),
    cltv_expiry: 500 + i,
  })),
};

function publicKey(privateKey: Uint8Array): Uint8Array {
  return defaultCrypto.curve.publicKey(privateKey);
}

/** The largest commitment that one `commitment_signed` can be about, and the signatures in it. */
export function benchChannel(): readonly Row[] {
  return [...commitmentRows(), ...signatureRows()];
}

function commitmentRows(): Row[] {
  const commitment = buildCommitment(parameters, specification);
  const htlcKey = other.htlc;
  const signatures = signHtlcs(commitment, htlcKey);
  const works: Readonly<Record<string, () => unknown>> = {
    built: () => buildCommitment(parameters, specification),
    'built and signed': () => signed(buildCommitment(parameters, specification)),
    'HTLC signatures verified': () => unsignedHtlcs(commitment, signatures),
  };
  const rates = ratesOf(Object.values(works), 3);
  return Object.keys(works).map((name, i) => ({
    name: `commitment with ${HTLCS} HTLCs, ${name}`,
    value: 1000 / (rates[i] ?? Number.NaN),
    unit: 'ms',
    note: defaultCrypto.curve.name,
  }));
}

const signed = (commitment: Commitment): readonly Uint8Array[] => [
  signCommitment(commitment, other.funding),
  ...signHtlcs(commitment, other.htlc),
];

/** What of it each backend takes. */
function signatureRows(): Row[] {
  const hash = new Uint8Array(32).fill(9);
  const rates = ratesOf(curves.map((curve) => () => curve.sign(hash, owner.htlc)));
  const rows = curves.map(({ name }, i): Row => ({
    name: `${SIGNATURES} signatures, ${name}`,
    value: (1000 * SIGNATURES) / (rates[i] ?? Number.NaN),
    unit: 'ms',
  }));
  const [fastest = Number.NaN] = rates;
  const slowest = rates.at(-1) ?? Number.NaN;
  return [...rows, { name: 'signatures: default / JavaScript only', value: fastest / slowest, unit: '×' }];
}
