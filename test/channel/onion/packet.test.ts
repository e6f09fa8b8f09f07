import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, fromHex, toHex } from '../../../src/core/bytes.ts';
import { defaultCrypto } from '../../../src/crypto/crypto.ts';
import { makeOnion } from '../../../src/channel/onion/make.ts';
import { peelOnion } from '../../../src/channel/onion/peel.ts';
import { codeOf } from '../../crypto/code-of.ts';
import { privateKeys, readFixture, routes } from './fixtures.ts';

interface OnionTest {
  readonly generate: {
    readonly session_key: string;
    readonly associated_data: string;
    readonly hops: readonly { readonly pubkey: string; readonly payload: string }[];
  };
  readonly onion: string;
  readonly decode: readonly string[];
}

const { generate, onion, decode } = readFixture('bolt04/onion-test.json') as OnionTest;
const associatedData = fromHex(generate.associated_data);
const none = new Uint8Array(0);

/** The vector's payloads begin with their length, which `makeOnion` would write itself. */
const hops = generate.hops.map(({ pubkey, payload }) => ({
  nodeId: fromHex(pubkey),
  payload: fromHex(payload),
  lengthPrefix: none,
}));

describe('the vector of BOLT 4', () => {
  it('is made', () => {
    const { packet } = makeOnion({ sessionKey: fromHex(generate.session_key), hops, associatedData });
    expect(toHex(packet)).toBe(onion);
  });

  it('is made from payloads without their lengths', () => {
    const stripped = generate.hops.map(({ pubkey, payload }) => ({
      nodeId: fromHex(pubkey),
      payload: fromHex(payload.slice(payload.startsWith('fd') ? 6 : 2)),
    }));
    const { packet } = makeOnion({
      sessionKey: fromHex(generate.session_key),
      hops: stripped,
      associatedData,
    });
    expect(toHex(packet)).toBe(onion);
  });

  it('is peeled by each hop', () => {
    let packet = fromHex(onion);
    for (const [i, key] of decode.entries()) {
      const peeled = peelOnion({ packet, privateKey: fromHex(key), associatedData });
      if (peeled.kind !== 'forward' && peeled.kind !== 'final') throw new Error(peeled.kind);
      expect(peeled.kind).toBe(i === decode.length - 1 ? 'final' : 'forward');
      const payload = fromHex(generate.hops[i]?.payload ?? '');
      expect(peeled.payload).toEqual(payload.slice(peeled.lengthWidth));
      if (peeled.kind === 'forward') packet = peeled.nextPacket;
    }
  });
});

it('any route of 1 to 27 hops peels to what was put in', () => {
  fc.assert(
    fc.property(routes(27), privateKeys, fc.uint8Array({ maxLength: 40 }), (route, sessionKey, data) => {
      const made = makeOnion({ sessionKey, hops: route, associatedData: data });
      let { packet } = made;
      expect(packet.length).toBe(1366);
      for (const [i, { privateKey, payload }] of route.entries()) {
        const peeled = peelOnion({ packet, privateKey, associatedData: data });
        expect(peeled).toMatchObject({ payload, sharedSecret: made.sharedSecrets[i] });
        expect(peeled.kind).toBe(i === route.length - 1 ? 'final' : 'forward');
        if (peeled.kind === 'forward') packet = peeled.nextPacket;
        expect(packet.length).toBe(1366);
      }
    }),
    { numRuns: 25 },
  );
});

it('fills the payloads to the last byte, and not beyond it', () => {
  const [first] = hops;
  const sessionKey = fromHex(generate.session_key);
  for (const payloadsLength of [100, 1300, 32768]) {
    const prefix = payloadsLength < 253 ? 1 : 3;
    const payload = new Uint8Array(payloadsLength - prefix - 32).fill(1);
    const make = (bytes: Uint8Array): Uint8Array =>
      makeOnion({ sessionKey, hops: [{ nodeId: first!.nodeId, payload: bytes }], payloadsLength }).packet;
    const peeled = peelOnion({ packet: make(payload), privateKey: fromHex(decode[0]!) });
    expect(peeled).toMatchObject({ kind: 'final', payload });
    expect(codeOf(() => make(concat(payload, Uint8Array.of(1))))).toBe('channel.onion-route');
  }
});

it('is not made for no hop', () => {
  expect(codeOf(() => makeOnion({ sessionKey: fromHex(generate.session_key), hops: [] }))).toBe(
    'channel.onion-route',
  );
});

describe('a packet that cannot be peeled', () => {
  const privateKey = fromHex(decode[0]!);
  const good = fromHex(onion);
  const sha256Of = (packet: Uint8Array): unknown => ({
    sha256_of_onion: defaultCrypto.hashes.sha256(packet),
  });
  const spoiled = (at: number, value: number): Uint8Array => {
    const packet = Uint8Array.from(good);
    packet[at]! ^= value;
    return packet;
  };

  it('a corruption of any byte of the payloads or the HMAC, or of the associated data, is a bad HMAC', () => {
    const change = fc.integer({ min: 1, max: 255 });
    fc.assert(
      fc.property(fc.integer({ min: 34, max: 1365 }), change, fc.nat(31), (at, value, dataAt) => {
        const packet = spoiled(at, value);
        const otherData = Uint8Array.from(associatedData);
        otherData[dataAt]! ^= value;
        for (const [given, data] of [
          [packet, associatedData],
          [good, otherData],
        ] as const) {
          expect(peelOnion({ packet: given, privateKey, associatedData: data })).toEqual({
            kind: 'malformed',
            failure: { name: 'invalid_onion_hmac', fields: sha256Of(given) },
          });
        }
      }),
    );
  });

  it('a corruption of the public key is a bad key where it is no point, and a bad HMAC where it is another', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 33 }), fc.integer({ min: 1, max: 255 }), (at, value) => {
        const packet = spoiled(at, value);
        const isPoint = defaultCrypto.curve.isPoint(packet.slice(1, 34));
        expect(peelOnion({ packet, privateKey, associatedData })).toEqual({
          kind: 'malformed',
          failure: { name: isPoint ? 'invalid_onion_hmac' : 'invalid_onion_key', fields: sha256Of(packet) },
        });
      }),
    );
    const noPoint = spoiled(1, 2 ^ 5);
    expect(peelOnion({ packet: noPoint, privateKey, associatedData })).toMatchObject({
      failure: { name: 'invalid_onion_key' },
    });
  });

  it('any version but 0 is one, whatever else is wrong', () => {
    for (const version of [1, 2, 255]) {
      const packet = concat(Uint8Array.of(version), new Uint8Array(1365));
      expect(peelOnion({ packet, privateKey })).toEqual({
        kind: 'malformed',
        failure: { name: 'invalid_onion_version', fields: sha256Of(packet) },
      });
    }
  });

  it('a path key that is no point is a failure of blinding', () => {
    const pathKey = new Uint8Array(33);
    expect(peelOnion({ packet: good, privateKey, associatedData, pathKey })).toEqual({
      kind: 'malformed',
      failure: { name: 'invalid_onion_blinding', fields: sha256Of(good) },
    });
  });

  it.each([
    ['of 0 bytes', fromHex('00')],
    ['of 1 byte', fromHex('0101')],
    ['that is no minimal BigSize', concat(fromHex('fd0010'), new Uint8Array(16))],
    ['longer than the packet', fromHex('fd0515')],
    ['that leaves 31 bytes for the HMAC', fromHex('fd04f2')],
    ['of 2^64 - 1 bytes', fromHex('ffffffffffffffffff')],
  ])('a payload length %s fails', (_, lengthPrefix) => {
    const hop = { nodeId: hops[0]!.nodeId, payload: none, lengthPrefix };
    const { packet, sharedSecrets } = makeOnion({ sessionKey: fromHex(generate.session_key), hops: [hop] });
    expect(peelOnion({ packet, privateKey })).toEqual({
      kind: 'failed',
      sharedSecret: sharedSecrets[0],
      failure: { name: 'invalid_onion_payload', fields: { type: 0n, offset: 0 } },
    });
  });

  it('throws below 66 bytes, and nowhere else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (packet) => {
        const code = codeOf(() => peelOnion({ packet, privateKey }));
        expect(code).toBe(packet.length < 66 ? 'channel.onion-length' : undefined);
      }),
    );
  });
});
