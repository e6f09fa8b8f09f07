import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { fromHex, toHex } from '../../src/core/bytes.ts';
import { defaultCrypto } from '../../src/crypto/crypto.ts';
import { segwitV0Sighash, taprootKeyPathSighash } from '../../src/bitcoin/sighash.ts';
import { parseTransaction } from '../../src/bitcoin/transaction.ts';
import { readFixture } from './fixture.ts';

const bip143 = z.array(
  z.object({
    section: z.string(),
    unsignedTransaction: z.string(),
    input: z.number(),
    scriptCode: z.string(),
    amountSat: z.number(),
    hashType: z.number(),
    sigHash: z.string(),
  }),
);

describe('BIP 143', () => {
  it.each(bip143.parse(readFixture('bip143.json')).map((vector, i) => ({ ...vector, i })))(
    'example $i: $section, hash type $hashType',
    ({ unsignedTransaction, input, scriptCode, amountSat, hashType, sigHash }) => {
      const tx = parseTransaction(fromHex(unsignedTransaction));
      const hash = segwitV0Sighash(tx, input, fromHex(scriptCode), BigInt(amountSat), hashType);
      expect(toHex(hash)).toBe(sigHash);
    },
  );
});

const bip341 = z.object({
  keyPathSpending: z.array(
    z.object({
      given: z.object({
        rawUnsignedTx: z.string(),
        utxosSpent: z.array(z.object({ scriptPubKey: z.string(), amountSats: z.number() })),
      }),
      inputSpending: z.array(
        z.object({
          given: z.object({ txinIndex: z.number(), hashType: z.number() }),
          intermediary: z.object({ sigHash: z.string() }),
          expected: z.object({ witness: z.array(z.string()) }),
        }),
      ),
    }),
  ),
});

describe('BIP 341 key path', () => {
  const [vector] = bip341.parse(readFixture('bip341-key-path.json')).keyPathSpending;
  const tx = parseTransaction(fromHex(vector!.given.rawUnsignedTx));
  const spent = vector!.given.utxosSpent.map(({ scriptPubKey, amountSats }) => ({
    script: fromHex(scriptPubKey),
    amountSat: BigInt(amountSats),
  }));

  it.each(vector!.inputSpending)(
    'input $given.txinIndex, hash type $given.hashType',
    ({ given: { txinIndex, hashType }, intermediary, expected }) => {
      const hash = taprootKeyPathSighash(tx, txinIndex, spent, hashType)!;
      expect(toHex(hash)).toBe(intermediary.sigHash);
      const signature = fromHex(expected.witness[0]!).subarray(0, 64);
      const outputKey = spent[txinIndex]!.script.subarray(2);
      expect(defaultCrypto.curve.verifySchnorr(signature, hash, outputKey)).toBe(true);
    },
  );

  it('has no hash for types that BIP 341 does not define', () => {
    const undefinedTypes = [0x04, 0x80, 0x84, 0xff];
    expect(undefinedTypes.map((type) => taprootKeyPathSighash(tx, 0, spent, type))).toEqual(
      undefinedTypes.map(() => undefined),
    );
  });

  it('has no hash for SINGLE without an output at the index', () => {
    expect(tx.outputs).toHaveLength(2);
    expect(taprootKeyPathSighash(tx, 2, spent, 3)).toBeUndefined();
  });
});
