import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, fromHex, toHex } from '../../src/core/bytes.ts';
import {
  addressOfScript,
  outputScript,
  p2tr,
  p2wpkh,
  p2wsh,
  scriptOfAddress,
} from '../../src/bitcoin/output.ts';
import { codeOf } from '../crypto/code-of.ts';

// The key of BIP 173's examples.
const KEY = fromHex('0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798');

describe('addresses', () => {
  it.each([
    // BIP 173's program 751e…3bd6 with regtest's prefix: the address that bitcoind shows for it.
    ['bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080', '0014751e76e8199196d454941c45d1b3a323f1433bd6'],
    // bitcoind's functional tests: ADDRESS_BCRT1_UNSPENDABLE and ADDRESS_BCRT1_P2WSH_OP_TRUE.
    ['bcrt1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq3xueyj', `0020${'00'.repeat(32)}`],
    [
      'bcrt1qft5p2uhsdcdc3l2ua4ap5qqfg4pjaqlp250x7us7a8qqhrxrxfsqseac85',
      '00204ae81572f06e1b88fd5ced7a1a000945432e83e1551e6f721ee9c00b8cc33260',
    ],
  ])('%s stands for %s', (address, script) => {
    expect(toHex(scriptOfAddress(address))).toBe(script);
    expect(addressOfScript(fromHex(script))).toBe(address);
  });

  it('are those of the scripts that are built here', () => {
    expect(addressOfScript(p2wpkh(KEY))).toBe('bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080');
    expect(addressOfScript(p2wsh(Uint8Array.of(0x51)))).toBe(
      'bcrt1qft5p2uhsdcdc3l2ua4ap5qqfg4pjaqlp250x7us7a8qqhrxrxfsqseac85',
    );
  });

  it('go back and forth for every kind', () => {
    const hash = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
    const script = fc.oneof(
      hash(20).map((program) => concat(fromHex('0014'), program)),
      hash(32).map((program) => concat(fromHex('0020'), program)),
      hash(20).map((program) => concat(fromHex('76a914'), program, fromHex('88ac'))),
      hash(20).map((program) => concat(fromHex('a914'), program, fromHex('87'))),
      fc.constant(p2tr(KEY.subarray(1))),
    );
    fc.assert(
      fc.property(script, (each) => {
        expect(scriptOfAddress(addressOfScript(each)!)).toEqual(each);
      }),
    );
  });

  it.each([
    ['of the main chain', 'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4'],
    ['of testnet', 'tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx'],
    ['with a wrong checksum', 'bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt081'],
    ['in mixed case', 'bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kyGT080'],
    ['of taproot with a wrong checksum', 'bcrt1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqdmchcc'],
    ['that is empty', ''],
    ['that is no address', `bcrt1${'q'.repeat(200)}`],
  ])('one %s is refused', (_, address) => {
    expect(codeOf(() => scriptOfAddress(address))).toBe('chain.bad-address');
  });
});

describe('kinds of output', () => {
  it.each([
    ['0014' + '11'.repeat(20), 'witness_v0_keyhash'],
    ['0020' + '11'.repeat(32), 'witness_v0_scripthash'],
    ['5120' + '11'.repeat(32), 'witness_v1_taproot'],
    ['51024e73', 'anchor'],
    ['5220' + '11'.repeat(32), 'witness_unknown'],
    ['6002' + '1111', 'witness_unknown'],
    ['0015' + '11'.repeat(21), 'nonstandard'],
    ['5201' + '11', 'nonstandard'],
    ['5229' + '11'.repeat(41), 'nonstandard'],
    ['76a914' + '11'.repeat(20) + '88ac', 'pubkeyhash'],
    ['a914' + '11'.repeat(20) + '87', 'scripthash'],
    ['6a04deadbeef', 'nulldata'],
    ['51', 'nonstandard'],
    ['', 'nonstandard'],
  ])('%s is %s', (script, kind) => {
    expect(outputScript(fromHex(script)).kind).toBe(kind);
  });
});
