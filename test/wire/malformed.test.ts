import { describe, expect, test } from 'vitest';
import { EMPTY, fromHex, toHex } from '../../src/core/bytes.ts';
import { bolts } from '../../src/wire/bolts.ts';
import { decodeMessage } from '../../src/wire/codec.ts';
import { malformed } from '../../src/wire/malformed.ts';
import { errorOf } from './helpers/vectors.ts';

const ping = { num_pong_bytes: 1, ignored: fromHex('aabb') };
const init = { globalfeatures: EMPTY, features: EMPTY, tlvs: { remote_addr: { data: fromHex('01') } } };

const codeOf = (message: Uint8Array): string => errorOf(() => decodeMessage(bolts, message)).code;

describe('ping, 0012 0001 0002 aabb', () => {
  test.each([
    ['truncated', malformed(bolts, 'ping', ping, { truncateTo: 7 }), '001200010002aa', 'wire.truncated'],
    ['truncated within its type', malformed(bolts, 'ping', ping, { truncateTo: 1 }), '00', 'wire.truncated'],
    ['no bytes at all', malformed(bolts, 'ping', ping, { truncateTo: 0 }), '', 'wire.truncated'],
    [
      'length too large',
      malformed(bolts, 'ping', ping, { lengths: { byteslen: 3 } }),
      '001200010003aabb',
      'wire.truncated',
    ],
    [
      'bytes appended',
      malformed(bolts, 'ping', ping, { append: fromHex('fd') }),
      '001200010002aabbfd',
      'wire.truncated',
    ],
  ])('%s', (_, message, hex, code) => {
    expect(toHex(message)).toBe(hex);
    expect(codeOf(message)).toBe(code);
  });

  test('a length that is too small leaves the rest to the extension', () => {
    expect(toHex(malformed(bolts, 'ping', ping, { lengths: { byteslen: 0 } }))).toBe('001200010000aabb');
  });

  test('another type number', () => {
    expect(toHex(malformed(bolts, 'ping', ping, { type: 0x8000 }))).toBe('800000010002aabb');
  });

  test('several changes at once', () => {
    const change = { type: 1, lengths: { byteslen: 9 }, append: fromHex('cc'), truncateTo: 8 };
    expect(toHex(malformed(bolts, 'ping', ping, change))).toBe('000100010009aabb');
  });
});

describe('TLV records after remote_addr (type 3)', () => {
  const value = fromHex('2a');
  test.each([
    ['unknown even', [{ type: 200n, value }], 'c8012a', 'wire.unknown-even-tlv'],
    ['duplicate', [{ type: 3n, value }], '03012a', 'wire.tlv-order'],
    ['out of order', [{ type: 1n, value: EMPTY }], '0100', 'wire.tlv-order'],
    ['type not minimal', [{ type: 5n, value, typeWidth: 3 as const }], 'fd0005012a', 'wire.non-minimal'],
    [
      'length not minimal',
      [{ type: 5n, value, lengthWidth: 5 as const }],
      '05fe000000012a',
      'wire.non-minimal',
    ],
    ['length past the end', [{ type: 5n, value, length: 2n }], '05022a', 'wire.truncated'],
    [
      'a length of 2^64 - 1',
      [{ type: 5n, value, length: (1n << 64n) - 1n }],
      '05ffffffffffffffffff2a',
      'wire.truncated',
    ],
  ])('%s', (_, records, hex, code) => {
    const message = malformed(bolts, 'init', init, { records });
    expect(toHex(message)).toBe(`001000000000030101${hex}`);
    expect(codeOf(message)).toBe(code);
  });

  test('an unknown odd one is in order', () => {
    const message = malformed(bolts, 'init', init, { records: [{ type: 5n, value }] });
    expect(decodeMessage(bolts, message)).toMatchObject({
      fields: { tlvs: { unknown: [{ type: 5n, value }] } },
    });
  });
});

test('lengths within subtypes are reached by path', () => {
  const id = new Uint8Array(32);
  const fields = { channel_id: id, txid: id, witnesses: [{ witness_data: fromHex('aa') }], tlvs: {} };
  const message = malformed(bolts, 'tx_signatures', fields, { lengths: { 'witnesses.0.len': 9 } });
  expect(toHex(message).slice(-10)).toBe('00010009aa');
});

describe('changes that cannot be made', () => {
  test.each([
    [{ truncateTo: 8 }, 'wire.bad-value'],
    [{ truncateTo: -1 }, 'wire.bad-value'],
    [{ type: 65536 }, 'wire.bad-value'],
    [{ lengths: { byteslen: 65536 } }, 'wire.bad-value'],
    [{ lengths: { 'ignored.len': 1 } }, 'wire.unknown-field'],
    [{ append: new Uint8Array(65535) }, 'wire.too-long'],
  ])('%j', (change, code) => {
    const error = errorOf(() => malformed(bolts, 'ping', ping, change));
    expect({ code: error.code, blame: error.blame }).toEqual({ code, blame: 'harness' });
  });

  test('a type wider than its width', () => {
    const records = [{ type: 0x1_0000n, value: EMPTY, typeWidth: 3 as const }];
    expect(errorOf(() => malformed(bolts, 'ping', ping, { records })).code).toBe('wire.bad-value');
  });
});
