import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, fromHex, toHex } from '../../../src/core/bytes.ts';
import {
  encodeEncryptedData,
  makeBlindedPath,
  unblindHop,
  type EncryptedData,
} from '../../../src/channel/onion/blinded-path.ts';
import { makeOnion } from '../../../src/channel/onion/make.ts';
import { makeOnionMessage, peelOnionMessage, type OnionMessage } from '../../../src/channel/onion/message.ts';
import { defaultCrypto } from '../../../src/crypto/crypto.ts';
import { bolts } from '../../../src/wire/bolts.ts';
import { decodeMessage, encodeMessage, encodeTlvStream } from '../../../src/wire/codec.ts';
import { codeOf } from '../../crypto/code-of.ts';
import { privateKeys, readFixture } from './fixtures.ts';

interface RouteBlinding {
  readonly generate: {
    readonly hops: readonly {
      readonly session_key?: string;
      readonly node_id: string;
      readonly encoded_tlvs: string;
      readonly path_key: string;
      readonly encrypted_data: string;
      readonly blinded_node_id: string;
    }[];
  };
  readonly route: {
    readonly first_node_id: string;
    readonly first_path_key: string;
    readonly hops: readonly { readonly blinded_node_id: string; readonly encrypted_data: string }[];
  };
  readonly unblind: {
    readonly hops: readonly {
      readonly node_privkey: string;
      readonly path_key: string;
      readonly blinded_privkey: string;
      readonly decrypted_data: string;
      readonly next_path_key: string;
      readonly next_path_key_override?: string;
    }[];
  };
}

interface BlindedMessage {
  readonly generate: {
    readonly session_key: string;
    readonly hops: readonly { readonly path_key_secret: string; readonly encrypted_data_tlv: string }[];
  };
  readonly route: {
    readonly first_node_id: string;
    readonly first_path_key: string;
    readonly hops: readonly { readonly blinded_node_id: string; readonly encrypted_recipient_data: string }[];
  };
  readonly onionmessage: { readonly onion_message_packet: string };
  readonly decrypt: {
    readonly hops: readonly {
      readonly privkey: string;
      readonly onion_message: string;
      readonly next_node_id?: string;
    }[];
  };
}

const { curve } = defaultCrypto;

describe('route-blinding-test.json', () => {
  const vector = readFixture('wire/route-blinding-test.json') as RouteBlinding;
  const { hops } = vector.generate;
  const hopOf = (i: number): { nodeId: Uint8Array; data: Uint8Array } => ({
    nodeId: fromHex(hops[i]!.node_id),
    data: fromHex(hops[i]!.encoded_tlvs),
  });

  it('two paths are made, and joined', () => {
    const first = makeBlindedPath(fromHex(hops[0]!.session_key!), [hopOf(0), hopOf(1)]);
    const second = makeBlindedPath(fromHex(hops[2]!.session_key!), [hopOf(2), hopOf(3)]);
    expect([...first.pathKeys, ...second.pathKeys].map(toHex)).toEqual(hops.map((hop) => hop.path_key));
    expect({ ...first.path, path: [...first.path.path, ...second.path.path] }).toEqual({
      first_node_id: fromHex(vector.route.first_node_id),
      first_path_key: fromHex(vector.route.first_path_key),
      path: vector.route.hops.map((hop) => ({
        blinded_node_id: fromHex(hop.blinded_node_id),
        encrypted_recipient_data: fromHex(hop.encrypted_data),
      })),
    });
  });

  it('every node reads its part', () => {
    for (const [i, hop] of vector.unblind.hops.entries()) {
      const encrypted = fromHex(vector.route.hops[i]!.encrypted_data);
      const unblinded = unblindHop(fromHex(hop.node_privkey), fromHex(hop.path_key), encrypted)!;
      expect(toHex(unblinded.blindedPrivateKey)).toBe(hop.blinded_privkey);
      expect(toHex(unblinded.plaintext)).toBe(hop.decrypted_data);
      expect(toHex(unblinded.nextPathKey)).toBe(hop.next_path_key_override ?? hop.next_path_key);
    }
  });

  it('is read by name', () => {
    const [hop] = vector.unblind.hops;
    const encrypted = fromHex(vector.route.hops[0]!.encrypted_data);
    const { data } = unblindHop(fromHex(hop!.node_privkey), fromHex(hop!.path_key), encrypted)!;
    expect(data).toMatchObject({
      short_channel_id: { short_channel_id: '0x0x1729' },
      payment_relay: { cltv_expiry_delta: 36, fee_proportional_millionths: 150, fee_base_msat: 10000 },
      payment_constraints: { max_cltv_expiry: 748005, htlc_minimum_msat: 1500n },
      unknown: [{ type: 561n, value: fromHex('123456') }],
    });
    expect(toHex(encodeEncryptedData(data))).toBe(hop!.decrypted_data);
  });
});

it('a blinded path has a hop', () => {
  expect(codeOf(() => makeBlindedPath(new Uint8Array(32).fill(1), []))).toBe('channel.blinded-path');
});

it('whatever cannot be unblinded gives nothing', () => {
  const privateKey = new Uint8Array(32).fill(5);
  const hop = { nodeId: curve.publicKey(privateKey), data: {} satisfies EncryptedData };
  const make = (data: EncryptedData | Uint8Array): Uint8Array => {
    const { path } = makeBlindedPath(new Uint8Array(32).fill(7), [{ ...hop, data }]);
    return path.path[0]!.encrypted_recipient_data;
  };
  const pathKey = curve.publicKey(new Uint8Array(32).fill(7));
  const good = make({ path_id: { data: Uint8Array.of(1, 2) } });
  expect(unblindHop(privateKey, pathKey, good)?.data).toEqual({ path_id: { data: Uint8Array.of(1, 2) } });
  for (const [key, encrypted] of [
    [new Uint8Array(33), good],
    [curve.publicKey(privateKey), good],
    [pathKey, good.slice(1)],
    [pathKey, new Uint8Array(0)],
    // An unknown even record; no stream at all.
    [pathKey, make(fromHex('1600'))],
    [pathKey, make(fromHex('06ff'))],
  ] as const) {
    expect(unblindHop(privateKey, key, encrypted)).toBeUndefined();
  }
});

describe('blinded-onion-message-onion-test.json', () => {
  const vector = readFixture('wire/blinded-onion-message-onion-test.json') as BlindedMessage;
  const path = {
    first_node_id: fromHex(vector.route.first_node_id),
    first_path_key: fromHex(vector.route.first_path_key),
    path: vector.route.hops.map((hop) => ({
      blinded_node_id: fromHex(hop.blinded_node_id),
      encrypted_recipient_data: fromHex(hop.encrypted_recipient_data),
    })),
  };
  const hello = { unknown: [{ type: 1n, value: new TextEncoder().encode('hello') }] };

  it('the path is Alice alone, then Bob to Dave', () => {
    const [alice, bob] = vector.generate.hops;
    const nodeIds = vector.decrypt.hops.map(({ privkey }) => curve.publicKey(fromHex(privkey)));
    const hops = vector.generate.hops.map(({ encrypted_data_tlv }, i) => ({
      nodeId: nodeIds[i]!,
      data: fromHex(encrypted_data_tlv),
    }));
    const first = makeBlindedPath(fromHex(alice!.path_key_secret), hops.slice(0, 1)).path;
    const rest = makeBlindedPath(fromHex(bob!.path_key_secret), hops.slice(1)).path;
    expect({ ...first, path: [...first.path, ...rest.path] }).toEqual(path);
  });

  it('the message is made', () => {
    const made = makeOnionMessage({ sessionKey: fromHex(vector.generate.session_key), path, payload: hello });
    expect(toHex(made.onion_message_packet)).toBe(vector.onionmessage.onion_message_packet);
    expect(toHex(encodeMessage(bolts, 'onion_message', made))).toBe(vector.decrypt.hops[0]!.onion_message);
  });

  it('every node peels what it is sent', () => {
    for (const [i, { privkey, onion_message, next_node_id }] of vector.decrypt.hops.entries()) {
      const received = decodeMessage(bolts, fromHex(onion_message));
      if (received.name !== 'onion_message') throw new Error('no onion_message');
      const peeled = peelOnionMessage(fromHex(privkey), received.fields);
      const next = vector.decrypt.hops[i + 1];
      if (peeled.kind === 'forward') {
        expect(toHex(encodeMessage(bolts, 'onion_message', peeled.message))).toBe(next?.onion_message);
        expect(toHex(peeled.data.next_node_id!.node_id)).toBe(next_node_id);
      } else {
        expect(next).toBeUndefined();
        expect(peeled).toMatchObject({
          kind: 'final',
          payload: hello,
          data: {
            path_id: { data: fromHex('deadbeefbadc0ffeedeadbeefbadc0ffeedeadbeefbadc0ffeedeadbeefbadc0') },
          },
        });
      }
    }
  });
});

describe('an onion message', () => {
  const [relay, recipient] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
  const next = { next_node_id: { node_id: curve.publicKey(recipient) } };
  const sessionKey = new Uint8Array(32).fill(3);
  const pathOf = (data: EncryptedData | Uint8Array, last: EncryptedData = {}) =>
    makeBlindedPath(new Uint8Array(32).fill(4), [
      { nodeId: curve.publicKey(relay), data },
      { nodeId: curve.publicKey(recipient), data: last },
    ]).path;
  const ruleOf = (privateKey: Uint8Array, message: OnionMessage): string | undefined => {
    const peeled = peelOnionMessage(privateKey, message);
    return peeled.kind === 'ignored' ? peeled.rule : undefined;
  };
  const relayed = (data: EncryptedData | Uint8Array): string | undefined =>
    ruleOf(relay, makeOnionMessage({ sessionKey, path: pathOf(data), payload: {} }));

  it('is forwarded by node id or by channel', () => {
    expect(relayed(next)).toBeUndefined();
    expect(relayed({ short_channel_id: { short_channel_id: '1x2x3' } })).toBeUndefined();
  });

  it.each<readonly [EncryptedData | Uint8Array, string]>([
    [{}, 'next_node_id or short_channel_id is present'],
    [{ ...next, path_id: { data: Uint8Array.of(1) } }, 'a node on the way finds no path_id'],
    [
      { ...next, allowed_features: { features: fromHex('02000000000000000000000000000000') } },
      'allowed_features are known',
    ],
    [fromHex('1600'), 'encrypted_recipient_data decrypts'],
  ])('is ignored on the way where its data is wrong, %#', (data, rule) => {
    expect(relayed(data)).toBe(rule);
  });

  it('is ignored with two payload fields', () => {
    const path = pathOf(next, { path_id: { data: Uint8Array.of(1) } });
    const finalOf = (payload: Parameters<typeof makeOnionMessage>[0]['payload']): string | undefined => {
      const peeled = peelOnionMessage(relay, makeOnionMessage({ sessionKey, path, payload }));
      return peeled.kind === 'forward' ? ruleOf(recipient, peeled.message) : peeled.kind;
    };
    const invoice_error = { inverr: { error: { msg: 'no' } } };
    expect(finalOf({ invoice_error, reply_path: { path } })).toBeUndefined();
    expect(finalOf({ invoice_error, unknown: [{ type: 65n, value: Uint8Array.of(1) }] })).toBe(
      'there is one payload field',
    );
  });

  it('is ignored on the way with more than encrypted_recipient_data', () => {
    const path = pathOf(next);
    const unknown = [{ type: 65n, value: Uint8Array.of(1) }];
    const hops = path.path.map(({ blinded_node_id, encrypted_recipient_data }) => ({
      nodeId: blinded_node_id,
      payload: encodeTlvStream(bolts, 'onionmsg_tlv', {
        encrypted_recipient_data: { encrypted_recipient_data },
        unknown,
      }),
    }));
    const { packet } = makeOnion({ sessionKey, hops });
    expect(ruleOf(relay, { path_key: path.first_path_key, onion_message_packet: packet })).toBe(
      'a node on the way finds encrypted_recipient_data alone',
    );
  });

  it.each([
    [1000, 1366],
    [2000, 32834],
  ])('with %d bytes is %d bytes long', (length, expected) => {
    const payload = { unknown: [{ type: 1n, value: new Uint8Array(length) }] };
    const made = makeOnionMessage({ sessionKey, path: pathOf(next), payload });
    expect(made.onion_message_packet.length).toBe(expected);
  });

  it('of any bytes is ignored without a throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), privateKeys, (onion_message_packet, key) => {
        const path_key = curve.publicKey(key);
        expect(peelOnionMessage(relay, { path_key, onion_message_packet }).kind).toBe('ignored');
        expect(peelOnionMessage(relay, { path_key: new Uint8Array(33), onion_message_packet }).kind).toBe(
          'ignored',
        );
      }),
    );
  });

  it('is ignored after any corruption', () => {
    const { path_key, onion_message_packet } = makeOnionMessage({
      sessionKey,
      path: pathOf(next),
      payload: {},
    });
    fc.assert(
      fc.property(fc.nat(1365), fc.integer({ min: 1, max: 255 }), (at, value) => {
        const packet = concat(onion_message_packet);
        packet[at]! ^= value;
        expect(ruleOf(relay, { path_key, onion_message_packet: packet })).toBe('the packet decrypts');
      }),
    );
  });
});
