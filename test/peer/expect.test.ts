import { describe, expect, it } from 'vitest';
import { rejection } from '../noise/loopback.ts';
import {
  FILTER,
  greeted,
  SHORT,
  stepFailure,
  text,
  UNDECODABLE,
  unknownMessage,
  type NodeSide,
} from './counterpart.ts';

const MUST = { requirement: 'bolt01-ping-08' } as const;
const pong = (length: number, byte = 0): { ignored: Uint8Array } => ({
  ignored: new Uint8Array(length).fill(byte),
});

describe('expect', () => {
  it('gives the fields, and tells what held', async () => {
    const { peer, node, links } = await greeted();
    await node.say('pong', pong(3, 9));
    expect(await peer.expect('pong', {}, MUST)).toEqual(pong(3, 9));
    expect(links.heldSteps).toEqual([['bolt01-ping-08', 'expect pong']]);
  });

  it('serves a step that waits already, and one that comes later, in order', async () => {
    const { peer, node } = await greeted();
    const first = peer.expect('pong', pong(1));
    await node.say('pong', pong(1));
    await node.say('pong', pong(2));
    await node.say('pong', pong(3));
    await first;
    await peer.expect('pong', pong(2));
    await peer.expect('pong', pong(3));
  });

  it('compares values whole, also where a report shortens them', async () => {
    const { peer, node } = await greeted();
    const sent = new Uint8Array(300);
    await node.say('pong', { ignored: sent });
    await node.say('pong', { ignored: sent });
    await peer.expect('pong', { ignored: sent });
    const other = sent.slice();
    other[299] = 1;
    expect(await stepFailure(peer.expect('pong', { ignored: other }))).toMatchObject({
      code: 'step.unexpected',
    });
  });

  it('compares nested values, whatever the order of their names', async () => {
    const { peer, node } = await greeted();
    const chains = [FILTER.chain_hash, new Uint8Array(32)];
    const init = { globalfeatures: new Uint8Array(0), features: Uint8Array.of(1) };
    const unknown = [{ type: 201n, value: Uint8Array.of(1) }];
    await node.say('init', { ...init, tlvs: { networks: { chains }, unknown } });
    await node.say('init', { ...init, tlvs: { networks: { chains } } });
    await peer.expect('init', { tlvs: { unknown, networks: { chains } } });
    const swapped = { tlvs: { networks: { chains: chains.toReversed() } } };
    expect((await stepFailure(peer.expect('init', swapped))).got).toMatchObject({ message: 'init' });
  });

  const wrong: Record<string, { act: (node: NodeSide) => Promise<unknown>; got: unknown }> = {
    'another message': {
      act: (node) =>
        node
          .say('ping', { num_pong_bytes: 0xffff, ignored: new Uint8Array(0) })
          .then(() => node.say('stfu', { channel_id: new Uint8Array(32), initiator: 1 })),
      got: { message: 'stfu', channel_id: '00'.repeat(32), initiator: 1 },
    },
    'other values': {
      act: (node) => node.say('pong', pong(4, 0xab)),
      got: { message: 'pong', ignored: 'abababab' },
    },
    'an error': { act: (node) => node.say('error', text('no \u001b[31mway\n')), got: 'error: "no way\\n"' },
    'a warning': { act: (node) => node.say('warning', text('careful')), got: 'warning: "careful"' },
    'an unknown even message': {
      act: (node) => node.transport.send(unknownMessage(32768)),
      got: 'unknown message type 32768, 5 bytes',
    },
    'a message that does not decode': {
      act: (node) => node.transport.send(UNDECODABLE),
      got: expect.stringContaining('breaks the wire format') as unknown,
    },
    'a frame that cannot be decrypted': {
      act: (node) => node.transport.writeRaw(new Uint8Array(18)),
      got: expect.stringContaining('an undecryptable frame') as unknown,
    },
    'a close': { act: (node) => node.transport.close(), got: 'the connection was closed' },
    'a reset': {
      act: (node) => Promise.resolve(node.socket.resetAndDestroy()),
      got: 'the connection was reset',
    },
  };
  it.each(Object.entries(wrong))('fails at once on %s, and says what came', async (_, { act, got }) => {
    const { peer, node, links } = await greeted();
    const [failure] = await Promise.all([
      stepFailure(peer.expect('pong', { ignored: new Uint8Array(4) }, MUST)),
      act(node),
    ]);
    expect(failure).toEqual({
      code: 'step.unexpected',
      requirement: 'bolt01-ping-08',
      step: 'expect pong',
      expected: { message: 'pong', ignored: '00000000' },
      got,
      awaited: 'message',
      link: peer.link,
    });
    expect(links.heldSteps).toEqual([]);
  });

  it('fails on silence at its deadline, as such', async () => {
    const { peer } = await greeted();
    expect(await stepFailure(peer.expect('pong', {}, SHORT))).toMatchObject({
      code: 'step.deadline',
      expected: 'pong',
      got: 'nothing within 60 ms',
      requirement: undefined,
    });
  });

  it('ends with the case', async () => {
    const { peer, links } = await greeted();
    const step = rejection(peer.expect('pong'));
    links.end(new TypeError('over'));
    await expect(peer.expect('pong')).rejects.toThrow('over');
    await expect(step).rejects.toMatchObject({ cause: new TypeError('over') });
  });

  it('is asked by one step at a time', async () => {
    const { peer, node } = await greeted();
    const first = peer.expect('pong');
    expect(await rejection(peer.expect('pong'))).toMatchObject({
      code: 'peer.two-readers',
      blame: 'harness',
    });
    await node.say('pong', pong(0));
    expect(await first).toEqual(pong(0));
  });
});

describe('expectOneOf', () => {
  it('gives the one that came, by name', async () => {
    const { peer, node } = await greeted();
    await node.say('warning', text('w'));
    expect(await peer.expectOneOf(['error', 'warning'])).toMatchObject({ name: 'warning', type: 1 });
  });

  it('fails on any other, and names all of them', async () => {
    const { peer, node } = await greeted();
    await node.say('pong', pong(0));
    expect(await stepFailure(peer.expectOneOf(['error', 'warning']))).toMatchObject({
      step: 'expect error or warning',
      expected: 'error or warning',
    });
  });
});

describe('expectAllOf', () => {
  it('takes them in any order', async () => {
    const { peer, node } = await greeted();
    await node.say('gossip_timestamp_filter', FILTER);
    await node.say('pong', pong(2));
    await node.say('warning', text('w'));
    const got = await peer.expectAllOf(['warning', 'pong', 'gossip_timestamp_filter']);
    expect(got.pong).toEqual(pong(2));
    expect(got.warning.data).toEqual(new Uint8Array(Buffer.from('w')));
    expect(got.gossip_timestamp_filter).toEqual(FILTER);
  });

  it('fails when one comes twice before the others', async () => {
    const { peer, node } = await greeted();
    await node.say('pong', pong(2));
    await node.say('pong', pong(2));
    expect(await stepFailure(peer.expectAllOf(['warning', 'pong']))).toMatchObject({ expected: 'warning' });
  });

  it('fails when one is missing', async () => {
    const { peer, node } = await greeted();
    await node.say('pong', pong(2));
    expect(await stepFailure(peer.expectAllOf(['warning', 'pong'], SHORT))).toMatchObject({
      code: 'step.deadline',
      expected: 'warning',
    });
  });
});
