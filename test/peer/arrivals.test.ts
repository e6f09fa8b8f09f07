import { describe, expect, it } from 'vitest';
import { EMPTY } from '../../src/core/bytes.ts';
import { soon } from '../noise/loopback.ts';
import { FILTER, greeted, peerKey, stepFailure, UNDECODABLE, unknownMessage } from './counterpart.ts';

describe('pings of the node', () => {
  it.each([0, 1, 65531])('that ask for %i bytes are answered without a step', async (length) => {
    const { node } = await greeted();
    await node.say('ping', { num_pong_bytes: length, ignored: EMPTY });
    expect(await node.hear()).toMatchObject({ name: 'pong', fields: { ignored: new Uint8Array(length) } });
  });

  it.each([65532, 65535])('that ask for %i bytes are not answered (BOLT 1)', async (length) => {
    const { node } = await greeted();
    await node.say('ping', { num_pong_bytes: length, ignored: EMPTY });
    await node.say('ping', { num_pong_bytes: 2, ignored: EMPTY });
    expect(await node.hear()).toMatchObject({ name: 'pong', fields: { ignored: new Uint8Array(2) } });
  });

  it('are no message that a step meets', async () => {
    const { peer, node } = await greeted();
    await node.say('ping', { num_pong_bytes: 0, ignored: EMPTY });
    await node.say('pong', { ignored: Uint8Array.of(1) });
    expect(await peer.expect('pong')).toEqual({ ignored: Uint8Array.of(1) });
  });

  it('are not answered between frames that a case writes by hand', async () => {
    const { peer, node } = await greeted({ answerPings: false });
    const frame = peer.transport.encrypt(Uint8Array.of(0, 19, 0, 0));
    await peer.writeFrames(frame.subarray(0, 5));
    await node.say('ping', { num_pong_bytes: 4, ignored: EMPTY });
    await node.say('pong', { ignored: EMPTY });
    await peer.expect('pong');
    await peer.writeFrames(frame.subarray(5));
    expect(await node.hear()).toMatchObject({ name: 'pong', fields: { ignored: EMPTY } });
  });

  it('are all answered, also to a node that does not read for a while', async () => {
    const { peer, node } = await greeted();
    const pings = 400;
    node.socket.pause();
    for (let i = 0; i < pings; i++) await node.say('ping', { num_pong_bytes: 65531, ignored: EMPTY });
    await node.say('stfu', { channel_id: new Uint8Array(32), initiator: 0 });
    const stfu = peer.expect('stfu');
    node.socket.resume();
    for (let i = 0; i < pings; i++) expect(await node.hear()).toMatchObject({ name: 'pong' });
    await stfu;
  });
});

describe('what is set aside', () => {
  it('is gossip, queries and unknown odd messages', async () => {
    const { peer, node } = await greeted();
    const { chain_hash } = FILTER;
    await node.say('gossip_timestamp_filter', FILTER);
    await node.say('query_channel_range', { chain_hash, first_blocknum: 0, number_of_blocks: 1, tlvs: {} });
    await node.transport.send(unknownMessage(40001));
    await node.say('pong', { ignored: EMPTY });
    await peer.expect('pong');
    expect(peer.aside).toMatchObject([
      { name: 'gossip_timestamp_filter', fields: FILTER },
      { name: 'query_channel_range' },
      { name: undefined, type: 40001, payload: Uint8Array.of(7, 7, 7) },
    ]);
  });

  it('is met by a step that asks for it, and only then', async () => {
    const { peer, node } = await greeted();
    await node.say('gossip_timestamp_filter', FILTER);
    expect(await peer.expect('gossip_timestamp_filter')).toEqual(FILTER);
    expect(peer.aside).toEqual([]);
  });

  it('is no reason to meet another that a step did not ask for', async () => {
    const { peer, node } = await greeted();
    const { chain_hash } = FILTER;
    await node.say('query_channel_range', { chain_hash, first_blocknum: 0, number_of_blocks: 1, tlvs: {} });
    await node.say('gossip_timestamp_filter', FILTER);
    await peer.expect('gossip_timestamp_filter');
    expect(peer.aside.map(({ name }) => name)).toEqual(['query_channel_range']);
  });
});

describe('the record', () => {
  it('of what was received holds every message in order', async () => {
    const { peer, node } = await greeted();
    await node.say('ping', { num_pong_bytes: 0, ignored: EMPTY });
    await node.transport.send(unknownMessage(40001));
    await node.say('pong', { ignored: EMPTY });
    await peer.expect('pong');
    expect(peer.received).toEqual([
      { name: 'init', type: 16, length: expect.any(Number) as unknown },
      { name: 'ping', type: 18, length: 6 },
      { name: undefined, type: 40001, length: 5 },
      { name: 'pong', type: 19, length: 4 },
    ]);
  });

  it('of the case holds both directions in plaintext, what does not decode with the reason', async () => {
    const { peer, node, links } = await greeted();
    await node.transport.send(UNDECODABLE);
    await node.transport.send(Uint8Array.of(5));
    await node.transport.send(unknownMessage(40000));
    await stepFailure(peer.expect('pong'));
    await stepFailure(peer.expect('pong'));
    await stepFailure(peer.expect('pong'));
    await peer.sendRaw(UNDECODABLE);
    const entries = links.transcript.entries().slice(-4);
    expect(entries).toMatchObject([
      { dir: 'in', type: 19, name: 'pong', length: 3, hex: '001300', fields: expect.any(String) as unknown },
      { dir: 'in', length: 1, hex: '05', fields: expect.any(String) as unknown },
      { dir: 'in', type: 40000, length: 5 },
      { dir: 'out', type: 19, name: 'pong', hex: '001300' },
    ]);
    expect(entries[1]).not.toHaveProperty('type');
  });
});

describe('a node that floods us', () => {
  it('with messages is cut off, which the steps meet after what was kept', async () => {
    const { peer, node, links } = await greeted({ key: peerKey });
    const frame = (): Uint8Array => node.transport.encrypt(unknownMessage(40001));
    await node.transport.writeRaw(Buffer.concat(Array.from({ length: 20_001 }, frame)));
    await expect(node.transport.receive(soon)).rejects.toMatchObject({ code: 'noise.closed' });
    const failure = await stepFailure(peer.expectConnectionClosed());
    expect(failure.got).toContain('our side ended the connection: the node sent 20001 messages');
    expect(peer.aside).toHaveLength(20_000);
    await peer.send('pong', { ignored: EMPTY });
    expect(links.notes().at(-1)).toContain('not sent');
  });

  it('with bytes is cut off as well', async () => {
    const { peer, node } = await greeted();
    const largest = unknownMessage(40001, 65533);
    const sent = (async () => {
      for (;;) await node.transport.send(largest);
    })();
    await expect(sent).rejects.toMatchObject({ code: 'noise.closed' });
    expect((await stepFailure(peer.barrier())).got).toContain('that nobody asked for');
  });
});
