import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../src/core/bytes.ts';
import { isBoltgridError } from '../../src/core/error.ts';
import { defaultCrypto } from '../../src/crypto/crypto.ts';
import { bolts, type Bolts } from '../../src/wire/bolts.ts';
import { decodeMessage, encodeMessage } from '../../src/wire/codec.ts';
import { WIRE_RULES } from '../../src/wire/errors.ts';
import type { DecodedMessage, KnownMessage } from '../../src/wire/types.ts';
import { recordedNodes, type RecordedEntry, type RecordedNode } from '../runner/recorded.ts';

const REGTEST = fromHex('06226e46111a0b59caaf126043eb5bbf28c34f3a5e332a1fc7b2b73cf188910f');
const nodes = recordedNodes.map((node) => [node.node, node] as const);

/** Cases in which messages are broken on purpose; those stay in the recording as they are. */
const BREAKING = /#(too-short|even-record|says-why|control|odd-records)\[/;

describe.each(nodes)('%s', (_, node) => {
  test('all that it said is read, and written again as it was', () => {
    const messages = said(node);
    expect(messages.length).toBeGreaterThan(50);
    for (const { entry, message } of messages) {
      expect(message.name).toBe(entry.name);
      expect(again(message)).toBe(entry.hex);
    }
  });

  test('all that it was told is read and written again as it was, but for what was broken on purpose', () => {
    const told = entriesOf(node, 'out');
    expect(told.length).toBeGreaterThan(50);
    for (const { id, entry } of told) {
      const message = decodedUnlessRefused(bytesOf(entry));
      if (message) expect(again(message)).toBe(entry.hex);
      else expect(id).toMatch(BREAKING);
    }
  });

  test('each of its connections begins with an init, for the chain that it is on where it names any', () => {
    const inits = named(node, 'init');
    expect(inits.length).toBeGreaterThan(20);
    for (const { fields } of inits) {
      const chains = fields.tlvs.networks?.chains;
      if (chains) expect(chains.map(toHex)).toEqual([toHex(REGTEST)]);
    }
  });

  test('its pongs have the asked lengths, and its answers are about the chain that was asked for', () => {
    const asked = entriesOf(node, 'out').flatMap(({ entry }) => {
      const message = decodedUnlessRefused(bytesOf(entry));
      return message?.name === 'ping' ? [message.fields.num_pong_bytes] : [];
    });
    const pongs = named(node, 'pong');
    expect(pongs.length).toBeGreaterThan(5);
    for (const { fields } of pongs) expect(asked).toContain(fields.ignored.length);
    for (const { fields } of named(node, 'reply_channel_range')) expect(fields.chain_hash).toEqual(REGTEST);
  });

  test('its announcements are signed over what our codec takes for their contents', () => {
    for (const message of said(node).map(({ message }) => message)) {
      if (message.name === 'channel_announcement') expectSignedChannel(message);
      if (message.name === 'node_announcement') {
        const { signature, node_id } = message.fields;
        expect(isSigned(message.raw, 64, signature, node_id)).toBe(true);
      }
      if (message.name === 'channel_update') expectSignedUpdate(node, message);
    }
  });
});

test('among them all are answers to queries, complaints and announcements', () => {
  const names = new Set(recordedNodes.flatMap((node) => said(node).map(({ message }) => message.name)));
  const some = ['error', 'warning', 'pong', 'reply_channel_range', 'reply_short_channel_ids_end'] as const;
  const announcements = ['channel_announcement', 'node_announcement', 'channel_update'] as const;
  expect([...some, ...announcements].filter((name) => !names.has(name))).toEqual([]);
});

/** BOLT 7, "The `channel_announcement` Message": four signatures over what follows them. */
function expectSignedChannel({ raw, fields }: KnownMessage<Bolts, 'channel_announcement'>): void {
  const signed = [
    [fields.node_signature_1, fields.node_id_1],
    [fields.node_signature_2, fields.node_id_2],
    [fields.bitcoin_signature_1, fields.bitcoin_key_1],
    [fields.bitcoin_signature_2, fields.bitcoin_key_2],
  ] as const;
  expect(signed.map(([signature, key]) => isSigned(raw, 256, signature, key))).toEqual([
    true,
    true,
    true,
    true,
  ]);
}

/** The lowest bit of channel_flags says which of the channel's nodes it is from. */
function expectSignedUpdate(
  node: RecordedNode,
  { raw, fields }: KnownMessage<Bolts, 'channel_update'>,
): void {
  const channels = named(node, 'channel_announcement').filter(
    (channel) => channel.fields.short_channel_id === fields.short_channel_id,
  );
  const keys = channels.map(({ fields: { node_id_1, node_id_2 } }) =>
    fields.channel_flags % 2 === 0 ? node_id_1 : node_id_2,
  );
  expect(keys.some((key) => isSigned(raw, 64, fields.signature, key))).toBe(true);
}

/** Over the double SHA-256 of the message after its type and its signatures. */
function isSigned(
  raw: Uint8Array,
  signaturesLength: number,
  signature: Uint8Array,
  key: Uint8Array,
): boolean {
  const { curve, hashes } = defaultCrypto;
  const contents = raw.subarray(2 + signaturesLength);
  return curve.verify(signature, hashes.sha256(hashes.sha256(contents)), key);
}

function named<N extends keyof Bolts['messages']>(node: RecordedNode, name: N): KnownMessage<Bolts, N>[] {
  const messages = said(node).map(({ message }) => message);
  return messages.filter((message) => message.name === name) as unknown as KnownMessage<Bolts, N>[];
}

function said(node: RecordedNode): { entry: RecordedEntry; message: DecodedMessage }[] {
  return entriesOf(node, 'in').map(({ entry }) => ({ entry, message: decodeMessage(bolts, bytesOf(entry)) }));
}

function entriesOf(node: RecordedNode, dir: 'in' | 'out'): { id: string; entry: RecordedEntry }[] {
  const cases = node.runs.flatMap((run) => run.cases);
  return cases.flatMap(({ case: id, transcript }) =>
    transcript.filter((entry) => entry.dir === dir).map((entry) => ({ id, entry })),
  );
}

const bytesOf = ({ hex = '' }: RecordedEntry): Uint8Array => fromHex(hex);

function again(message: DecodedMessage): string {
  return toHex(message.name === undefined ? message.raw : encodeMessage(bolts, message.name, message.fields));
}

function decodedUnlessRefused(bytes: Uint8Array): DecodedMessage | undefined {
  try {
    return decodeMessage(bolts, bytes);
  } catch (error) {
    if (!isBoltgridError(error)) throw error;
    expect(Object.keys(WIRE_RULES)).toContain(error.code);
    return undefined;
  }
}
