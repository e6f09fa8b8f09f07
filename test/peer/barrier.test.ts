import { describe, expect, it } from 'vitest';
import { BoltgridError } from '../../src/core/error.ts';
import { rejection } from '../noise/loopback.ts';
import { greeted, SHORT, stepFailure, text, TestLinks, UNDECODABLE, unknownMessage } from './counterpart.ts';

const IGNORE = { requirement: 'bolt01-format-08' } as const;

describe('barrier', () => {
  it('gives what came before the pong of its own ping', async () => {
    const { peer, node, links } = await greeted();
    const barrier = peer.barrier();
    await node.answerPing(async () => {
      await node.say('pong', { ignored: new Uint8Array(61) });
      await node.say('warning', text('hm'));
      await node.transport.send(unknownMessage(32769));
    });
    expect((await barrier).map(({ name }) => name)).toEqual(['pong', 'warning']);
    expect(peer.aside.map(({ type }) => type)).toEqual([32769]);
    expect(links.heldSteps).toEqual([[undefined, 'ping and pong']]);
  });

  it('is not passed by the pong of an earlier one', async () => {
    const { peer, node } = await greeted();
    await Promise.all([peer.barrier(), node.answerPing()]);
    const second = peer.barrier();
    const ping = await node.hear();
    if (ping.name !== 'ping') throw new TypeError('no ping');
    const asked = ping.fields.num_pong_bytes;
    await node.say('pong', { ignored: new Uint8Array(asked - 1) });
    await node.say('pong', { ignored: new Uint8Array(asked) });
    expect(await second).toMatchObject([{ name: 'pong' }]);
  });

  it('fails when the node closes, does not make sense, or says nothing', async () => {
    const closing = await greeted();
    void closing.node.transport.close();
    expect(await stepFailure(closing.peer.barrier())).toMatchObject({ got: 'the connection was closed' });
    const senseless = await greeted();
    await senseless.node.transport.send(UNDECODABLE);
    expect((await stepFailure(senseless.peer.barrier())).got).toContain('breaks the wire format');
    const silent = await greeted();
    expect(await stepFailure(silent.peer.barrier(SHORT))).toMatchObject({
      code: 'step.deadline',
      step: 'ping and pong',
      expected: 'pong',
    });
  });

  it('does not gather without end', async () => {
    const { peer, node } = await greeted();
    const stray = node.transport.encrypt.bind(node.transport, unknownMessage(32768));
    await node.transport.writeRaw(Buffer.concat(Array.from({ length: 5001 }, stray)));
    expect(await stepFailure(peer.barrier())).toMatchObject({ got: 'unknown message type 32768, 5 bytes' });
  });
});

describe('expectIgnored', () => {
  it('holds when only the pong comes', async () => {
    const { peer, node, links } = await greeted();
    await Promise.all([peer.expectIgnored(IGNORE), node.answerPing()]);
    expect(links.heldSteps).toEqual([['bolt01-format-08', 'expect no reaction']]);
  });

  it('holds when what comes has nothing to do with it: gossip, and pings of the node', async () => {
    const { peer, node } = await greeted();
    const ignored = peer.expectIgnored();
    await node.answerPing(async () => {
      await node.transport.send(unknownMessage(32769));
      await node.say('ping', { num_pong_bytes: 1, ignored: new Uint8Array(0) });
    });
    await ignored;
  });

  it.each(['error', 'warning'] as const)('fails on %s before the pong', async (name) => {
    const { peer, node, links } = await greeted();
    const failure = stepFailure(peer.expectIgnored(IGNORE));
    await node.answerPing(() => node.say(name, text('what?')));
    expect(await failure).toMatchObject({
      code: 'step.unexpected',
      step: 'expect no reaction',
      expected: 'only the pong of a later ping',
      got: `${name}: "what?"`,
    });
    expect(links.heldSteps).toEqual([]);
  });

  it('fails when the node closes or is silent', async () => {
    const closing = await greeted();
    closing.node.socket.resetAndDestroy();
    expect(await stepFailure(closing.peer.expectIgnored())).toMatchObject({
      got: 'the connection was reset',
    });
    const silent = await greeted();
    expect(await stepFailure(silent.peer.expectIgnored(SHORT))).toMatchObject({ code: 'step.deadline' });
  });

  it('asks the node itself after the pong, and looks once more', async () => {
    const links = new TestLinks();
    const { peer, node } = await greeted({}, links);
    links.nodeSpeaks = () => node.say('error', text('a late reaction'));
    const failure = stepFailure(peer.expectIgnored());
    await node.answerPing();
    expect(await failure).toMatchObject({ got: 'error: "a late reaction"' });

    const calm = await greeted({}, new TestLinks());
    let asked = 0;
    calm.links.nodeSpeaks = () => Promise.resolve(asked++);
    const ignored = calm.peer.expectIgnored();
    await calm.node.answerPing();
    await calm.node.answerPing();
    await ignored;
    expect(asked).toBe(1);
  });

  it('does not hold when the node’s control path fails', async () => {
    const links = new TestLinks();
    const { peer, node } = await greeted({}, links);
    links.nodeSpeaks = () => Promise.reject(new BoltgridError('node.timeout', 'node', 'info: nothing'));
    const failed = rejection(peer.expectIgnored());
    await node.answerPing();
    expect(await failed).toMatchObject({ code: 'node.timeout' });
    expect(links.heldSteps).toEqual([]);
  });
});

describe('expectPongOrClose', () => {
  it('gives nothing when the node goes on, whatever it says besides', async () => {
    const { peer, node } = await greeted();
    const step = peer.expectPongOrClose();
    await node.answerPing(() => node.say('warning', text('hm')));
    expect(await step).toBeUndefined();
  });

  it('gives how the node closed, with what it said', async () => {
    const { peer, node } = await greeted();
    await node.say('error', text('bye'));
    void node.transport.close();
    expect(await peer.expectPongOrClose()).toMatchObject({
      messages: [{ name: 'error' }],
      reason: { by: 'remote', how: 'fin' },
    });
  });

  it('fails on silence', async () => {
    const { peer } = await greeted();
    expect(await stepFailure(peer.expectPongOrClose(SHORT))).toMatchObject({ code: 'step.deadline' });
  });
});
