import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../src/core/bytes.ts';
import { defaultCrypto } from '../../src/crypto/crypto.ts';
import { initiator, responder } from '../../src/noise/handshake.ts';
import { withBadKey, withBadTag, withFlippedBit, withVersion } from '../../src/noise/malformed.ts';
import { codeOf } from '../crypto/code-of.ts';

const key = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const publicKey = (byte: number): Uint8Array => defaultCrypto.curve.publicKey(key(byte));

const fresh = {
  initiator: () =>
    initiator({ localPrivateKey: key(1), ephemeralPrivateKey: key(2), remotePublicKey: publicKey(3) }),
  responder: () => responder({ localPrivateKey: key(3), ephemeralPrivateKey: key(4) }),
};

/** Both sides up to act three; tests spoil one act of it. */
function acts() {
  const act1 = fresh.initiator().writeAct1();
  const act2 = fresh.responder().readAct1(act1.bytes).writeAct2();
  const actTwoRead = act1.next.readAct2(act2.bytes);
  return { act1, act2, actTwoRead, act3: actTwoRead.writeAct3() };
}

describe('the handshake', () => {
  it('leaves both sides with each other’s keys', () => {
    const { act2, act3 } = acts();
    const [i, r] = [act3.next, act2.next.readAct3(act3.bytes)];
    expect(r.remotePublicKey).toEqual(publicKey(1));
    expect(i.remotePublicKey).toEqual(publicKey(3));
    expect(i.localPublicKey).toEqual(publicKey(1));
    expect(r.localPublicKey).toEqual(publicKey(3));
    expect(toHex(i.ciphers.send.key)).toBe(toHex(r.ciphers.receive.key));
    expect(toHex(i.ciphers.receive.key)).toBe(toHex(r.ciphers.send.key));
    expect(toHex(i.ciphers.send.key)).not.toBe(toHex(i.ciphers.receive.key));
  });

  it('draws a fresh ephemeral key each time', () => {
    const options = { localPrivateKey: key(1), remotePublicKey: publicKey(3) };
    expect(initiator(options).writeAct1().bytes).not.toEqual(initiator(options).writeAct1().bytes);
  });

  it('can be stepped again from any state, with the same result', () => {
    const { act1, act2, actTwoRead, act3 } = acts();
    expect(codeOf(() => act2.next.readAct3(withBadTag(act3.bytes)))).toBe('noise.act3.bad-tag');
    expect(codeOf(() => act1.next.readAct2(withBadTag(act2.bytes)))).toBe('noise.act2.bad-tag');
    expect(actTwoRead.writeAct3().bytes).toEqual(act3.bytes);
    expect(act1.next.readAct2(act2.bytes).writeAct3().bytes).toEqual(act3.bytes);
    expect(act2.next.readAct3(act3.bytes).remotePublicKey).toEqual(publicKey(1));
  });

  it('refuses a responder with another static key', () => {
    const act1 = initiator({ localPrivateKey: key(1), remotePublicKey: publicKey(9) }).writeAct1();
    expect(codeOf(() => fresh.responder().readAct1(act1.bytes))).toBe('noise.act1.bad-tag');
  });

  it('refuses keys of ours that are none', () => {
    const bad = new Uint8Array(32);
    expect(codeOf(() => responder({ localPrivateKey: bad }))).toBe('crypto.bad-private-key');
    expect(codeOf(() => responder({ localPrivateKey: key(1), ephemeralPrivateKey: bad }))).toBe(
      'crypto.bad-private-key',
    );
    const start = initiator({ localPrivateKey: key(1), remotePublicKey: new Uint8Array(33) });
    expect(codeOf(() => start.writeAct1())).toBe('crypto.bad-point');
  });
});

describe('wrong acts made by hand', () => {
  const { act1, act2, actTwoRead, act3 } = acts();
  const read = {
    act1: (bytes: Uint8Array) => codeOf(() => fresh.responder().readAct1(bytes)),
    act2: (bytes: Uint8Array) => codeOf(() => act1.next.readAct2(bytes)),
    act3: (bytes: Uint8Array) => codeOf(() => act2.next.readAct3(bytes)),
  };
  const right = { act1: act1.bytes, act2: act2.bytes, act3: act3.bytes };
  const each = describe.each(['act1', 'act2', 'act3'] as const);

  each('%s', (act) => {
    it('any other version', () => {
      for (let version = 1; version < 256; version++) {
        expect(read[act](withVersion(right[act], version))).toBe(`noise.${act}.bad-version`);
      }
    });

    it('a bad tag', () => {
      expect(read[act](withBadTag(right[act]))).toBe(`noise.${act}.bad-tag`);
    });

    it('any other length', () => {
      for (let length = 0; length < right[act].length; length++) {
        expect(read[act](right[act].subarray(0, length))).toBe(`noise.${act}.read-failed`);
      }
      expect(read[act](new Uint8Array(right[act].length + 1))).toBe(`noise.${act}.read-failed`);
      expect(read[act](new Uint8Array(100_000))).toBe(`noise.${act}.read-failed`);
    });

    it('any changed bit is an error that names the act', () => {
      fc.assert(
        fc.property(fc.nat({ max: right[act].length - 1 }), fc.integer({ min: 1, max: 255 }), (at, mask) => {
          const bytes = Uint8Array.from(right[act]);
          bytes[at]! ^= mask;
          expect(read[act](bytes)).toMatch(new RegExp(`^noise\\.${act}\\.bad-`));
        }),
      );
    });
  });

  it.each(['act1', 'act2'] as const)('%s with a key off the curve', (act) => {
    expect(read[act](withBadKey(right[act]))).toBe(`noise.${act}.bad-pubkey`);
  });

  it('act3 with a spoiled ciphertext of the static key', () => {
    for (const at of [1, 33, 34, 49]) {
      expect(read.act3(withFlippedBit(right.act3, at))).toBe('noise.act3.bad-ciphertext');
    }
  });

  it('act3 that claims a static key off the curve, or somebody else’s', () => {
    const claimed = Uint8Array.from(publicKey(1));
    claimed[0] = 4;
    expect(read.act3(actTwoRead.writeAct3(claimed).bytes)).toBe('noise.act3.bad-pubkey');
    expect(read.act3(actTwoRead.writeAct3(publicKey(7)).bytes)).toBe('noise.act3.bad-tag');
  });
});
