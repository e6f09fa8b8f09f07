import { expect, test } from 'vitest';
import { EMPTY } from '../../src/core/bytes.ts';
import { defaultCrypto } from '../../src/crypto/crypto.ts';
import { encodeNonce } from '../../src/noise/cipher.ts';
import type { Rules } from '../../src/reference/rules.ts';
import { DEFAULT_RULES } from '../../src/reference/rules.ts';
import { bolts } from '../../src/wire/bolts.ts';
import { encodeMessage } from '../../src/wire/codec.ts';
import { dial, greeted, initOf, reference } from './dialling.ts';

/** The default rules, each noting its name when it is looked up. */
function watched(used: Set<string>): Rules {
  const watch = <T extends object>(concern: string, rules: T): T =>
    new Proxy(rules, {
      get: (target, name, receiver) => {
        used.add(`${concern}.${String(name)}`);
        return Reflect.get(target, name, receiver) as unknown;
      },
    });
  const concerns = Object.entries(DEFAULT_RULES).map(([name, rules]) => [name, watch(name, rules as object)]);
  return Object.fromEntries(concerns) as Rules;
}

/** Those of channels are asked only where there is a chain: see channels/rules.test.ts. */
const ALL = Object.entries(DEFAULT_RULES)
  .filter(([concern]) => !['channels', 'htlcs', 'onchain'].includes(concern))
  .flatMap(([concern, rules]) => Object.keys(rules as object).map((name) => `${concern}.${name}`));

const ZERO = new Uint8Array(32);
const QUERY = { chain_hash: ZERO, encoded_short_ids: Uint8Array.of(0), tlvs: {} };

test('every rule is asked: none stands in the table to no effect', async () => {
  const used = new Set<string>();
  const node = await reference({ rules: watched(used), keepAliveMs: 5 });
  const other = await reference({ seed: 'other' });
  await node.connect(other.host, other.port, other.publicKey);

  const key = new Uint8Array(32).fill(1);
  const peer = await greeted(node, { key, init: initOf([1001]) });
  await peer.expect('ping');
  for (const message of [
    initOf([]),
    encodeMessage(bolts, 'pong', { ignored: EMPTY }),
    encodeMessage(bolts, 'error', { channel_id: ZERO, data: EMPTY }),
    encodeMessage(bolts, 'warning', { channel_id: ZERO, data: EMPTY }),
    encodeMessage(bolts, 'peer_storage', { blob: EMPTY }),
    encodeMessage(bolts, 'peer_storage_retrieval', { blob: EMPTY }),
    encodeMessage(bolts, 'gossip_timestamp_filter', {
      chain_hash: ZERO,
      first_timestamp: 0,
      timestamp_range: 0,
    }),
    encodeMessage(bolts, 'query_short_channel_ids', QUERY),
    encodeMessage(bolts, 'query_channel_range', {
      chain_hash: ZERO,
      first_blocknum: 0,
      number_of_blocks: 1,
      tlvs: {},
    }),
    encodeMessage(bolts, 'reply_short_channel_ids_end', { chain_hash: ZERO, full_information: 1 }),
    encodeMessage(bolts, 'shutdown', { channel_id: ZERO, scriptpubkey: EMPTY, tlvs: {} }),
    Uint8Array.of(0xff, 0xff),
  ]) {
    await peer.raw(message);
  }
  await peer.upToPong();

  const again = await greeted(node, { key });
  await again.upToPong();
  for (const last of [
    Uint8Array.of(0xff, 0xfe),
    Uint8Array.of(0, 18),
    encodeMessage(bolts, 'stfu', { channel_id: ZERO, initiator: 1 }),
  ]) {
    const rude = await greeted(node);
    await rude.raw(last);
    await rude.upToClose();
  }
  const refused = await greeted(node, { init: initOf([1000]) });
  await refused.upToClose();
  const early = await dial(node);
  await early.raw(Uint8Array.of(0xff, 0xff));
  await early.upToClose();
  const spoiled = await greeted(node);
  await spoiled.connection.writeRaw(new Uint8Array(18));
  await spoiled.upToClose();
  const { host, port } = node;
  await expect(dial({ host, port, publicKey: other.publicKey })).rejects.toThrow();

  expect(ALL.filter((name) => !used.has(name))).toEqual([]);
});

test('a rule may stand in for a cipher: with a key that never changes, the 501st message cannot be read', async () => {
  const { transport } = DEFAULT_RULES;
  const rules: Rules = {
    ...DEFAULT_RULES,
    transport: {
      ...transport,
      ciphers: (done) => {
        const { receive } = transport.ciphers(done);
        const { key } = done.ciphers.send;
        let n = 0;
        const encrypt = (plaintext: Uint8Array) =>
          defaultCrypto.aead.seal(key, encodeNonce(n++), EMPTY, plaintext);
        return { send: { encrypt }, receive };
      },
    },
  };
  const peer = await greeted(await reference({ rules }));
  const ping = encodeMessage(bolts, 'ping', { num_pong_bytes: 0, ignored: EMPTY });
  for (let i = 0; i < 500; i++) await peer.raw(ping);
  for (let i = 0; i < 499; i++) await peer.expect('pong');
  await expect(peer.next()).rejects.toMatchObject({ code: 'noise.frame.bad-tag' });
});
