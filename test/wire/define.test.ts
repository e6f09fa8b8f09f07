import { describe, expect, test } from 'vitest';
import { bolts } from '../../src/wire/bolts.ts';
import { decodeMessage, encodeMessage } from '../../src/wire/codec.ts';
import { defineMessages, mergeMessages, type MessageDefinitions } from '../../src/wire/define.ts';
import { errorOf } from './helpers/vectors.ts';

const message = (data: Record<string, string>): MessageDefinitions => ({
  messages: { m: { type: 1, data } },
});
const record = (data: Record<string, string>): MessageDefinitions => ({
  streams: { s: { r: { type: 1, data } } },
});

describe('definitions that make no sense', () => {
  test.each<[string, MessageDefinitions, RegExp]>([
    ['a misspelt type', message({ a: 'signatur' }), /unknown type signatur; is signature meant/],
    ['a type number too large', { messages: { m: { type: 65536, data: {} } } }, /65536 is no message type/],
    [
      'the same type number twice',
      { messages: { a: { type: 1, data: {} }, b: { type: 1, data: {} } } },
      /a and b have the same type 1/,
    ],
    [
      'a record type twice',
      { streams: { s: { a: { type: 1, data: {} }, b: { type: 1, data: {} } } } },
      /same type 1/,
    ],
    ['a negative record type', { streams: { s: { a: { type: -1, data: {} } } } }, /no record type/],
    ['a length field after its array', message({ a: 'len*byte', len: 'u16' }), /len does not come before/],
    [
      'one length field for two arrays',
      message({ len: 'u16', a: 'len*byte', b: 'len*byte' }),
      /cannot be its length/,
    ],
    ['a length field of 64 bits', message({ len: 'u64', a: 'len*byte' }), /cannot be its length/],
    ['all that is left in a message', message({ a: '...*byte' }), /nothing can follow/],
    ['a truncated integer in a message', message({ a: 'tu32' }), /nothing can follow/],
    ['a field after all that is left', record({ a: '...*byte', b: 'u8' }), /nothing can follow/],
    ['a truncated integer repeated', record({ a: '2*tu32' }), /cannot be repeated/],
    ['an array of nothing', record({ a: '0*byte' }), /array of nothing/],
    ['tlvs that are no stream', message({ tlvs: 'u16' }), /tlvs are a TLV stream/],
    ['a stream under another name', { ...record({}), ...message({ extension: 's' }) }, /nothing can follow/],
    ['a record called unknown', { streams: { s: { unknown: { type: 1, data: {} } } } }, /taken by records/],
    ['a subtype without fields', { subtypes: { nothing: {} } }, /without fields/],
    ['a subtype within itself', { subtypes: { a: { b: 'b' }, b: { a: '3*a' } } }, /a type within itself/],
    ['a number as a name', message({ a: 'u8', 0: 'u8' }), /number as a name/],
    ['a part that there is not', { mesages: {} } as MessageDefinitions, /not mesages/],
  ])('%s', (_, definitions, text) => {
    const error = errorOf(() => defineMessages(definitions));
    expect(error).toMatchObject({ code: 'wire.bad-definition', blame: 'harness' });
    expect(error.message).toMatch(text);
  });
});

describe('merging', () => {
  test('the second may use subtypes of the first', () => {
    const table = mergeMessages(bolts, {
      messages: { ours: { type: 32769, data: { path: 'blinded_path' } } },
    });
    const point = new Uint8Array(33).fill(2);
    const path = { first_node_id: point, first_path_key: point, path: [] };
    const decoded = decodeMessage(table, encodeMessage(table, 'ours', { path }));
    expect(decoded).toMatchObject({ name: 'ours', fields: { path } });
  });

  test('a name or type number of the BOLTs is not taken twice', () => {
    const name = errorOf(() => mergeMessages(bolts, { messages: { ping: { type: 40000, data: {} } } }));
    expect(name).toMatchObject({
      code: 'wire.bad-definition',
      message: expect.stringContaining('ping') as string,
    });
    const type = errorOf(() => mergeMessages(bolts, { messages: { mine: { type: 18, data: {} } } }));
    expect(type.message).toMatch(/ping and mine have the same type 18/);
  });
});
