import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../../src/core/package.ts';
import { FUNCTION_NAMES } from '../../../src/nodes/control/check-names.ts';
import { evaluate } from '../../../src/nodes/control/expression.ts';
import { FUNCTIONS } from '../../../src/nodes/control/functions.ts';
import { failureOf } from './program.ts';

const call = (name: string, ...given: unknown[]): unknown => FUNCTIONS[name]!.call(...given);
const ask = (expression: string, input: unknown = {}): Promise<unknown> => evaluate(expression, input, {});

const amounts = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const hexes = fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes).toString('hex'));

const MINIMAL_OFFER = '162102eec7245d6b7d2ccb30380bfbe2a3648cd7a942653f5aa340edcea1f283686619';

describe('amounts', () => {
  it('keep every digit', () => {
    fc.assert(
      fc.property(amounts, amounts, (a, b) => {
        expect(call('add', `${a}`, `${b}`)).toBe(`${a + b}`);
        expect(call('sub', `${a}`, `${b}`)).toBe(`${a - b}`);
        expect(call('msat', `${a}`)).toBe(`${a}000`.replace(/^0+(?=0$)/, ''));
      }),
    );
  });

  it('msat to sat rounds down', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }), (msat) => {
        const sat = BigInt(call('sat', `${msat}`) as string);
        expect(sat * 1000n <= msat && msat < (sat + 1n) * 1000n).toBe(true);
      }),
    );
  });

  it.each([
    ["$sat('1999')", '1'],
    ["$sat('-1')", '-1'],
    ['$sat(1999)', '1'],
    ["$msat('21')", '21000'],
    ["$add('9007199254740993', 1)", '9007199254740994'],
    ["$reduce(['1', '2', '9007199254740993'], $add)", '9007199254740996'],
    ["$map(['1000', '2500'], $sat)", ['1', '2']],
  ])('%s', async (expression, value) => {
    expect(await ask(expression)).toEqual(value);
  });
});

describe('short channel ids', () => {
  it('go both ways', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 0xff_ffff }),
        fc.nat({ max: 0xff_ffff }),
        fc.nat({ max: 0xffff }),
        (block, transaction, output) => {
          const number = (BigInt(block) << 40n) + (BigInt(transaction) << 16n) + BigInt(output);
          expect(call('scid', `${number}`)).toBe(`${block}x${transaction}x${output}`);
          expect(call('scidNumber', `${block}x${transaction}x${output}`)).toBe(`${number}`);
        },
      ),
    );
  });

  // Its example: block 539268 (0x083a84), transaction 845 (0x34d), output 1.
  it('as in BOLT 7', () => {
    expect(call('scidNumber', '539268x845x1')).toBe(0x083a84_00034d_0001n.toString());
  });

  it.each(['1x2', '16777216x0x0', '0x0x65536', 'axbxc', '1x2x3x4', ''])('%j is none', (text) => {
    expect(() => call('scidNumber', text)).toThrow(expect.objectContaining({ code: 'node.internal' }));
  });

  it('nor is 2^64', () => {
    expect(() => call('scid', (2n ** 64n).toString())).toThrow(/short channel id/);
  });
});

describe('bytes', () => {
  it('go there and back', () => {
    fc.assert(
      fc.property(hexes, (hex) => {
        expect(call('hex', call('base64', hex))).toBe(hex);
        expect(call('reverse', call('reverse', hex))).toBe(hex);
      }),
    );
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(call('utf8', call('toHex', text))).toBe(text);
      }),
    );
  });

  it.each([
    ["$hex('AP8=')", '00ff'],
    ["$hex('_-8')", 'ffef'],
    ["$base64('00ff')", 'AP8='],
    ["$reverse('0102FF')", 'ff0201'],
    ['$reverse([1, 2, 3])', [3, 2, 1]],
    ["$utf8('c3a4')", 'ä'],
    ["$toHex('ä')", 'c3a4'],
    // BOLT 12, test vectors: an offer with an offer_issuer_id alone
    ["$bolt12('lno1zcss9mk8y3wkklfvevcrszlmu23kfrxh49px20665dqwmn4p72pksese')", MINIMAL_OFFER],
    ["$bolt12('LNO1ZCSS9MK8Y3WKKLFVEVCRSZLMU23+ KFRXH49PX20665DQWMN4P72PKSESE')", MINIMAL_OFFER],
    // FIPS 180-2, appendix B.1
    ["$sha256($toHex('abc'))", 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  ])('%s', async (expression, value) => {
    expect(await ask(expression)).toEqual(value);
  });

  it('Base58Check of an address with version 0', () => {
    // The public key hash and address of the genesis block's coinbase.
    const hash = '62e907b15cbf27d5425399ebf6f0fb50ebb88f18';
    expect(call('base58Check', `00${hash}`)).toBe('1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa');
  });
});

describe('BOLT 12 texts', () => {
  const LETTERS = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
  const encoded = (hex: string): string => {
    const bits = [...Buffer.from(hex, 'hex')].map((byte) => byte.toString(2).padStart(8, '0')).join('');
    const fives = bits.match(/.{1,5}/g) ?? [];
    return fives.map((five) => LETTERS.charAt(Number.parseInt(five.padEnd(5, '0'), 2))).join('');
  };

  it('give their bytes', () => {
    fc.assert(
      fc.property(hexes, (hex) => {
        expect(call('bolt12', `lno1${encoded(hex)}`)).toBe(hex);
        expect(call('bolt12', `LNI1${encoded(hex).toUpperCase()}`)).toBe(hex);
        expect(call('bolt12', `lno1${encoded(hex).split('').join('+\n ')}`)).toBe(hex);
      }),
    );
  });

  it.each(['lno', 'lno1b', 'lno1 q', ''])('%j is none', (text) => {
    expect(() => call('bolt12', text)).toThrow(expect.objectContaining({ code: 'node.internal' }));
  });
});

describe('channels and features', () => {
  const txid = `${'00'.repeat(30)}ff01`;

  it.each([
    [0, `01ff${'00'.repeat(30)}`],
    [1, `01ff${'00'.repeat(29)}01`],
    [0x1234, `01ff${'00'.repeat(28)}1234`],
  ])('channel_id of output %i', (vout, id) => {
    expect(call('channelId', txid, vout)).toBe(id);
  });

  it('channel_id XORs what is there', () => {
    expect(call('channelId', `ff0f${'00'.repeat(30)}`, 0x0101)).toBe(`${'00'.repeat(30)}0efe`);
  });

  it.each([
    ['a short txid', 'ff', 0],
    ['a large output', txid, 65_536],
    ['a negative output', txid, -1],
  ])('refuses %s', (_, id, vout) => {
    expect(() => call('channelId', id, vout)).toThrow(expect.objectContaining({ code: 'node.internal' }));
  });

  it.each([
    ['$featureBits([0])', '01'],
    ['$featureBits([7])', '80'],
    ['$featureBits([8, 0])', '0101'],
    ["$featureBits(['13', '1'])", '2002'],
    ['$featureBits(nothing)', ''],
    ['$featureBits([])', ''],
    ['$featureBits($keys({"9": {}}))', '0200'],
    ['$featureBits($keys({}))', ''],
  ])('%s', async (expression, value) => {
    expect(await ask(expression)).toBe(value);
  });

  it('features: each bit given is set, and no other', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat({ max: 300 }), { minLength: 1 }), (bits) => {
        const value = BigInt(`0x${call('featureBits', bits) as string}`);
        expect(value).toBe(bits.reduce((sum, bit) => sum + (1n << BigInt(bit)), 0n));
      }),
    );
  });

  it('refuses a bit beyond what features can hold', () => {
    expect(() => call('featureBits', [2 ** 31])).toThrow(/feature bit/);
  });
});

describe('feerates', () => {
  it.each([
    ['$perKw(1)', 250],
    ['$perKw(1.012)', 253],
    ["$perKw('10')", 2500],
    ['$perVbyte(253)', 1],
    ['$perVbyte(1)', 1],
    ['$perVbyte(2500)', 10],
  ])('%s', async (expression, value) => {
    expect(await ask(expression)).toBe(value);
  });
});

describe('all functions', () => {
  const givesNothing = Object.keys(FUNCTIONS).filter((name) => !['featureBits', 'fail'].includes(name));

  it.each(givesNothing)('$%s of nothing is nothing', async (name) => {
    const missing = Array.from({ length: FUNCTIONS[name]!.parameters }, () => 'absent').join(', ');
    expect(await ask(`$${name}(${missing})`, {})).toBeUndefined();
    // JSONata's own functions would take the context for an argument that is not there.
    expect(await ask(`a.{"x": $${name}(${missing})}`, { a: '00' })).toEqual({});
  });

  it.each(givesNothing)('$%s refuses what it cannot work on', async (name) => {
    const wrong = Array.from({ length: FUNCTIONS[name]!.parameters }, () => '{"an": "object"}').join(', ');
    expect((await failureOf(ask(`$${name}(${wrong})`))).code).toBe('node.internal');
  });

  it('$fail ends with its code and message', async () => {
    expect(await failureOf(ask("$fail('not-ready', 'wait')"))).toMatchObject({
      code: 'node.not-ready',
      blame: 'node',
      message: 'wait',
    });
    expect((await failureOf(ask("$fail('nonsense', 'wait')"))).code).toBe('node.internal');
  });

  it('none is only in one of: JSONata as installed, and the names that are known', () => {
    const source = readFileSync(`${PACKAGE_ROOT}node_modules/jsonata/jsonata.js`, 'utf8');
    const bound = [...source.matchAll(/(?:staticFrame|environment)\.bind\('(\w+)'/g)].map(([, name]) => name);
    expect(bound.length).toBeGreaterThan(60);
    expect([...new Set([...bound, ...Object.keys(FUNCTIONS)])].sort()).toEqual([...FUNCTION_NAMES].sort());
  });
});
