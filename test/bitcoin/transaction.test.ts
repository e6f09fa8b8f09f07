import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, fromHex, toHex } from '../../src/core/bytes.ts';
import { isBoltgridError } from '../../src/core/error.ts';
import { GENESIS } from '../../src/chain/regtest/block.ts';
import {
  isCoinbase,
  makeTransaction,
  parseTransaction,
  type TransactionParts,
} from '../../src/bitcoin/transaction.ts';
import { codeOf } from '../crypto/code-of.ts';
import { bcoinTransaction } from '../chain/bcoin.ts';

const bytes = (minLength: number, maxLength: number) => fc.uint8Array({ minLength, maxLength });
const uint32 = fc.integer({ min: 0, max: 0xffff_ffff });

const input = fc.record({
  txid: bytes(32, 32).map(toHex),
  vout: uint32,
  scriptSig: bytes(0, 300),
  sequence: uint32,
  witness: fc.array(bytes(0, 300), { maxLength: 4 }),
});

const parts: fc.Arbitrary<TransactionParts> = fc.record({
  version: fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff }),
  inputs: fc.array(input, { minLength: 1, maxLength: 4 }),
  outputs: fc.array(
    fc.record({ amountSat: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }), script: bytes(0, 300) }),
    {
      maxLength: 4,
    },
  ),
  lockTime: uint32,
});

/** BIP 143, "Native P2WPKH": the signed transaction. */
const SIGNED = fromHex(
  '01000000000102fff7f7881a8099afa6940d42d1e7f6362bec38171ea3edf433541db4e4ad969f00000000494830450221008b9d1dc26ba6a9cb62127b02742fa9d754cd3bebf337f7a55d114c8e5cdd30be022040529b194ba3f9281a99f2b1c0a19c0489bc22ede944ccf4ecbab4cc618ef3ed01eeffffffef51e1b804cc89d182d279655c3aa89e815b1b309fe287d9b2b55d57b90ec68a0100000000ffffffff02202cb206000000001976a9148280b37df378db99f66f85c95a783a76ac7a6d5988ac9093510d000000001976a9143bde42dbee7e4dbe6a21b2d50ce2f0167faa815988ac000247304402203609e17b84f6a7d30c80bfa610b5b4542f32a8a0d5447a12fb1366d7f01cc44a0220573a954c4518331561406f90300e8f3358f51928d43c212a8caed02de67eebee0121025476c2e83188368da1ff3e292e7acafcdb3566bb0ad253f62fc70f07aeee635711000000',
);

describe('a transaction', () => {
  it('comes back as it was written', () => {
    fc.assert(
      fc.property(parts, (given) => {
        expect(parseTransaction(makeTransaction(given).raw)).toMatchObject(given);
      }),
    );
  });

  it('has the ids and weight that bcoin gives it', () => {
    fc.assert(
      // Numbers of satoshis above 2^53 are not for bcoin.
      fc.property(parts, (given) => {
        const small = given.outputs.map((output) => ({
          ...output,
          amountSat: output.amountSat & (2n ** 51n - 1n),
        }));
        const tx = makeTransaction({ ...given, version: given.version >>> 1, outputs: small });
        const theirs = bcoinTransaction(tx.raw);
        expect({ txid: tx.txid, wtxid: tx.wtxid, weight: tx.weight }).toEqual({
          txid: theirs.txid(),
          wtxid: Buffer.from(theirs.rwhash(), 'hex').toString('hex'),
          weight: theirs.getWeight(),
        });
      }),
      { numRuns: 50 },
    );
  });

  it('is read from its bytes: fields, witness and ids', () => {
    const tx = parseTransaction(SIGNED);
    expect(tx).toMatchObject({ version: 1, lockTime: 17, raw: SIGNED });
    expect(tx.inputs.map(({ sequence }) => sequence)).toEqual([0xffff_ffee, 0xffff_ffff]);
    expect(tx.inputs.map(({ witness }) => witness.length)).toEqual([0, 2]);
    expect(tx.inputs[1]!.txid).toBe('8ac60eb9575db5b2d987e29f301b5b819ea83a5c6579d282d189cc04b8e151ef');
    expect(tx.outputs.map(({ amountSat }) => amountSat)).toEqual([112_340_000n, 223_450_000n]);
    expect(isCoinbase(tx)).toBe(false);
  });

  it('of the genesis block has its known id', () => {
    const [coinbase] = GENESIS.transactions;
    expect(coinbase!.txid).toBe('4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b');
    expect(isCoinbase(coinbase!)).toBe(true);
  });

  it('is not changed by what happens to the bytes it was read from', () => {
    const raw = Uint8Array.from(SIGNED);
    const tx = parseTransaction(raw);
    raw.fill(0);
    expect(tx.raw).toEqual(SIGNED);
    expect(tx.inputs[1]!.witness[1]![0]).toBe(0x02);
  });

  it('is refused when cut anywhere, or with a byte too many', () => {
    for (let length = 0; length < SIGNED.length; length++) {
      expect(codeOf(() => parseTransaction(SIGNED.subarray(0, length)))).toBe('bitcoin.bad-transaction');
    }
    expect(codeOf(() => parseTransaction(concat(SIGNED, Uint8Array.of(0))))).toBe('bitcoin.bad-transaction');
  });

  it.each([
    [
      'a marker without any witness (BIP 144)',
      `01000000000101${'00'.repeat(36)}00ffffffff00${'00'.repeat(5)}`,
    ],
    ['a count that is not in its shortest form', `01000000fd0100${'00'.repeat(36)}00ffffffff0000000000`],
    ['more inputs announced than there are bytes', `01000000ffffffffffffffffff${'00'.repeat(40)}`],
    ['a script longer than what is left', `0100000001${'00'.repeat(36)}feffffff7f00`],
  ])('is refused with %s', (_, hex) => {
    expect(codeOf(() => parseTransaction(fromHex(hex)))).toBe('bitcoin.bad-transaction');
  });

  it('is refused when larger than any block', () => {
    expect(codeOf(() => parseTransaction(new Uint8Array(4_000_001)))).toBe('bitcoin.bad-transaction');
  });

  it('is either read back byte for byte or refused with a BoltgridError, whatever the bytes', () => {
    const mutated = fc
      .tuple(fc.nat({ max: SIGNED.length - 1 }), fc.integer({ min: 0, max: 255 }))
      .map(([at, byte]) => SIGNED.map((old, i) => (i === at ? byte : old)));
    fc.assert(
      fc.property(fc.oneof(mutated, bytes(0, 200)), (raw) => {
        try {
          const tx = parseTransaction(raw);
          expect(makeTransaction(tx).raw).toEqual(raw);
        } catch (error) {
          expect(isBoltgridError(error) && error.code).toBe('bitcoin.bad-transaction');
        }
      }),
      { numRuns: 500 },
    );
  });

  it('cannot be made with fields that do not fit', () => {
    const good: TransactionParts = {
      version: 2,
      inputs: parseTransaction(SIGNED).inputs,
      outputs: [],
      lockTime: 0,
    };
    for (const bad of [
      { ...good, lockTime: 2 ** 32 },
      { ...good, lockTime: -1 },
      { ...good, outputs: [{ amountSat: 2n ** 64n, script: new Uint8Array(0) }] },
      { ...good, inputs: good.inputs.map((each) => ({ ...each, vout: 1.5 })) },
      { ...good, inputs: good.inputs.map((each) => ({ ...each, txid: 'abcd' })) },
    ]) {
      expect(codeOf(() => makeTransaction(bad))).toBe('bitcoin.bad-transaction');
    }
  });
});
