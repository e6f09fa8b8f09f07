import { describe, expect, it } from 'vitest';
import { fromHex } from '../../../src/core/bytes.ts';
import { dustThresholdSat } from '../../../src/channel/transactions/dust.ts';
import { isShutdownScript } from '../../../src/channel/transactions/shutdown-script.ts';

const bytes = (count: number): string => 'ab'.repeat(count);
const byte = (value: number): string => value.toString(16).padStart(2, '0');
const witness = (version: number, count: number): string =>
  byte(version === 0 ? 0 : 0x50 + version) + byte(count) + bytes(count);
const returns = (count: number): string => `6a${byte(count)}${bytes(count)}`;
const returnsLong = (count: number): string => `6a4c${byte(count)}${bytes(count)}`;

const allowed = (script: string, option_shutdown_anysegwit: boolean, option_simple_close: boolean): boolean =>
  isShutdownScript(fromHex(script), { option_shutdown_anysegwit, option_simple_close });

/** BOLT 2, Closing Initiation: the forms of `scriptpubkey`. */
describe('a scriptpubkey of shutdown', () => {
  it.each([witness(0, 20), witness(0, 32)])('%s: always', (script) => {
    expect(allowed(script, false, false)).toBe(true);
  });

  it.each([witness(1, 32), witness(1, 2), witness(1, 40), witness(16, 2), witness(16, 40), '51024e73'])(
    '%s: with option_shutdown_anysegwit only',
    (script) => {
      expect(allowed(script, false, true)).toBe(false);
      expect(allowed(script, true, false)).toBe(true);
    },
  );

  it.each([returns(6), returns(75), returnsLong(76), returnsLong(80)])(
    '%s: with option_simple_close only',
    (script) => {
      expect(allowed(script, true, false)).toBe(false);
      expect(allowed(script, false, true)).toBe(true);
    },
  );

  it.each([
    '',
    '6a',
    returns(5),
    returns(76),
    `${returns(6)}00`,
    returns(6).slice(0, -2),
    `${returns(6)}${returns(6).slice(2)}`,
    `6a4d${bytes(77)}`,
    returnsLong(75),
    returnsLong(81),
    `${returnsLong(76)}00`,
    returnsLong(76).slice(0, -2),
    `6a4d5000${bytes(80)}`,
    witness(0, 21),
    witness(0, 40),
    witness(1, 1),
    witness(1, 41),
    `61${byte(32)}${bytes(32)}`,
    `4f${byte(32)}${bytes(32)}`,
    `${witness(1, 32)}00`,
    `512102${bytes(32)}51ae`,
    `76a914${bytes(20)}88ac`,
    `a914${bytes(20)}87`,
  ])('"%s": never', (script) => {
    expect(allowed(script, true, true)).toBe(false);
  });
});

/** BOLT 3, Dust Limits */
describe('the dust threshold', () => {
  it.each([
    ['p2pkh', `76a914${bytes(20)}88ac`, 546n],
    ['p2sh', `a914${bytes(20)}87`, 540n],
    ['p2wpkh', witness(0, 20), 294n],
    ['p2wsh', witness(0, 32), 330n],
    ['p2a', '51024e73', 240n],
    ['unknown segwit', witness(16, 40), 354n],
    ['OP_RETURN', returns(6), 0n],
  ])('of %s', (_, script, expected) => {
    expect(dustThresholdSat(fromHex(script))).toBe(expected);
  });
});
