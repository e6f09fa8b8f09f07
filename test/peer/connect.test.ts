import { describe, expect, it } from 'vitest';
import { EMPTY } from '../../src/core/bytes.ts';
import { connectPeer } from '../../src/peer/connect.ts';
import { offeredFeatures } from '../../src/peer/init.ts';
import { bolts } from '../../src/wire/bolts.ts';
import { decodeMessage, encodeMessage } from '../../src/wire/codec.ts';
import { defineMessages, mergeMessages } from '../../src/wire/define.ts';
import { encodeFeatures, featureBits } from '../../src/wire/features.ts';
import { publicKey, rejection, serverKey, soon } from '../noise/loopback.ts';
import {
  Counterpart,
  greeted,
  peerKey,
  SHORT,
  stepFailure,
  TestLinks,
  text,
  UNDECODABLE,
} from './counterpart.ts';

/** Connects, and gives the node's side as soon as the handshake is done. */
async function connecting(options: Parameters<typeof connectPeer>[2] = {}, links = new TestLinks()) {
  const counterpart = await Counterpart.start();
  const peer = connectPeer(counterpart.remote, peerKey, options, links);
  peer.catch(() => undefined);
  return { peer, node: await counterpart.accept(), links };
}

describe('init', () => {
  it('is sent first, and the node’s is awaited', async () => {
    const { peer, node } = await connecting();
    const init = await node.hear();
    if (init.name !== 'init') throw new TypeError('no init');
    expect(init.fields).toEqual({
      globalfeatures: EMPTY,
      features: encodeFeatures(offeredFeatures()),
      tlvs: {},
    });
    await node.say('init', {
      globalfeatures: encodeFeatures([9]),
      features: encodeFeatures([1, 14]),
      tlvs: {},
    });
    const { features, key, publicKey: own } = await peer;
    expect([...features].sort((a, b) => a - b)).toEqual([1, 9, 14]);
    expect([key, own]).toEqual([peerKey, publicKey(peerKey)]);
    expect(node.transport.remotePublicKey).toEqual(own);
  });

  it('says what the case asks for', async () => {
    const bits = async (options: Parameters<typeof connectPeer>[2]): Promise<number[]> => {
      const { node } = await connecting({ ...options, awaitInit: false });
      const init = await node.hear();
      return init.name === 'init' ? [...featureBits(init.fields.features)] : [];
    };
    expect(await bits({ features: 'minimal' })).toEqual([1, 9, 13, 15, 45]);
    const changed = await bits({ features: { add: [101], drop: [1] } });
    expect(changed).toContain(101);
    expect(changed).not.toContain(1);
    expect(await bits({ init: { features: encodeFeatures([100]) } })).toEqual([100]);
  });

  it('offers v2 opens, quiescence and splicing only when it is asked to', () => {
    const offered = offeredFeatures();
    for (const bit of [28, 34, 62]) {
      expect(offered.has(bit)).toBe(false);
      expect(offered.has(bit + 1)).toBe(false);
    }
  });

  it('is not sent where the case does not want it', async () => {
    const { peer, node } = await connecting({ init: false, awaitInit: false });
    await (await peer).send('pong', { ignored: EMPTY });
    expect(await node.hear()).toMatchObject({ name: 'pong' });
    await expect(async () => (await peer).init).rejects.toMatchObject({
      code: 'peer.no-init',
      blame: 'harness',
    });
  });

  it('that is another message, does not decode, or never comes fails the step', async () => {
    const other = await connecting();
    await other.node.say('error', text('go away'));
    expect(await stepFailure(other.peer)).toMatchObject({
      step: 'expect init first',
      got: 'error: "go away"',
      link: 0,
    });
    const senseless = await connecting();
    await senseless.node.transport.send(UNDECODABLE);
    expect(await stepFailure(senseless.peer)).toMatchObject({ step: 'expect init first' });
    const closed = await connecting();
    void closed.node.transport.close();
    expect(await stepFailure(closed.peer)).toMatchObject({ got: 'the connection was closed' });
    const silent = await connecting({}, Object.assign(new TestLinks(), { answerMs: SHORT.withinMs }));
    expect(await stepFailure(silent.peer)).toMatchObject({ code: 'step.deadline', expected: 'init' });
  });
});

describe('connecting', () => {
  it('again with the same key is the same peer to the node', async () => {
    const links = new TestLinks();
    const first = await greeted({}, links);
    await first.peer.disconnect();
    const again = await greeted({ key: first.peer.key }, links);
    expect(again.node.transport.remotePublicKey).toEqual(first.node.transport.remotePublicKey);
    expect([first.peer.link, again.peer.link]).toEqual([0, 1]);
    expect(links.links).toEqual([first.peer, again.peer]);
  });

  it('to nobody fails as a step', async () => {
    const counterpart = await Counterpart.start();
    const links = new TestLinks();
    const failure = stepFailure(connectPeer({ ...counterpart.remote, port: 1 }, peerKey, {}, links));
    expect(await failure).toMatchObject({
      code: 'step.unexpected',
      step: 'connect',
      expected: 'a connection',
      awaited: 'connection',
      link: 0,
      got: expect.stringContaining('noise.connect-failed') as unknown,
    });
    expect(links.notes()).toEqual([expect.stringContaining('cannot connect')]);
  });

  it('to a node that answers the handshake badly, or not at all, fails as a step', async () => {
    const counterpart = await Counterpart.start();
    const bad = stepFailure(connectPeer(counterpart.remote, peerKey, {}, new TestLinks()));
    (await counterpart.socket()).write(new Uint8Array(50));
    expect((await bad).got).toContain('noise.act2.');
    const links = Object.assign(new TestLinks(), { answerMs: SHORT.withinMs });
    const silent = stepFailure(connectPeer(counterpart.remote, peerKey, {}, links));
    expect(await silent).toMatchObject({ code: 'step.deadline', awaited: 'connection' });
    const closing = stepFailure(connectPeer(counterpart.remote, peerKey, {}, new TestLinks()));
    await counterpart.socket();
    (await counterpart.socket()).end();
    expect((await closing).got).toContain('noise.act2.');
  });

  it('with what is no key of ours is not charged to the node', async () => {
    const counterpart = await Counterpart.start();
    const remote = { ...counterpart.remote, publicKey: publicKey(serverKey) };
    const error = await rejection(connectPeer(remote, new Uint8Array(32), {}, new TestLinks()));
    expect(error.blame).not.toBe('node');
    expect(error.code).not.toMatch(/^step\./);
  });
});

describe('messages of a suite’s own', () => {
  const mine = defineMessages({
    messages: { hello: { type: 32769, data: { len: 'u16', words: 'len*byte' } } },
  });
  const words = Uint8Array.of(1, 2, 3);

  it('are sent, and understood where they would be set aside', async () => {
    const { peer, node } = await greeted({ messages: mine });
    await peer.send('hello', { words });
    expect(decodeMessage(mine, await node.transport.receive(soon))).toMatchObject({
      name: 'hello',
      fields: { words },
    });
    await node.transport.send(encodeMessage(mine, 'hello', { words }));
    expect(await peer.expect('hello', { words })).toEqual({ words });
    await Promise.all([peer.barrier(), node.answerPing()]);
  });

  it('may come together with those of the BOLTs', async () => {
    const { peer, node } = await greeted({ messages: mergeMessages(bolts, mine) });
    await node.transport.send(encodeMessage(mine, 'hello', { words }));
    await node.say('pong', { ignored: EMPTY });
    expect(await peer.expectAllOf(['pong', 'hello'])).toEqual({ pong: { ignored: EMPTY }, hello: { words } });
  });
});
