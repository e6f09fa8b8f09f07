import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { makeTransaction, parseTransaction } from '../../../src/bitcoin/transaction.ts';
import { fromHex, toHex } from '../../../src/core/bytes.ts';
import { fundingScript, fundingWitnessScript } from '../../../src/channel/transactions/scripts.ts';
import { readAppendix } from '../bolt03.ts';

describe('BOLT 3, appendix B', () => {
  const b = z.record(z.string(), z.string()).parse(readAppendix('b'));
  const pubkeys = ['local_funding_pubkey', 'remote_funding_pubkey'].map((name) => fromHex(b[name]!));
  const [local, remote] = pubkeys;

  it('has the witness script, whichever key is given first', () => {
    expect(toHex(fundingWitnessScript([local!, remote!]))).toBe(b['funding witness script']);
    expect(toHex(fundingWitnessScript([remote!, local!]))).toBe(b['funding witness script']);
  });

  it('has the funding output', () => {
    const tx = parseTransaction(fromHex(b['funding tx']!));
    expect(tx.txid).toBe(b.txid);
    expect(tx.outputs[Number(b['funding output']!)]).toEqual({
      amountSat: BigInt(b['funding satoshis']!),
      script: fundingScript([local!, remote!]),
    });
    expect(tx.inputs.map(({ txid, vout }) => ({ txid, vout }))).toEqual([
      { txid: b['input txid'], vout: Number(b['input index']!) },
    ]);
  });
});

describe('BOLT 3, appendix G', () => {
  const g = z
    .object({
      pubkeys: z.tuple([z.string(), z.string()]),
      script: z.string(),
      scriptPubKey: z.string(),
      unsigned: z.string(),
      signed: z.string(),
      txid: z.string(),
    })
    .parse(readAppendix('g'));
  const [a, b] = g.pubkeys;

  it('has the funding output of the dual funded transaction', () => {
    const pubkeys = [fromHex(b), fromHex(a)] as const;
    expect(toHex(fundingWitnessScript(pubkeys))).toBe(g.script);
    expect(toHex(fundingScript(pubkeys))).toBe(g.scriptPubKey);
    const signed = parseTransaction(fromHex(g.signed));
    const paid = signed.outputs.filter(({ script }) => toHex(script) === g.scriptPubKey);
    // Both sides' `funding_satoshis`.
    expect(paid.map(({ amountSat }) => amountSat)).toEqual([400_000_000n]);
  });

  it('is the same transaction without and with its witnesses', () => {
    const unsigned = parseTransaction(fromHex(g.unsigned));
    const signed = parseTransaction(fromHex(g.signed));
    expect([unsigned.txid, signed.txid]).toEqual([g.txid, g.txid]);
    const inputs = unsigned.inputs.map((input, i) => ({ ...input, witness: signed.inputs[i]!.witness }));
    expect(toHex(makeTransaction({ ...unsigned, inputs }).raw)).toBe(g.signed);
  });
});
