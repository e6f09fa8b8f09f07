import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fundingScript } from '../../../src/channel/transactions/scripts.ts';
import { buildCommitment } from '../../../src/channel/transactions/commitment.ts';
import {
  ANCHOR_SAT,
  baseFeeSat,
  dustExposureMsat,
  feePayerAffords,
  feePayerCostSat,
} from '../../../src/channel/transactions/fees.ts';
import { isHtlcOutput, recogniseOutputs } from '../../../src/channel/transactions/outputs.ts';
import {
  completeCommitment,
  signCommitment,
  signHtlcs,
  unsignedHtlcs,
  verifyCommitment,
} from '../../../src/channel/transactions/signatures.ts';
import type {
  CommitmentSide,
  CommitmentSpecification,
  Htlc,
} from '../../../src/channel/transactions/types.ts';
import { verifySpends } from '../../../src/bitcoin/verify.ts';
import { codeOf } from '../../crypto/code-of.ts';
import { FORMATS, fundingPubkeys, htlc, keys, parametersOf, publicKey } from './sides.ts';

const side = fc.constantFrom<CommitmentSide>('owner', 'other');
const msat = fc.oneof(fc.bigInt(0n, 3_000_000n), fc.bigInt(0n, 5_000_000_000n));
const htlcs = fc
  .array(fc.tuple(side, msat, fc.integer({ min: 0, max: 499_999_999 })), { maxLength: 12 })
  .map((list) => list.map(([offeredBy, amount, expiry], id) => htlc(id, offeredBy, amount, expiry)));

/** Balances that, with the HTLCs, are a whole number of satoshis: a capacity. */
const specifications = fc
  .tuple(
    htlcs,
    msat,
    msat,
    fc.oneof(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 0, max: 2 ** 32 - 1 })),
  )
  .map(([list, ownerBalanceMsat, other, feerate_per_kw]): CommitmentSpecification => {
    const sum = totalMsat(list) + ownerBalanceMsat + other;
    const otherBalanceMsat = other + ((1000n - (sum % 1000n)) % 1000n);
    return { feerate_per_kw, ownerBalanceMsat, otherBalanceMsat, htlcs: list };
  });

const totalMsat = (list: readonly Htlc[]): bigint =>
  list.reduce((sum, { amount_msat }) => sum + amount_msat, 0n);
const capacityOf = ({ htlcs: list, ownerBalanceMsat, otherBalanceMsat }: CommitmentSpecification): bigint =>
  (totalMsat(list) + ownerBalanceMsat + otherBalanceMsat) / 1000n;

describe.each(FORMATS)('a commitment with %s', (format) => {
  it('pays out its funding: outputs, fee, what is trimmed and what is rounded', () => {
    fc.assert(
      fc.property(specifications, side, fc.bigInt(0n, 6000n), (specification, feePayer, dustLimit) => {
        const capacity = capacityOf(specification);
        const parameters = parametersOf(format, capacity, feePayer, dustLimit);
        const { outputs, feeSat, transaction } = buildCommitment(parameters, specification);
        const paid = transaction.outputs.reduce((sum, { amountSat }) => sum + amountSat, 0n);
        expect(paid + feeSat).toBe(capacity);
        expect(outputs.map(({ amountSat, script }) => ({ amountSat, script }))).toEqual(transaction.outputs);
        for (const { amountSat, kind } of outputs) {
          if (!kind.endsWith('anchor')) expect(amountSat).toBeGreaterThanOrEqual(dustLimit);
        }
        if (!feePayerAffords(parameters, specification, 0n)) return;
        // The fee is the base fee, and exactly what has no output: less than a satoshi for each that has one.
        const base = baseFeeSat(parameters, specification);
        expect(feeSat).toBeGreaterThanOrEqual(base);
        const present = new Set(outputs.filter(isHtlcOutput).map(({ htlc: { id } }) => id));
        const has = (wanted: string): boolean => outputs.some(({ kind }) => kind === wanted);
        const cost = (who: CommitmentSide): bigint =>
          who === feePayer ? feePayerCostSat(parameters, specification) * 1000n : 0n;
        const anchors = outputs.filter(({ kind }) => kind.endsWith('anchor')).length;
        const withoutOutputMsat =
          dustExposureMsat(parameters, specification) +
          (has('to_local') ? 0n : specification.ownerBalanceMsat - cost('owner')) +
          (has('to_remote') ? 0n : specification.otherBalanceMsat - cost('other')) +
          (format === 'option_anchors' ? BigInt(2 - anchors) * ANCHOR_SAT * 1000n : 0n);
        const roundedMsat = (feeSat - base) * 1000n - withoutOutputMsat;
        expect(roundedMsat).toBeGreaterThanOrEqual(0n);
        expect(roundedMsat).toBeLessThan(1000n * BigInt(present.size + 2));
      }),
    );
  });

  it('sorts its outputs, and knows which is which', () => {
    fc.assert(
      fc.property(specifications, (specification) => {
        const parameters = parametersOf(format, capacityOf(specification));
        const { transaction, outputs } = buildCommitment(parameters, specification);
        for (const [i, output] of outputs.entries()) {
          const next = outputs[i + 1];
          if (!next) break;
          const order = Buffer.compare(output.script, next.script);
          expect(
            output.amountSat < next.amountSat || (output.amountSat === next.amountSat && order <= 0),
          ).toBe(true);
        }
        const recognised = recogniseOutputs(parameters, transaction, [...specification.htlcs].reverse());
        expect(recognised.map((output) => output && { ...output })).toEqual(outputs);
      }),
      { numRuns: 50 },
    );
  });

  it('is what both sides have signed, in either order of keys', () => {
    const specification = {
      feerate_per_kw: 253,
      ownerBalanceMsat: 500_000_000n,
      otherBalanceMsat: 500_000_000n,
      htlcs: [],
    };
    const there = parametersOf(format, 1_000_000n);
    const [a, b] = fundingPubkeys;
    const back = { ...there, funding: { ...there.funding, funding_pubkeys: [b, a] as const } };
    const raws = [there, back].map((parameters) => {
      const commitment = buildCommitment(parameters, specification);
      const signatures = {
        owner: signCommitment(commitment, keys.ownerFunding),
        other: signCommitment(commitment, keys.otherFunding),
      };
      expect(verifyCommitment(commitment, publicKey(keys.otherFunding), signatures.other)).toBe(true);
      expect(verifyCommitment(commitment, publicKey(keys.otherFunding), signatures.owner)).toBe(false);
      const funding = { amountSat: 1_000_000n, script: fundingScript(fundingPubkeys) };
      expect(verifySpends(completeCommitment(commitment, signatures), [funding])).toBeUndefined();
      const swapped = completeCommitment(commitment, { owner: signatures.other, other: signatures.owner });
      expect(verifySpends(swapped, [funding])).toMatchObject({ input: 0, unsupported: false });
      return completeCommitment(commitment, signatures).raw;
    });
    expect(raws[0]).toEqual(raws[1]);
  });

  it('says which HTLCs are not signed', () => {
    const specification = {
      feerate_per_kw: 253,
      ownerBalanceMsat: 500_000_000n,
      otherBalanceMsat: 400_000_000n,
      htlcs: [htlc(0, 'owner', 20_000_000n), htlc(1, 'other', 30_000_000n), htlc(2, 'owner', 50_000_000n)],
    };
    const commitment = buildCommitment(parametersOf(format, 1_000_000n), specification);
    const signatures = signHtlcs(commitment, keys.otherHtlc);
    expect(unsignedHtlcs(commitment, signatures)).toEqual([]);
    const [first, second, third] = signatures;
    const ids = (given: readonly Uint8Array[]): number[] =>
      unsignedHtlcs(commitment, given).map(({ htlc: { id } }) => Number(id));
    expect(ids([first!, third!, second!])).toEqual([1, 2]);
    expect(ids([first!, second!])).toEqual([2]);
    expect(ids([new Uint8Array(64), second!, new Uint8Array(64).fill(0xff)])).toEqual([0, 2]);
    expect(ids(signHtlcs(commitment, keys.ownerHtlc))).toEqual([0, 1, 2]);
  });
});

describe('outputs', () => {
  it('have both anchors where there are HTLCs, else one for each balance', () => {
    const kindsOf = (ownerBalanceMsat: bigint, list: readonly Htlc[]): string[] => {
      const specification = { feerate_per_kw: 253, ownerBalanceMsat, otherBalanceMsat: 0n, htlcs: list };
      return buildCommitment(parametersOf('option_anchors', capacityOf(specification)), specification)
        .outputs.map(({ kind }) => kind)
        .sort();
    };
    expect(kindsOf(1_000_000_000n, [])).toEqual(['to_local', 'to_local_anchor']);
    expect(kindsOf(0n, [])).toEqual([]);
    expect(kindsOf(0n, [htlc(0, 'owner', 1_000_000n)])).toEqual([
      'offered_htlc',
      'to_local_anchor',
      'to_remote_anchor',
    ]);
    // A trimmed HTLC is none.
    expect(kindsOf(1_000_000_000n, [htlc(0, 'owner', 353_999n)])).toEqual(['to_local', 'to_local_anchor']);
  });

  it('of balances are there from the dust limit on', () => {
    const kindsOf = (ownerBalanceMsat: bigint, otherBalanceMsat: bigint): string[] => {
      const specification = { feerate_per_kw: 0, ownerBalanceMsat, otherBalanceMsat, htlcs: [] };
      const parameters = parametersOf('option_static_remotekey', 1_000_000n);
      return buildCommitment(parameters, specification).outputs.map(({ kind }) => kind);
    };
    expect(kindsOf(354_999n, 353_999n)).toEqual(['to_local']);
    expect(kindsOf(353_999n, 354_000n)).toEqual(['to_remote']);
  });

  it('of one payment hash are told by their amount', () => {
    const parts = [3_000_000n, 1_000_000n, 2_000_000n].map((amount, id) => ({
      ...htlc(id, 'owner', amount),
      payment_hash: new Uint8Array(32),
    }));
    const specification = {
      feerate_per_kw: 253,
      ownerBalanceMsat: 994_000_000n,
      otherBalanceMsat: 0n,
      htlcs: parts,
    };
    const parameters = parametersOf('option_anchors', 1_000_000n);
    const { transaction, outputs } = buildCommitment(parameters, specification);
    expect(recogniseOutputs(parameters, transaction, parts)).toEqual(outputs);
  });

  it('that are alike are in the order of their expiry', () => {
    const twins = [30, 10, 20].map((expiry, id) => ({
      ...htlc(id, 'owner', 1_000_000n, expiry),
      payment_hash: new Uint8Array(32),
    }));
    const specification = {
      feerate_per_kw: 253,
      ownerBalanceMsat: 1_000_000_000n,
      otherBalanceMsat: 0n,
      htlcs: twins,
    };
    const parameters = parametersOf('option_anchors', capacityOf(specification));
    const { htlcOutputs, transaction } = buildCommitment(parameters, specification);
    expect(htlcOutputs.map(({ htlc: { cltv_expiry } }) => cltv_expiry)).toEqual([10, 20, 30]);
    expect(
      recogniseOutputs(parameters, transaction, twins).filter((output) => output?.kind === 'offered_htlc'),
    ).toEqual(htlcOutputs);
  });

  it('that are none of the commitment are not recognised', () => {
    const parameters = parametersOf('option_anchors', 1_000_000n);
    const specification = {
      feerate_per_kw: 253,
      ownerBalanceMsat: 999_000_000n,
      otherBalanceMsat: 0n,
      htlcs: [htlc(0, 'other', 1_000_000n)],
    };
    const { transaction } = buildCommitment(parameters, specification);
    const kinds = recogniseOutputs(parameters, transaction, []).map((output) => output?.kind);
    expect(kinds.slice(0, 2).sort()).toEqual(['to_local_anchor', 'to_remote_anchor']);
    expect(kinds.slice(2)).toEqual([undefined, 'to_local']);
  });

  it("need the owner's key to be one of the funding's", () => {
    const parameters = { ...parametersOf('option_anchors', 1n), owner_funding_pubkey: publicKey(keys.coin) };
    expect(codeOf(() => recogniseOutputs(parameters, { txid: '', outputs: [] }, []))).toBe(
      'channel.funding-pubkey',
    );
  });
});
