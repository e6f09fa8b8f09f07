import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../../src/core/bytes.ts';
import {
  encodeHeader,
  GENESIS,
  meetsRegtestTarget,
  merkleRoot,
  mineBlock,
  subsidySat,
} from '../../src/chain/regtest/block.ts';
import { displayHash, sha256d } from '../../src/bitcoin/hash.ts';
import { OP_TRUE_SCRIPT } from '../../src/bitcoin/output.ts';

const plan = {
  previousHash: GENESIS.hash,
  height: 1,
  time: 1_700_000_000,
  transactions: [],
  feesSat: 0n,
  script: OP_TRUE_SCRIPT,
  extraNonce: 0,
};

describe('the genesis block', () => {
  it('is that of every regtest', () => {
    // Chain parameters of bitcoind: CRegTestParams.
    expect(GENESIS.hash).toBe('0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206');
    expect(GENESIS.header.merkleRoot).toBe(
      '4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b',
    );
    expect(GENESIS.raw).toHaveLength(285);
    expect(meetsRegtestTarget(GENESIS.hash)).toBe(true);
  });
});

describe('a header', () => {
  it('is encoded as in the main chain: block 125552', () => {
    // The example of the "Block hashing algorithm" that has been on the Bitcoin wiki since 2011.
    const raw = encodeHeader({
      version: 1,
      previousHash: '00000000000008a3a41b85b8b29ad444def299fee21793cd8b9e567eab02cd81',
      merkleRoot: '2b12fcf1b09288fcaff797d71e950e71ae42b91e8bdb2304758dfcffc2b620e3',
      time: 1_305_998_791,
      bits: 0x1a44b9f2,
      nonce: 2_504_433_986,
    });
    expect(displayHash(sha256d(raw))).toBe(
      '00000000000000001e8d6829a8a21adc5d38d0a473b144b6765798e61f98bd1d',
    );
  });

  it.each([
    ['7fffff'.padEnd(64, '0'), true],
    [`7fffff${'1'.padStart(58, '0')}`, false],
    ['7ffffe'.padEnd(64, 'f'), true],
    ['8'.padEnd(64, '0'), false],
    ['0'.repeat(64), true],
  ])('has its work done at hash %s: %s', (hash, done) => {
    expect(meetsRegtestTarget(hash)).toBe(done);
  });
});

describe('the merkle root', () => {
  it('of one transaction is its id', () => {
    expect(merkleRoot(['ab'.repeat(32)])).toBe('ab'.repeat(32));
  });

  it('of four is that of block 100000 of the main chain', () => {
    expect(
      merkleRoot([
        '8c14f0db3df150123e6f3dbbf30f8b955a8249b62ac1d1ff16284aefa3d06d87',
        'fff2525b8931402dd09222c50775608f75787bd2b87e56995a7bdd30f79702c4',
        '6359f0868171b1d194cbee1af2f16ea598ae8fad666d9b012c8ed2b79a236ec4',
        'e9a66845e05d5abc0ad04ec80f774a7e585c6e8db975962d069a522137b80c1d',
      ]),
    ).toBe('f3e94742aca4b5ef85488dc37c06c3282295ffec960994b2c0d5ac2a25a95766');
  });

  it('of three hashes the last one with itself', () => {
    const [a, b, c] = ['11'.repeat(32), '22'.repeat(32), '33'.repeat(32)];
    expect(merkleRoot([a, b, c])).toBe(merkleRoot([a, b, c, c]));
    expect(merkleRoot([a, b, c])).not.toBe(merkleRoot([a, b]));
  });
});

describe('the subsidy', () => {
  it('halves every 150 blocks, down to nothing', () => {
    expect([0, 149, 150, 299, 300, 150 * 32, 150 * 33, 150 * 100, 1e9].map(subsidySat)).toEqual([
      5_000_000_000n,
      5_000_000_000n,
      2_500_000_000n,
      2_500_000_000n,
      1_250_000_000n,
      1n,
      0n,
      0n,
      0n,
    ]);
  });
});

describe('a mined block', () => {
  // Boundaries of the script number that BIP 34 asks for.
  it.each([
    [1, '51'],
    [16, '60'],
    [17, '0111'],
    [127, '017f'],
    [128, '028000'],
    [255, '02ff00'],
    [256, '020001'],
    [32_767, '02ff7f'],
    [32_768, '03008000'],
    [500_000, '0320a107'],
  ])('of height %d starts its coinbase with %s', (height, push) => {
    const [coinbase] = mineBlock({ ...plan, height }).transactions;
    expect(toHex(coinbase!.inputs[0]!.scriptSig).startsWith(push)).toBe(true);
  });

  it('has its work done, and says who came before', () => {
    const block = mineBlock(plan);
    expect(meetsRegtestTarget(block.hash)).toBe(true);
    expect(block.header.previousHash).toBe(GENESIS.hash);
    expect(displayHash(sha256d(block.raw.subarray(0, 80)))).toBe(block.hash);
  });

  it('is another one with another extra nonce', () => {
    expect(mineBlock(plan).hash).not.toBe(mineBlock({ ...plan, extraNonce: 1 }).hash);
  });

  it('commits to its witnesses (BIP 141)', () => {
    const [coinbase] = mineBlock(plan).transactions;
    const commitment = coinbase!.outputs[1]!.script;
    // Of a coinbase alone: sha256d of 64 zero bytes, as in every empty block of the main chain since August 2017.
    expect(toHex(commitment)).toBe(
      '6a24aa21a9ede2f61c3f71d1defd3fa999dfa36953755c690689799962b48bebd836974e8cf9',
    );
    expect(coinbase!.inputs[0]!.witness).toEqual([fromHex('00'.repeat(32))]);
  });
});
