import { describe, expect, it } from 'vitest';
import { toHex } from '../../src/core/bytes.ts';
import { brief } from '../../src/peer/step.ts';
import { toJson, Transcript } from '../../src/peer/transcript.ts';

describe('a transcript', () => {
  it('numbers connections, and keeps messages with type, name, length, bytes and fields', () => {
    const transcript = new Transcript();
    expect([transcript.openLink(), transcript.openLink()]).toEqual([0, 1]);
    transcript.message(1, 'in', Uint8Array.of(1, 2, 3), { name: 'x', fields: { a: 1n } });
    transcript.message(1, 'out', Uint8Array.of(7), {});
    transcript.note(0, 'hello');
    const at = expect.any(Number) as unknown;
    expect(transcript.entries()).toEqual([
      { at, link: 1, dir: 'in', type: 258, name: 'x', length: 3, hex: '010203', fields: { a: '1' } },
      { at, link: 1, dir: 'out', length: 1, hex: '07' },
      { at, link: 0, dir: 'note', text: 'hello' },
    ]);
  });

  it('cuts long messages after 2 KiB, with their whole length', () => {
    const transcript = new Transcript();
    transcript.message(0, 'in', new Uint8Array(2048).fill(1), {});
    transcript.message(0, 'in', new Uint8Array(2049).fill(1), {});
    const [whole, cut] = transcript.entries();
    expect([whole?.length, whole?.hex]).toEqual([2048, '01'.repeat(2048)]);
    expect([cut?.length, cut?.hex]).toEqual([2049, '01'.repeat(2048)]);
  });

  it('of 300 entries is whole; of more, keeps the first and the last and counts the others', () => {
    const transcript = new Transcript();
    const add = (from: number, to: number): void => {
      for (let i = from; i < to; i++) transcript.note(0, String(i));
    };
    add(0, 300);
    expect(transcript.entries().map(({ text }) => text)).toEqual(
      Array.from({ length: 300 }, (_, i) => String(i)),
    );
    add(300, 1000);
    const texts = transcript.entries().map(({ text }) => text);
    expect(texts).toHaveLength(301);
    expect(texts.slice(148, 153)).toEqual(['148', '149', '700 messages are left out here', '850', '851']);
    expect(texts.at(-1)).toBe('999');
  });

  it('cleans and shortens the text of a node', () => {
    const transcript = new Transcript();
    transcript.note(0, `\u001b]0;title\u0007\u202eevil\u0000${'x'.repeat(600)}`);
    const [entry] = transcript.entries();
    expect(entry?.text).toMatch(/^\ufffdevil\ufffdx+… \(\d+ more characters\)$/);
  });
});

describe('toJson', () => {
  it.each([
    [123456789012345678901n, '123456789012345678901'],
    [7, 7],
    [true, true],
    [null, null],
    [undefined, 'undefined'],
    ['plain', 'plain'],
    [Uint8Array.of(0xab), 'ab'],
    [Buffer.from([0xab]), 'ab'],
    [
      [1n, [Uint8Array.of(1)]],
      ['1', ['01']],
    ],
    [new Set([1, 2]), [1, 2]],
    [new Map([[1, { a: undefined, b: 2 }]]), { 1: { b: 2 } }],
    [new TypeError('no\u0000'), 'no\ufffd'],
  ])('of %o', (value, json) => {
    expect(toJson(value)).toEqual(json);
  });

  it('shortens bytes over 256, lists over 64, text over 4000, and what is nested deeply', () => {
    expect(toJson(new Uint8Array(256))).toBe('00'.repeat(256));
    expect(toJson(new Uint8Array(257))).toBe(`${'00'.repeat(256)}… (257 bytes)`);
    expect(toJson(Array.from({ length: 64 }, () => 0))).toHaveLength(64);
    const long = toJson(Array.from({ length: 65 }, () => 0)) as unknown[];
    expect([long.length, long.at(-1)]).toEqual([65, '… (65 in all)']);
    expect((toJson('x'.repeat(5000)) as string).length).toBeLessThan(4100);
    const cyclic: Record<string, unknown> = { n: 1 };
    cyclic.self = cyclic;
    expect(JSON.stringify(toJson(cyclic))).toContain('…');
  });

  it('makes hostile text harmless, in values and in names', () => {
    const json = JSON.stringify(toJson({ '\u001b[2Jname': 'a\u001b[31mb\u202ec', ['k'.repeat(500)]: 1 }));
    // eslint-disable-next-line no-control-regex -- that none is left is the point
    expect(json).not.toMatch(/\\u001b|[\u0000-\u001f\u202e]/);
    expect(json).toContain('"name":"ab\ufffdc"');
    expect(json.length).toBeLessThan(400);
  });

  it('survives JSON: what it gives is what a journal reads back', () => {
    const value = {
      amount: 5n,
      key: Uint8Array.of(1),
      list: [{ deep: new Map([['x', 1n]]) }],
      __proto__: null,
    };
    const json = toJson(value);
    expect(JSON.parse(JSON.stringify(json))).toEqual(json);
  });
});

describe('brief', () => {
  it('is one line of at most about 200 characters', () => {
    expect(brief('as it is')).toBe('as it is');
    expect(brief({ a: 1n })).toBe('{"a":"1"}');
    expect(brief(toHex(new Uint8Array(500)))).toHaveLength(201);
  });
});
