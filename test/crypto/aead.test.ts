import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, fromHex, toHex } from '../../src/core/bytes.ts';
import { aeads } from '../../src/crypto/crypto.ts';
import { codeOf } from './code-of.ts';

interface Vector {
  readonly where: string;
  readonly key: string;
  readonly nonce: string;
  readonly ad: string;
  readonly plaintext: string;
  readonly sealed: string;
}

const VECTORS: readonly Vector[] = [
  {
    where: 'RFC 8439, 2.8.2',
    key: '808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f',
    nonce: '070000004041424344454647',
    ad: '50515253c0c1c2c3c4c5c6c7',
    plaintext:
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
    sealed:
      'd31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6' +
      '3dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36' +
      '92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc' +
      '3ff4def08e4b7a9de576d26586cec64b6116' +
      '1ae10b594f09e26a7e902ecbd0600691',
  },
  {
    where: 'RFC 8439, A.5',
    key: '1c9240a5eb55d38af333888604f6b5f0473917c1402b80099dca5cbc207075c0',
    nonce: '000000000102030405060708',
    ad: 'f33388860000000000004e91',
    plaintext:
      'Internet-Drafts are draft documents valid for a maximum of six months and may be updated, replaced, or obsoleted by ' +
      'other documents at any time. It is inappropriate to use Internet-Drafts as reference material or to cite them other ' +
      'than as /“work in progress./”',
    sealed:
      '64a0861575861af460f062c79be643bd5e805cfd345cf389f108670ac76c8cb2' +
      '4c6cfc18755d43eea09ee94e382d26b0bdb7b73c321b0100d4f03b7f355894cf' +
      '332f830e710b97ce98c8a84abd0b948114ad176e008d33bd60f982b1ff37c855' +
      '9797a06ef4f0ef61c186324e2b3506383606907b6a7c02b0f9f6157b53c867e4' +
      'b9166c767b804d46a59b5216cde7a4e99040c5a40433225ee282a1b0a06c523e' +
      'af4534d7f83fa1155b0047718cbc546a0d072b04b3564eea1b422273f548271a' +
      '0bb2316053fa76991955ebd63159434ecebb4e466dae5a1073a6727627097a10' +
      '49e617d91d361094fa68f0ff77987130305beaba2eda04df997b714d6c6f2c29' +
      'a6ad5cb4022b02709b' +
      'eead9d67890cbb22392336fea1851f38',
  },
];

const key = new Uint8Array(32).fill(7);
const nonce = new Uint8Array(12).fill(9);
const none = new Uint8Array(0);

describe.each(aeads)('$name', (aead) => {
  it.each(VECTORS)('$where', (vector) => {
    const plaintext = Uint8Array.from(Buffer.from(vector.plaintext));
    const [k, n, ad, sealed] = [vector.key, vector.nonce, vector.ad, vector.sealed].map(fromHex);
    expect(toHex(aead.seal(k!, n!, ad!, plaintext))).toBe(vector.sealed);
    expect(aead.open(k!, n!, ad!, sealed!)).toEqual(plaintext);
  });

  it('refuses a change of any one bit, of the key, the nonce or the associated data', () => {
    const bit = fc.integer({ min: 0, max: 7 });
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 100 });
    fc.assert(
      fc.property(bytes, bytes, fc.nat(), bit, (ad, plaintext, at, bitAt) => {
        const parts = { key, nonce, ad, sealed: aead.seal(key, nonce, ad, plaintext) };
        for (const name of ['key', 'nonce', 'ad', 'sealed'] as const) {
          const changed = Uint8Array.from(parts[name]);
          changed[at % changed.length]! ^= 1 << bitAt;
          const spoiled = { ...parts, [name]: changed };
          const open = (): unknown => aead.open(spoiled.key, spoiled.nonce, spoiled.ad, spoiled.sealed);
          expect(codeOf(open)).toBe('crypto.bad-tag');
        }
      }),
    );
  });

  it('refuses what is shorter than a tag', () => {
    for (const length of [0, 1, 15]) {
      expect(codeOf(() => aead.open(key, nonce, none, new Uint8Array(length)))).toBe('crypto.bad-tag');
    }
  });

  it('writes into a given array, at any alignment, and refuses one of another length', () => {
    const plaintext = new Uint8Array(70).fill(3);
    for (let offset = 0; offset < 5; offset++) {
      const memory = new Uint8Array(100);
      aead.seal(key, nonce, none, plaintext, memory.subarray(offset, offset + 86));
      expect(memory.slice(offset, offset + 86)).toEqual(aead.seal(key, nonce, none, plaintext));
      expect(concat(memory.slice(0, offset), memory.slice(offset + 86))).toEqual(new Uint8Array(14));
    }
    for (const length of [85, 87]) {
      expect(codeOf(() => aead.seal(key, nonce, none, plaintext, new Uint8Array(length)))).toBe(
        'crypto.bad-length',
      );
    }
  });

  it('opens to a plain array that owns its memory', () => {
    for (const length of [0, 1, 70, 65535]) {
      const opened = aead.open(key, nonce, none, aead.seal(key, nonce, none, new Uint8Array(length)));
      expect(Object.getPrototypeOf(opened)).toBe(Uint8Array.prototype);
      expect([opened.length, opened.buffer.byteLength]).toEqual([length, length]);
    }
  });

  it('refuses keys and nonces of another length', () => {
    for (const [k, n] of [
      [key.subarray(1), nonce],
      [new Uint8Array(33), nonce],
      [key, new Uint8Array(8)],
      [key, new Uint8Array(24)],
    ] as const) {
      expect(codeOf(() => aead.seal(k, n, none, none))).toBe('crypto.bad-length');
      expect(codeOf(() => aead.open(k, n, none, new Uint8Array(16)))).toBe('crypto.bad-length');
    }
  });
});

it('the backends agree, and open what the other sealed', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.uint8Array({ minLength: 12, maxLength: 12 }),
      fc.uint8Array({ maxLength: 80 }),
      fc.uint8Array({ maxLength: 5000, size: 'max' }),
      (k, n, ad, plaintext) => {
        const sealed = aeads.map((aead) => aead.seal(k, n, ad, plaintext));
        expect(new Set(sealed.map(toHex)).size).toBe(1);
        for (const aead of aeads) expect(aead.open(k, n, ad, sealed[0]!)).toEqual(plaintext);
      },
    ),
  );
});
