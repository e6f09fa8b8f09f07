import { z } from 'zod';
import { commitmentKeys } from '../../../src/channel/keys/commitment-keys.ts';
import { obscuringFactor } from '../../../src/channel/transactions/obscured-number.ts';
import { paymentHash } from '../../../src/channel/transactions/scripts.ts';
import type {
  CommitmentFormat,
  CommitmentParameters,
  Htlc,
} from '../../../src/channel/transactions/types.ts';
import { bytesOf, privateKeyOf, readAppendix } from '../bolt03.ts';

const signedHtlc = z.object({
  output: z.number(),
  kind: z.enum(['success', 'timeout']),
  htlc: z.number(),
  remote_htlc_signature: z.string(),
  local_htlc_signature: z.string(),
  tx: z.string(),
});

const vector = z.object({
  name: z.string(),
  to_local_msat: z.string(),
  to_remote_msat: z.string(),
  local_feerate_per_kw: z.string(),
  base_fee: z.string().optional(),
  actual_fee: z.string().optional(),
  htlc_outputs: z
    .array(
      z.object({
        htlc: z.number(),
        kind: z.enum(['offered', 'received']),
        amount: z.string(),
        wscript: z.string(),
      }),
    )
    .default([]),
  to_local: z.object({ amount: z.string(), wscript: z.string() }).optional(),
  to_remote: z.object({ amount: z.string(), pubkey: z.string() }).optional(),
  remote_signature: z.string(),
  local_signature: z.string(),
  commit_tx: z.string(),
  num_htlcs: z.string(),
  htlc_txs: z.array(signedHtlc),
});

const appendix = z
  .object({
    basics: z.record(z.string(), z.string()),
    htlcs: z.record(
      z.string(),
      z.object({
        direction: z.enum(['remote->local', 'local->remote']),
        amount_msat: z.string(),
        expiry: z.string(),
        payment_preimage: z.string(),
      }),
    ),
    vectors: z.array(vector),
  })
  .parse(readAppendix('c'));

export const { basics, vectors } = appendix;

/** The preimage of HTLC `n`. */
export const preimageOf = (n: number): Uint8Array => bytesOf(appendix.htlcs[n]!.payment_preimage);

const htlcOf = (n: number): Htlc => {
  const { direction, amount_msat, expiry } = appendix.htlcs[n]!;
  return {
    offeredBy: direction === 'local->remote' ? 'owner' : 'other',
    id: BigInt(n),
    amount_msat: BigInt(amount_msat),
    payment_hash: paymentHash(preimageOf(n)),
    cltv_expiry: Number(expiry),
  };
};

/** HTLCs 5 and 6 are in the vector of the same amount and preimage only, with HTLC 1; the simple ones have none. */
export function htlcsOf(name: string): readonly Htlc[] {
  if (name.startsWith('simple')) return [];
  return (name.includes('same amount and preimage') ? [1, 5, 6] : [0, 1, 2, 3, 4]).map(htlcOf);
}

const point = (name: string): Uint8Array => bytesOf(basics[name]!);

/** The local side's commitment; it is the opener. */
export const parametersOf = (
  format: CommitmentFormat,
  dust_limit_satoshis = BigInt(basics.local_dust_limit_satoshi!),
): CommitmentParameters => ({
  format,
  feePayer: 'owner',
  dust_limit_satoshis,
  funding: {
    txid: basics.funding_tx_id!,
    output_index: Number(basics.funding_output_index!),
    funding_satoshis: BigInt(basics.funding_amount_satoshi!),
    funding_pubkeys: [point('remote_funding_pubkey'), point('local_funding_pubkey')],
  },
  owner_funding_pubkey: point('local_funding_pubkey'),
  keys: commitmentKeys(
    {
      delayed_payment_basepoint: point('local_delayed_payment_basepoint'),
      htlc_basepoint: point('local_htlc_basepoint'),
    },
    {
      revocation_basepoint: point('remote_revocation_basepoint'),
      payment_basepoint: point('remote_payment_basepoint'),
      htlc_basepoint: point('remote_htlc_basepoint'),
    },
    point('local_per_commitment_point'),
  ),
  commitmentNumber: BigInt(basics.commitment_number!),
  obscuringFactor: obscuringFactor(point('local_payment_basepoint'), point('remote_payment_basepoint')),
  to_self_delay: Number(basics.local_delay!),
});

/** `local_privkey` and `remote_privkey` are those of the HTLC keys, whose basepoints are the payment basepoints. */
export const privateKeys = {
  localFunding: privateKeyOf(basics.local_funding_privkey!),
  remoteFunding: privateKeyOf(basics.remote_funding_privkey!),
  localHtlc: privateKeyOf(basics.local_privkey!),
  remoteHtlc: privateKeyOf(basics.remote_privkey!),
  localDelayed: privateKeyOf(basics.local_delayed_privkey!),
};
