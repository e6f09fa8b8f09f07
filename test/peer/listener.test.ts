import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connectNoise, type NoiseConnection } from '../../src/noise/connection.ts';
import { listenForNode } from '../../src/peer/listener.ts';
import type { Listener } from '../../src/peer/types.ts';
import { clientKey, deadlineMs, publicKey } from '../noise/loopback.ts';
import { NodeSide, peerKey, SHORT, stepFailure, TestLinks, unknownMessage } from './counterpart.ts';

async function dial({ host, port }: Listener): Promise<Socket> {
  const socket = connect({ host, port });
  socket.on('error', () => undefined);
  onTestFinished(() => {
    socket.destroy();
  });
  await once(socket, 'connect');
  return socket;
}

const dialNoise = ({ host, port, publicKey: remotePublicKey }: Listener): Promise<NoiseConnection> =>
  connectNoise({ host, port, remotePublicKey, localPrivateKey: clientKey, deadlineMs });

describe('listening for the node', () => {
  it('gives connections in their order, also those that came before they were asked for', async () => {
    const links = new TestLinks();
    const listener = await listenForNode(peerKey, links);
    expect(listener.publicKey).toEqual(publicKey(peerKey));
    const first = await dial(listener);
    first.write(Uint8Array.of(1));
    const one = await listener.accept();
    expect(await one.read(1)).toEqual(Uint8Array.of(1));
    const waiting = listener.accept();
    const second = await dial(listener);
    second.write(Uint8Array.of(2));
    expect(await (await waiting).read(1)).toEqual(Uint8Array.of(2));
    expect(links.notes()[0]).toBe(`listening for the node on port ${listener.port}`);
  });

  it('does the handshake as responder and exchanges init', async () => {
    const listener = await listenForNode(peerKey, new TestLinks());
    const accepted = listener.acceptPeer();
    const node = new NodeSide(await dialNoise(listener), await dial(listener));
    await node.sayInit(1);
    expect(await node.hear()).toMatchObject({ name: 'init' });
    const peer = await accepted;
    await Promise.all([peer.barrier(), node.answerPing()]);
    await node.transport.close();
    expect(peer.key).toEqual(peerKey);
    expect(peer.transport.remotePublicKey).toEqual(publicKey(clientKey));
  });

  it('fails a step when the node does not connect', async () => {
    const listener = await listenForNode(peerKey, new TestLinks());
    const options = { ...SHORT, requirement: 'bolt08-act1-01' } as const;
    expect(await stepFailure(listener.accept(options))).toMatchObject({
      code: 'step.deadline',
      requirement: 'bolt08-act1-01',
      step: 'accept a connection',
      awaited: 'connection',
      link: undefined,
    });
    expect(await stepFailure(listener.acceptPeer(SHORT))).toMatchObject({ code: 'step.deadline' });
  });

  it('fails a step when the node speaks the handshake badly, closes, or says nothing', async () => {
    const listener = await listenForNode(peerKey, new TestLinks());
    (await dial(listener)).write(unknownMessage(0, 48));
    expect((await stepFailure(listener.acceptPeer())).got).toContain('noise.act1.');
    (await dial(listener)).end();
    expect((await stepFailure(listener.acceptPeer())).got).toContain('noise.act1.');
    await dial(listener);
    expect(await stepFailure(listener.acceptPeer(SHORT))).toMatchObject({
      code: 'step.deadline',
      step: 'handshake as responder',
    });
  });

  it('lets in no more than can wait', async () => {
    const listener = await listenForNode(peerKey, new TestLinks());
    const sockets = await Promise.all(Array.from({ length: 101 }, () => dial(listener)));
    await Promise.race(sockets.map((socket) => once(socket.resume(), 'close')));
    expect(sockets.filter(({ closed }) => closed)).toHaveLength(1);
  });

  it('closes with the case, and with it the connections that nobody took', async () => {
    const links = new TestLinks();
    const listener = await listenForNode(peerKey, links);
    const [taken, left] = [await dial(listener), await dial(listener)];
    const link = await listener.accept();
    await links.links[0]?.close();
    await once(left.resume(), 'close');
    taken.write(Uint8Array.of(4));
    expect(await link.read(1)).toEqual(Uint8Array.of(4));
    await expect(dial(listener)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});
