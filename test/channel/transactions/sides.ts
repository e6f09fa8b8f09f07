import { p2wpkh } from '../../../src/bitcoin/output.ts';
import type { Transaction, TransactionOutput } from '../../../src/bitcoin/transaction.ts';
import { defaultCrypto } from '../../../src/crypto/crypto.ts';
import { basepointsOf, channelSecrets } from '../../../src/channel/keys/channel-secrets.ts';
import { commitmentKeys } from '../../../src/channel/keys/commitment-keys.ts';
import { derivePrivateKey, revocationPrivateKey } from '../../../src/channel/keys/derivation.ts';
import { perCommitmentPoint, perCommitmentSecret } from '../../../src/channel/keys/per-commitment-secret.ts';
import { obscuringFactor } from '../../../src/channel/transactions/obscured-number.ts';
import { paymentHash } from '../../../src/channel/transactions/scripts.ts';
import type {
  CommitmentFormat,
  CommitmentParameters,
  CommitmentSide,
  Htlc,
} from '../../../src/channel/transactions/types.ts';

export const FORMATS: readonly CommitmentFormat[] = ['option_static_remotekey', 'option_anchors'];

const seed = new Uint8Array(32).fill(1);
const owner = channelSecrets(seed, 'owner');
const other = channelSecrets(seed, 'other');
const ownerBasepoints = basepointsOf(owner);
const otherBasepoints = basepointsOf(other);

const COMMITMENT_NUMBER = 7n;
const commitmentSecret = perCommitmentSecret(owner.shachainSeed, COMMITMENT_NUMBER);
const point = perCommitmentPoint(commitmentSecret);

/** The private keys of either side for the owner's commitment. */
export const keys = {
  ownerFunding: owner.funding,
  otherFunding: other.funding,
  ownerDelayed: derivePrivateKey(owner.delayed_payment, point),
  ownerHtlc: derivePrivateKey(owner.htlc, point),
  otherHtlc: derivePrivateKey(other.htlc, point),
  otherPayment: other.payment,
  revocation: revocationPrivateKey(other.revocation, commitmentSecret),
  coin: new Uint8Array(32).fill(9),
};

export const publicKey = (privateKey: Uint8Array): Uint8Array => defaultCrypto.curve.publicKey(privateKey);

/** A P2WPKH script that belongs to nobody in the channel. */
export const walletScript = p2wpkh(publicKey(keys.coin));

export const fundingPubkeys: readonly [Uint8Array, Uint8Array] = [
  publicKey(owner.funding),
  publicKey(other.funding),
];

export const parametersOf = (
  format: CommitmentFormat,
  funding_satoshis: bigint,
  feePayer: CommitmentSide = 'owner',
  dust_limit_satoshis = 354n,
): CommitmentParameters => ({
  format,
  feePayer,
  dust_limit_satoshis,
  funding: {
    txid: 'ab'.repeat(32),
    output_index: 1,
    funding_satoshis,
    funding_pubkeys: fundingPubkeys,
  },
  owner_funding_pubkey: fundingPubkeys[0],
  keys: commitmentKeys(ownerBasepoints, otherBasepoints, point),
  commitmentNumber: COMMITMENT_NUMBER,
  obscuringFactor: obscuringFactor(ownerBasepoints.payment_basepoint, otherBasepoints.payment_basepoint),
  to_self_delay: 144,
});

export const preimageOf = (n: number | bigint): Uint8Array => new Uint8Array(32).fill(Number(n) + 1);

export const htlc = (
  id: number,
  offeredBy: CommitmentSide,
  amount_msat: bigint,
  cltv_expiry = 500,
): Htlc => ({
  id: BigInt(id),
  offeredBy,
  amount_msat,
  payment_hash: paymentHash(preimageOf(id)),
  cltv_expiry,
});

/** The outputs that a transaction's inputs spend, out of those of other transactions. */
export const spentBy = (
  { inputs }: Transaction,
  ...parents: readonly Pick<Transaction, 'txid' | 'outputs'>[]
): readonly TransactionOutput[] =>
  inputs.map(({ txid, vout }) => parents.find((parent) => parent.txid === txid)!.outputs[vout]!);
