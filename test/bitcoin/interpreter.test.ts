import { Script, type ScriptType } from '@scure/btc-signer/script.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, fromHex, toHex } from '../../src/core/bytes.ts';
import { compactSignature } from '../../src/bitcoin/der.ts';
import { ScriptFailure } from '../../src/bitcoin/failure.ts';
import { runWitnessScript, type ScriptContext } from '../../src/bitcoin/interpreter.ts';
import { readNumber, writeNumber } from '../../src/bitcoin/number.ts';
import { der } from './keys.ts';

/** A signature is good when it repeats the key. */
const CONTEXT: ScriptContext = {
  checkSignature: (signature, key) => toHex(signature) === toHex(key),
  lockTime: 100,
  sequence: 10,
  version: 2,
};

const [A, B, C] = [Uint8Array.of(0xaa), Uint8Array.of(0xbb), Uint8Array.of(0xcc)];
const [EMPTY, ONE] = [new Uint8Array(0), Uint8Array.of(1)];

function failure(script: Uint8Array, witness: readonly Uint8Array[], context = CONTEXT): string | undefined {
  try {
    runWitnessScript(script, witness, context);
  } catch (error) {
    if (error instanceof ScriptFailure) return error.message;
    throw error;
  }
  return undefined;
}

const run = (script: ScriptType, ...witness: readonly Uint8Array[]): string | undefined =>
  failure(Script.encode(script), witness);

describe('scripts that end with true', () => {
  it.each<[string, ScriptType, ...Uint8Array[]]>([
    ['a number', ['OP_16']],
    ['IF', ['IF', 'OP_1', 'ELSE', 'OP_0', 'ENDIF'], ONE],
    ['NOTIF', ['NOTIF', 'OP_1', 'ELSE', 'OP_0', 'ENDIF'], EMPTY],
    [
      'IF in IF that is not taken',
      ['IF', 'IF', 'VERIFY', 'ELSE', 'RETURN', 'ENDIF', 'ELSE', 'OP_1', 'ENDIF'],
      EMPTY,
    ],
    ['an unknown operation in a branch that is not taken', ['IF', 'CAT', 'ENDIF', 'OP_1'], EMPTY],
    ['ELSE twice', ['IF', 'NOP', 'ELSE', 'OP_0', 'ELSE', 'OP_1', 'ENDIF'], ONE],
    ['SIZE', ['SIZE', 'OP_3', 'EQUALVERIFY', 'DROP', 'OP_1'], fromHex('010203')],
    ['SIZE of nothing', ['SIZE', 'OP_0', 'EQUALVERIFY', 'DROP', 'OP_1'], EMPTY],
    ['SWAP', ['SWAP', 'DROP'], EMPTY, ONE],
    ['IFDUP of true', ['IFDUP', 'VERIFY'], ONE],
    ['IFDUP of false', ['IFDUP', 'NOTIF', 'OP_1', 'ENDIF'], EMPTY],
    ['minus one', ['1NEGATE', 'EQUAL'], fromHex('81')],
    [
      'SHA256',
      ['SHA256', fromHex('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'), 'EQUAL'],
      EMPTY,
    ],
    ['HASH160', ['HASH160', fromHex('b472a266d0bd89c13706a4132ccfb16f7c3b9fcb'), 'EQUAL'], EMPTY],
    ['1 of 2', ['OP_1', A, B, 'OP_2', 'CHECKMULTISIG'], EMPTY, B],
    ['2 of 3', ['OP_2', A, B, C, 'OP_3', 'CHECKMULTISIG'], EMPTY, A, C],
    ['0 of 0', ['OP_0', 'OP_0', 'CHECKMULTISIG'], EMPTY],
    ['CHECKMULTISIGVERIFY', ['OP_1', A, 'OP_1', 'CHECKMULTISIGVERIFY', 'OP_1'], EMPTY, A],
    ['a failed check without a signature', [A, 'CHECKSIG', 'NOTIF', 'OP_1', 'ENDIF'], EMPTY],
    ['CLTV', [100, 'CHECKLOCKTIMEVERIFY']],
    ['CSV', ['OP_10', 'CHECKSEQUENCEVERIFY']],
    ['CSV that is disabled', [0x80000000, 'CHECKSEQUENCEVERIFY']],
  ])('%s', (_, script, ...witness) => {
    expect(run(script, ...witness)).toBeUndefined();
  });
});

describe('scripts that fail', () => {
  it.each<[string, ScriptType, ...Uint8Array[]]>([
    ['Script evaluated without error but finished with a false/empty top stack element', ['OP_0']],
    ['Script evaluated without error but finished with a false/empty top stack element', [], fromHex('0080')],
    ['Script evaluated without error but finished with a false/empty top stack element', []],
    ['Stack size must be exactly one after execution', ['OP_1', 'OP_1']],
    ['Invalid OP_IF construction', ['IF'], ONE],
    ['Invalid OP_IF construction', ['OP_1', 'ENDIF']],
    ['Invalid OP_IF construction', ['OP_1', 'ELSE']],
    ['Invalid OP_IF construction', ['IF', 'ENDIF']],
    ['OP_IF/NOTIF argument must be minimal', ['IF', 'ENDIF', 'OP_1'], fromHex('0100')],
    ['Operation not valid with the current stack size', ['DUP']],
    ['Operation not valid with the current stack size', ['SWAP'], ONE],
    ['Operation not valid with the current stack size', ['CHECKSIG'], ONE],
    ['Operation not valid with the current stack size', ['OP_1', A, 'OP_1', 'CHECKMULTISIG']],
    ['Script failed an OP_VERIFY operation', ['VERIFY'], EMPTY],
    ['Script failed an OP_EQUALVERIFY operation', ['EQUALVERIFY'], A, B],
    ['Script failed an OP_CHECKSIGVERIFY operation', [A, 'CHECKSIGVERIFY'], EMPTY],
    ['Signature must be zero for failed CHECK(MULTI)SIG operation', [A, 'CHECKSIG'], B],
    [
      'Signature must be zero for failed CHECK(MULTI)SIG operation',
      ['OP_2', A, B, 'OP_2', 'CHECKMULTISIG'],
      EMPTY,
      B,
      A,
    ],
    [
      'Script failed an OP_CHECKMULTISIGVERIFY operation',
      ['OP_1', A, 'OP_1', 'CHECKMULTISIGVERIFY'],
      EMPTY,
      EMPTY,
    ],
    ['Dummy CHECKMULTISIG argument must be zero', ['OP_1', A, 'OP_1', 'CHECKMULTISIG'], ONE, A],
    ['Pubkey count negative or limit exceeded', [21, 'CHECKMULTISIG']],
    ['Pubkey count negative or limit exceeded', ['1NEGATE', 'CHECKMULTISIG']],
    ['Signature count negative or greater than pubkey count', ['OP_2', A, 'OP_1', 'CHECKMULTISIG'], EMPTY, A],
    ['Locktime requirement not satisfied', [101, 'CHECKLOCKTIMEVERIFY']],
    ['Locktime requirement not satisfied', [500_000_000, 'CHECKLOCKTIMEVERIFY']],
    ['Negative locktime', ['1NEGATE', 'CHECKLOCKTIMEVERIFY']],
    ['Script number overflow', [fromHex('ffffffffff7f'), 'CHECKLOCKTIMEVERIFY']],
    ['Script number is not minimal', [fromHex('6400'), 'CHECKLOCKTIMEVERIFY']],
    ['Locktime requirement not satisfied', ['OP_11', 'CHECKSEQUENCEVERIFY']],
    ['Locktime requirement not satisfied', [0x0040_0001, 'CHECKSEQUENCEVERIFY']],
    ['Negative locktime', ['1NEGATE', 'CHECKSEQUENCEVERIFY']],
    ['Opcode 0x7e is not among those that the memory chain verifies', ['CAT'], A, B],
    ['Opcode 0xab is not among those that the memory chain verifies', ['CODESEPARATOR', 'OP_1']],
    ['Opcode 0x6a is not among those that the memory chain verifies', ['RETURN']],
    ['Push value size limit exceeded', ['DROP', 'OP_1'], new Uint8Array(521)],
    ['Push value size limit exceeded', [new Uint8Array(521), 'DROP', 'OP_1']],
    ['Operation limit exceeded', [...Array<'NOP'>(202).fill('NOP'), 'OP_1']],
    ['Stack size limit exceeded', Array<'OP_1'>(1001).fill('OP_1')],
  ])('%s', (message, script, ...witness) => {
    expect(run(script, ...witness)).toBe(message);
  });

  it.each([
    ['Opcode missing or not understood', '02aa'],
    ['Opcode missing or not understood', '4c'],
    ['Opcode missing or not understood', '4d01'],
    ['Opcode missing or not understood', '4effffffff'],
    ['Data push larger than necessary', '0101'],
    ['Data push larger than necessary', '0181'],
    ['Data push larger than necessary', '4c01aa'],
    ['Data push larger than necessary', `4d0100aa`],
    ['Data push larger than necessary', '4c00'],
  ])('%s: %s', (message, hex) => {
    expect(failure(fromHex(hex), [])).toBe(message);
  });

  it('when too long', () => {
    expect(failure(new Uint8Array(10_001).fill(0x61), [ONE])).toBe('Script is too big');
  });

  it('on locks of a transaction that is final or of version 1', () => {
    const cltv = Script.encode([100, 'CHECKLOCKTIMEVERIFY']);
    expect(failure(cltv, [], { ...CONTEXT, sequence: 0xffff_ffff })).toBe(
      'Locktime requirement not satisfied',
    );
    const csv = Script.encode(['OP_10', 'CHECKSEQUENCEVERIFY']);
    expect(failure(csv, [], { ...CONTEXT, version: 1 })).toBe('Locktime requirement not satisfied');
    expect(failure(csv, [], { ...CONTEXT, sequence: 0x8000_000a })).toBe(
      'Locktime requirement not satisfied',
    );
  });

  it('only ever as a ScriptFailure, whatever the bytes', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 60 }),
        fc.array(fc.uint8Array({ maxLength: 5 }), { maxLength: 5 }),
        (script, witness) => {
          expect(['string', 'undefined']).toContain(typeof failure(script, witness));
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('script numbers', () => {
  it.each([
    ['', 0n],
    ['01', 1n],
    ['81', -1n],
    ['7f', 127n],
    ['8000', 128n],
    ['8080', -128n],
    ['ff7f', 32_767n],
    ['008000', 32_768n],
    ['ffffff7f', 2_147_483_647n],
    ['ffffffff', -2_147_483_647n],
  ])('%s is %d', (hex, value) => {
    expect(readNumber(fromHex(hex), 4)).toBe(value);
  });

  it('of lengths are read back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0x7fff_ffff }), (value) => {
        expect(readNumber(writeNumber(value), 5)).toBe(BigInt(value));
      }),
    );
  });
});

describe('DER signatures', () => {
  const lowS = fc
    .uint8Array({ minLength: 32, maxLength: 32 })
    .map((s) => s.map((byte, i) => (i === 0 ? (byte & 0x3f) | 1 : byte)));
  const r = fc
    .uint8Array({ minLength: 32, maxLength: 32 })
    .filter((bytes) => bytes.some((byte) => byte !== 0));

  it('come back as they were written', () => {
    fc.assert(
      fc.property(r, lowS, (one, two) => {
        expect(compactSignature(der(concat(one, two)))).toEqual(concat(one, two));
      }),
    );
  });

  it('are refused when cut, extended, or changed where the encoding is', () => {
    fc.assert(
      fc.property(r, lowS, fc.nat({ max: 5 }), (one, two, at) => {
        const good = der(concat(one, two));
        const places = [0, 1, 2, 3, 4 + good[3]!, 5 + good[3]!];
        for (const bad of [
          good.subarray(0, -1),
          concat(good, Uint8Array.of(0)),
          good.map((byte, i) => (i === places[at] ? byte ^ 0x40 : byte)),
        ]) {
          expect(() => compactSignature(bad)).toThrow(ScriptFailure);
        }
      }),
    );
  });

  it.each([
    ['negative r', '3006020181020101'],
    ['padded r', '300702020001020101'],
    ['an empty s', '3006020200800200'],
    ['r of 33 digits', `3026022101${'00'.repeat(32)}020101`],
    ['a high S', '3026020101022100' + '80'.padEnd(64, '0')],
  ])('are refused with %s', (_, hex) => {
    expect(() => compactSignature(fromHex(hex))).toThrow(ScriptFailure);
  });
});
