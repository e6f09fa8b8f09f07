import { describe, expect, test } from 'vitest';
import { concat, EMPTY, fromHex, toHex } from '../../src/core/bytes.ts';
import { bolts } from '../../src/wire/bolts.ts';
import {
  decodeMessage,
  decodeTlvStream,
  encodeMessage,
  encodeTlvStream,
  messageName,
} from '../../src/wire/codec.ts';
import type { MessageTable } from '../../src/wire/types.ts';
import { errorOf } from './helpers/vectors.ts';

// As from JavaScript: whatever fields.
const untyped: MessageTable = bolts;
const id = new Uint8Array(32).fill(0xab);
const G = fromHex('0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798');

describe('bytes, composed by hand from the BOLTs', () => {
  test('ping: type 18, num_pong_bytes, byteslen, ignored', () => {
    const raw = encodeMessage(bolts, 'ping', { num_pong_bytes: 0x0102, ignored: fromHex('aabbcc') });
    expect(toHex(raw)).toBe('0012' + '0102' + '0003' + 'aabbcc');
  });

  test('init with two networks: each record as type, length, value', () => {
    const raw = encodeMessage(bolts, 'init', {
      globalfeatures: EMPTY,
      features: fromHex('0200'),
      tlvs: { networks: { chains: [id, id] }, remote_addr: { data: fromHex('01') } },
    });
    expect(toHex(raw)).toBe('0010' + '0000' + '00020200' + `0140${toHex(id)}${toHex(id)}` + '030101');
  });

  test('commitment_signed counts its signatures', () => {
    const raw = encodeMessage(bolts, 'commitment_signed', {
      channel_id: id,
      signature: new Uint8Array(64).fill(1),
      htlc_signature: [new Uint8Array(64).fill(2), new Uint8Array(64).fill(3)],
      tlvs: {},
    });
    const expected = ['0084', toHex(id), '01'.repeat(64), '0002', '02'.repeat(64), '03'.repeat(64)];
    expect(toHex(raw)).toBe(expected.join(''));
  });

  test('splice_init: a negative contribution is two’s complement, an empty record has length 0', () => {
    const raw = encodeMessage(bolts, 'splice_init', {
      channel_id: id,
      funding_contribution_satoshis: -500000000000n,
      funding_feerate_perkw: 253,
      locktime: 0,
      funding_pubkey: G,
      tlvs: { require_confirmed_inputs: {} },
    });
    const expected = ['0050', toHex(id), 'ffffff8b95ad7800', '000000fd', '00000000', toHex(G), '0200'];
    expect(toHex(raw)).toBe(expected.join(''));
  });

  test('records are written by type, whatever the order given', () => {
    const unknown = [
      { type: 301n, value: fromHex('aa') },
      { type: 5n, value: EMPTY },
    ];
    const bytes = encodeTlvStream(bolts, 'init_tlvs', { unknown, remote_addr: { data: EMPTY } });
    expect(toHex(bytes)).toBe('0300' + '0500' + 'fd012d01aa');
  });

  test('sciddir_or_pubkey in both forms', () => {
    const path = (first_node_id: Uint8Array | { direction: 0 | 1; short_channel_id: string }) =>
      encodeTlvStream(bolts, 'onionmsg_tlv', {
        reply_path: { path: { first_node_id, first_path_key: G, path: [] } },
      });
    expect(toHex(path(G))).toBe(`0243${toHex(G)}${toHex(G)}00`);
    expect(toHex(path({ direction: 1, short_channel_id: '1x2x3' }))).toBe(
      `022b010000010000020003${toHex(G)}00`,
    );
  });
});

describe('what is decoded', () => {
  test('keeps a message of unknown type whole', () => {
    const raw = fromHex('8001c0ffee');
    expect(decodeMessage(bolts, raw)).toStrictEqual({
      name: undefined,
      type: 0x8001,
      payload: fromHex('c0ffee'),
      raw,
    });
  });

  test('keeps an extension of a message for which no stream is defined', () => {
    const decoded = decodeMessage(bolts, fromHex('00130000' + '0501aa'));
    expect(decoded).toMatchObject({ fields: { tlvs: { unknown: [{ type: 5n, value: fromHex('aa') }] } } });
  });

  test('is a copy: it does not change with the buffer', () => {
    const buffer = Buffer.from('00120000' + '0002aaaa' + '0501aa', 'hex');
    const decoded = decodeMessage(bolts, buffer);
    buffer.fill(0);
    if (decoded.name !== 'ping') expect.unreachable('not a ping');
    expect(toHex(decoded.raw)).toBe('001200000002aaaa0501aa');
    decoded.raw.fill(0);
    expect(decoded.fields).toStrictEqual({
      num_pong_bytes: 0,
      ignored: fromHex('aaaa'),
      tlvs: { unknown: [{ type: 5n, value: fromHex('aa') }] },
    });
  });

  test('text keeps a byte order mark', () => {
    const bytes = fromHex('1204' + 'efbbbf41');
    const decoded = decodeTlvStream(bolts, 'offer', bytes);
    expect(decoded).toStrictEqual({ offer_issuer: { issuer: '\ufeffA' } });
    expect(encodeTlvStream(bolts, 'offer', decoded)).toStrictEqual(bytes);
  });

  test('messageName names known types only', () => {
    expect(messageName(bolts, 16)).toBe('init');
    expect(messageName(bolts, 0x8001)).toBeUndefined();
  });
});

describe('received bytes that are wrong', () => {
  const shutdown = toHex(encodeMessage(bolts, 'shutdown', { channel_id: id, scriptpubkey: fromHex('0014') }));
  const open = ['0020', toHex(id), toHex(id), '00'.repeat(8 * 6 + 4 + 2 + 2), toHex(G).repeat(6), '00'].join(
    '',
  );
  test.each([
    ['nothing', '', 'wire.truncated', 'message', 0],
    ['half a type', '00', 'wire.truncated', 'message', 0],
    ['a length beyond the end', '001200010005aa', 'wire.truncated', 'ping.ignored', 6],
    ['a channel_id cut short', shutdown.slice(0, 60), 'wire.truncated', 'shutdown.channel_id', 2],
    ['no length field', shutdown.slice(0, 68), 'wire.truncated', 'shutdown.len', 34],
    [
      'a point with prefix 04',
      open.replace('0279be', '0479be'),
      'wire.bad-value',
      'open_channel.funding_pubkey',
      122,
    ],
    [
      'a record longer than the message',
      `${open}0002aa`,
      'wire.truncated',
      'open_channel.tlvs.upfront_shutdown_script',
      321,
    ],
    ['a record twice', `${open}01000100`, 'wire.tlv-order', 'open_channel.tlvs', 323],
    ['an unknown even record', `${open}0200`, 'wire.unknown-even-tlv', 'open_channel.tlvs.2', 321],
    ['an even record after ping', '001200010000' + '0400', 'wire.unknown-even-tlv', 'ping.tlvs.4', 6],
    [
      'half a chain_hash',
      '001000000000' + '0110' + '00'.repeat(16),
      'wire.tlv-length',
      'init.tlvs.networks.chains.0',
      8,
    ],
  ])('%s', (_, hex, code, path, offset) => {
    const error = errorOf(() => decodeMessage(bolts, fromHex(hex)));
    expect({ code: error.code, blame: error.blame }).toEqual({ code, blame: 'node' });
    expect(error.details).toMatchObject({ path, offset });
  });

  test('a count beyond the end is refused without reading so much', () => {
    const raw = concat(fromHex('0084'), id, new Uint8Array(64), fromHex('ffff'), new Uint8Array(64));
    expect(errorOf(() => decodeMessage(bolts, raw)).details.path).toBe('commitment_signed.htlc_signature.1');
  });
});

describe('fields that are wrong', () => {
  const ping = { num_pong_bytes: 1, ignored: EMPTY };
  const init = { globalfeatures: EMPTY, features: EMPTY, tlvs: {} };
  test.each<[string, string, unknown, string, RegExp]>([
    ['missing', 'ping', { ignored: EMPTY }, 'wire.missing-field', /ping\.num_pong_bytes/],
    ['undefined', 'ping', { ...ping, ignored: undefined }, 'wire.missing-field', /ping\.ignored/],
    ['missing tlvs', 'init', { globalfeatures: EMPTY, features: EMPTY }, 'wire.missing-field', /init\.tlvs/],
    ['misspelt', 'ping', { ...ping, num_pong_byte: 1 }, 'wire.unknown-field', /is num_pong_bytes meant/],
    ['a length field', 'ping', { ...ping, byteslen: 0 }, 'wire.unknown-field', /ping\.byteslen/],
    [
      'a misspelt record',
      'init',
      { ...init, tlvs: { network: {} } },
      'wire.unknown-field',
      /is networks meant/,
    ],
    ['no object', 'ping', 3, 'wire.bad-value', /ping: an object/],
    ['an array for an object', 'ping', [], 'wire.bad-value', /ping: an object/],
    ['too large', 'ping', { ...ping, num_pong_bytes: 65536 }, 'wire.bad-value', /num_pong_bytes: 65536/],
    ['negative', 'ping', { ...ping, num_pong_bytes: -1 }, 'wire.bad-value', /num_pong_bytes: -1/],
    ['a fraction', 'ping', { ...ping, num_pong_bytes: 1.5 }, 'wire.bad-value', /num_pong_bytes/],
    ['text for bytes', 'ping', { ...ping, ignored: 'aa' }, 'wire.bad-value', /ping.*Uint8Array/],
    ['too many bytes', 'ping', { ...ping, ignored: new Uint8Array(65536) }, 'wire.bad-value', /65536/],
    [
      'a message too long',
      'ping',
      { ...ping, ignored: new Uint8Array(65530) },
      'wire.too-long',
      /65536 bytes/,
    ],
    [
      '31 bytes for 32',
      'tx_complete',
      { channel_id: id.slice(1) },
      'wire.bad-value',
      /32 bytes expected, got 31/,
    ],
    [
      'number for bigint',
      'tx_remove_input',
      { channel_id: id, serial_id: 1 },
      'wire.bad-value',
      /a bigint expected/,
    ],
    [
      'text for a number',
      'reply_short_channel_ids_end',
      { chain_hash: id, full_information: '1' },
      'wire.bad-value',
      /full_information/,
    ],
    [
      'an even unknown record',
      'init',
      { ...init, tlvs: { unknown: [{ type: 200n, value: EMPTY }] } },
      'wire.unknown-even-tlv',
      /200/,
    ],
    [
      'a known record as unknown',
      'init',
      { ...init, tlvs: { unknown: [{ type: 1n, value: EMPTY }] } },
      'wire.bad-value',
      /networks/,
    ],
    [
      'an unknown record twice',
      'init',
      { ...init, tlvs: { unknown: [7n, 7n].map((type) => ({ type, value: EMPTY })) } },
      'wire.tlv-order',
      /7 twice/,
    ],
    ['null for a record', 'init', { ...init, tlvs: { unknown: [null] } }, 'wire.bad-value', /unknown/],
  ])('%s', (_, name, fields, code, message) => {
    const error = errorOf(() => encodeMessage(untyped, name, fields as Record<string, unknown>));
    expect({ code: error.code, blame: error.blame }).toEqual({ code, blame: 'harness' });
    expect(error.message).toMatch(message);
  });

  test('an unknown message is answered with the nearest name', () => {
    const error = errorOf(() => encodeMessage(untyped, 'open_chanel', {}));
    expect(error).toMatchObject({ code: 'wire.unknown-message', hint: 'Is open_channel meant?' });
    expect(errorOf(() => encodeTlvStream(untyped, 'payloads', {})).code).toBe('wire.unknown-tlv-stream');
  });

  test.each(['1x2', '01x2x3', '16777216x0x0', '1x16777216x0', '0x0x65536', '-1x0x0', ''])(
    '%j is no short channel id',
    (alias) => {
      const fields = {
        channel_id: id,
        second_per_commitment_point: G,
        tlvs: { short_channel_id: { alias } },
      };
      expect(errorOf(() => encodeMessage(bolts, 'channel_ready', fields)).code).toBe('wire.bad-value');
    },
  );

  test('half a surrogate pair is not UTF-8', () => {
    const offer_description = { description: 'a\ud800b' };
    expect(errorOf(() => encodeTlvStream(bolts, 'offer', { offer_description })).code).toBe('wire.bad-value');
  });

  test('a point is written whether or not it is one', () => {
    const point = new Uint8Array(33).fill(9);
    const raw = encodeMessage(bolts, 'revoke_and_ack', {
      channel_id: id,
      per_commitment_secret: id,
      next_per_commitment_point: point,
    });
    expect(raw.slice(-33)).toStrictEqual(point);
  });
});
