import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { compactSignature, derSignature } from '../../../src/bitcoin/der.ts';
import { fromHex, toHex } from '../../../src/core/bytes.ts';
import { defaultCrypto } from '../../../src/crypto/crypto.ts';
import { buildCommitment, type Commitment } from '../../../src/channel/transactions/commitment.ts';
import { baseFeeSat } from '../../../src/channel/transactions/fees.ts';
import { obscuringFactor, readCommitmentNumber } from '../../../src/channel/transactions/obscured-number.ts';
import type { HtlcOutput } from '../../../src/channel/transactions/outputs.ts';
import {
  completeCommitment,
  signCommitment,
  signHtlcs,
  unsignedHtlcs,
  verifyCommitment,
} from '../../../src/channel/transactions/signatures.ts';
import { completeHtlcTransaction } from '../../../src/channel/transactions/sweep.ts';
import { bytesOf, readAppendix } from '../bolt03.ts';
import { basics, htlcsOf, parametersOf, preimageOf, privateKeys, vectors } from './appendix-c.ts';

const derOf = (compact: Uint8Array): string => toHex(derSignature(compact));

/** The HTLC transaction as its owner broadcasts it, hexadecimal. */
const htlcTx = (commitment: Commitment, output: HtlcOutput, otherSignature: Uint8Array): string => {
  const preimage =
    output.kind === 'received_htlc' ? { payment_preimage: preimageOf(Number(output.htlc.id)) } : {};
  const spend = { output, otherSignature, ...preimage };
  return toHex(completeHtlcTransaction(commitment, spend, privateKeys.localHtlc).raw);
};

const completed = (commitment: Commitment): string =>
  toHex(
    completeCommitment(commitment, {
      owner: signCommitment(commitment, privateKeys.localFunding),
      other: signCommitment(commitment, privateKeys.remoteFunding),
    }).raw,
  );

describe('BOLT 3, appendix C', () => {
  it('obscures the commitment number', () => {
    const [factor] = basics['obscured commitment number']!.split(' ^ ');
    expect(
      obscuringFactor(bytesOf(basics.local_payment_basepoint!), bytesOf(basics.remote_payment_basepoint!)),
    ).toBe(BigInt(factor!));
  });

  it('has every vector', () => {
    expect(vectors).toHaveLength(16);
    expect(vectors.flatMap(({ htlc_txs }) => htlc_txs)).toHaveLength(33);
  });

  describe.each(vectors)('$name, $local_feerate_per_kw', (vector) => {
    const parameters = parametersOf('option_static_remotekey');
    const specification = {
      feerate_per_kw: Number(vector.local_feerate_per_kw),
      ownerBalanceMsat: BigInt(vector.to_local_msat),
      otherBalanceMsat: BigInt(vector.to_remote_msat),
      htlcs: htlcsOf(vector.name),
    };
    const commitment = buildCommitment(parameters, specification);
    const remoteSignature = compactSignature(fromHex(vector.remote_signature));

    it('is the commitment transaction', () => {
      expect(completed(commitment)).toBe(vector.commit_tx);
      expect(readCommitmentNumber(commitment.transaction, parameters.obscuringFactor)).toBe(42n);
    });

    it('has the signatures', () => {
      expect(derOf(signCommitment(commitment, privateKeys.localFunding))).toBe(vector.local_signature);
      expect(derOf(signCommitment(commitment, privateKeys.remoteFunding))).toBe(vector.remote_signature);
      const remoteKey = defaultCrypto.curve.publicKey(privateKeys.remoteFunding);
      expect(verifyCommitment(commitment, remoteKey, remoteSignature)).toBe(true);
      expect(verifyCommitment(commitment, parameters.owner_funding_pubkey, remoteSignature)).toBe(false);
    });

    it('has the fees', () => {
      // The last vector says neither.
      if (vector.base_fee) expect(baseFeeSat(parameters, specification)).toBe(BigInt(vector.base_fee));
      if (vector.actual_fee) expect(commitment.feeSat).toBe(BigInt(vector.actual_fee));
    });

    it('has the outputs', () => {
      const htlcs = commitment.htlcOutputs.map(({ kind, htlc, amountSat, witnessScript }) => ({
        kind: kind === 'offered_htlc' ? 'offered' : 'received',
        htlc: Number(htlc.id),
        amount: String(amountSat),
        wscript: toHex(witnessScript),
      }));
      const byHtlc = (a: { htlc: number }, b: { htlc: number }): number => a.htlc - b.htlc;
      expect(htlcs.sort(byHtlc)).toEqual([...vector.htlc_outputs].sort(byHtlc));
      expect(htlcs).toHaveLength(Number(vector.num_htlcs));
      if (vector.to_local) {
        const toLocal = commitment.outputs.find(({ kind }) => kind === 'to_local')!;
        expect([String(toLocal.amountSat), toHex(toLocal.witnessScript!)]).toEqual([
          vector.to_local.amount,
          vector.to_local.wscript,
        ]);
      }
    });

    it('has the HTLC transactions, in the order of their signatures', () => {
      const signatures = signHtlcs(commitment, privateKeys.remoteHtlc);
      expect(signatures.map(derOf)).toEqual(
        vector.htlc_txs.map(({ remote_htlc_signature }) => remote_htlc_signature),
      );
      expect(unsignedHtlcs(commitment, signatures)).toEqual([]);
      expect(
        commitment.htlcOutputs.map((output, i) => ({
          output: i,
          kind: output.kind === 'offered_htlc' ? 'timeout' : 'success',
          htlc: Number(output.htlc.id),
          tx: htlcTx(commitment, output, signatures[i]!),
        })),
      ).toEqual(vector.htlc_txs.map(({ output, kind, htlc, tx }) => ({ output, kind, htlc, tx })));
    });
  });
});

const anchorVectors = z
  .array(
    z.object({
      Name: z.string(),
      LocalBalance: z.number(),
      RemoteBalance: z.number(),
      DustLimitSatoshis: z.number(),
      FeePerKw: z.number(),
      UseTestHtlcs: z.boolean(),
      HtlcDescs: z.array(z.object({ RemoteSigHex: z.string(), ResolutionTxHex: z.string() })),
      ExpectedCommitmentTxHex: z.string(),
      RemoteSigHex: z.string(),
    }),
  )
  .parse(readAppendix('f'));

describe('BOLT 3, appendix F', () => {
  it('has every vector', () => {
    expect(anchorVectors).toHaveLength(9);
    expect(anchorVectors.flatMap(({ HtlcDescs }) => HtlcDescs)).toHaveLength(15);
  });

  describe.each(anchorVectors)('$Name, $FeePerKw', (vector) => {
    const parameters = parametersOf('option_anchors', BigInt(vector.DustLimitSatoshis));
    const commitment = buildCommitment(parameters, {
      feerate_per_kw: vector.FeePerKw,
      ownerBalanceMsat: BigInt(vector.LocalBalance),
      otherBalanceMsat: BigInt(vector.RemoteBalance),
      htlcs: vector.UseTestHtlcs ? htlcsOf(vector.Name) : [],
    });

    it('is the commitment transaction, with its signature', () => {
      expect(derOf(signCommitment(commitment, privateKeys.remoteFunding))).toBe(vector.RemoteSigHex);
      expect(completed(commitment)).toBe(vector.ExpectedCommitmentTxHex);
    });

    it('has the HTLC transactions, in the order of their signatures', () => {
      const signatures = signHtlcs(commitment, privateKeys.remoteHtlc);
      expect(signatures.map(derOf)).toEqual(vector.HtlcDescs.map(({ RemoteSigHex }) => RemoteSigHex));
      expect(unsignedHtlcs(commitment, signatures)).toEqual([]);
      expect(commitment.htlcOutputs.map((output, i) => htlcTx(commitment, output, signatures[i]!))).toEqual(
        vector.HtlcDescs.map(({ ResolutionTxHex }) => ResolutionTxHex),
      );
    });
  });
});
