import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { concat } from '../../src/core/bytes.ts';
import { initiator } from '../../src/noise/handshake.ts';
import { dialRaw } from '../../src/peer/connect.ts';
import type { ScriptedLink } from '../../src/peer/raw-link.ts';
import { publicKey, serverKey } from '../noise/loopback.ts';
import { Counterpart, peerKey, SHORT, stepFailure, TestLinks } from './counterpart.ts';

interface Dialled {
  readonly link: ScriptedLink;
  readonly socket: Socket;
  readonly links: TestLinks;
  readonly counterpart: Counterpart;
}

async function dialled(): Promise<Dialled> {
  const counterpart = await Counterpart.start();
  const links = new TestLinks();
  const link = await dialRaw(counterpart.remote, links);
  return { link, socket: await counterpart.socket(), links, counterpart };
}

describe('a raw connection', () => {
  it('writes and reads bytes as they are, and notes them', async () => {
    const { link, socket, links } = await dialled();
    const heard: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => heard.push(chunk));
    await link.write(Uint8Array.of(1), Uint8Array.of(2, 3));
    socket.write(Uint8Array.of(9, 8, 7));
    expect(await link.read(2, { requirement: 'bolt08-act2-01' })).toEqual(Uint8Array.of(9, 8));
    expect(await link.read(1)).toEqual(Uint8Array.of(7));
    expect(concat(...heard)).toEqual(Uint8Array.of(1, 2, 3));
    expect(links.notes()).toEqual([
      'connected; no handshake yet',
      'wrote 1 bytes: 01',
      'wrote 2 bytes: 0203',
      'read 2 bytes: 0908',
      'read 1 bytes: 07',
    ]);
    expect(links.heldSteps[0]).toEqual(['bolt08-act2-01', 'expect 2 bytes']);
  });

  it('fails a read that ends early, is reset, or waits in vain', async () => {
    const early = await dialled();
    early.socket.end(Uint8Array.of(1));
    expect(await stepFailure(early.link.read(2))).toMatchObject({
      code: 'step.unexpected',
      step: 'expect 2 bytes',
      expected: '2 bytes',
      awaited: 'bytes',
    });
    const reset = await dialled();
    reset.socket.resetAndDestroy();
    expect(await stepFailure(reset.link.read(2))).toMatchObject({ code: 'step.unexpected' });
    const silent = await dialled();
    expect(await stepFailure(silent.link.read(2, SHORT))).toMatchObject({ code: 'step.deadline', link: 0 });
  });

  it('knows a silent close from one with a last word', async () => {
    const silent = await dialled();
    silent.socket.end();
    await silent.link.expectClosedSilently();
    expect(silent.links.heldSteps).toHaveLength(1);
    const reset = await dialled();
    reset.socket.resetAndDestroy();
    await reset.link.expectClosedSilently();
    const talking = await dialled();
    talking.socket.end(Uint8Array.of(0xab, 0xcd));
    expect(await stepFailure(talking.link.expectClosedSilently())).toMatchObject({
      expected: 'no bytes',
      got: '2 bytes: abcd',
      awaited: 'close',
    });
    const either = await dialled();
    either.socket.end(Uint8Array.of(0xab));
    expect(await either.link.expectClosed()).toEqual(Uint8Array.of(0xab));
  });

  it('fails when no close comes', async () => {
    const { link, links } = await dialled();
    expect(await stepFailure(link.expectClosedSilently(SHORT))).toMatchObject({
      code: 'step.deadline',
      awaited: 'close',
    });
    expect(await stepFailure(link.expectClosed(SHORT))).toMatchObject({ code: 'step.deadline' });
    expect(links.heldSteps).toEqual([]);
  });

  it('takes a write to a node that is gone; the next step meets the close', async () => {
    const { link, socket } = await dialled();
    socket.resetAndDestroy();
    for (let i = 0; i < 20; i++) await link.write(new Uint8Array(1000));
    await link.expectClosed();
  });

  it('becomes a peer once the acts are spoken by hand', async () => {
    const counterpart = await Counterpart.start();
    const links = new TestLinks();
    const link = await dialRaw(counterpart.remote, links);
    const accepted = counterpart.accept();
    const ephemeralPrivateKey = new Uint8Array(32).fill(5);
    const act1 = initiator({
      localPrivateKey: peerKey,
      ephemeralPrivateKey,
      remotePublicKey: publicKey(serverKey),
    }).writeAct1();
    await link.write(act1.bytes);
    const act3 = act1.next.readAct2(await link.read(50)).writeAct3();
    await link.write(act3.bytes);
    const greeting = link.peer(act3.next);
    const node = await accepted;
    await node.sayInit(1);
    await node.hear();
    const peer = await greeting;
    await link.close();
    await Promise.all([peer.barrier(), node.answerPing()]);
    expect(peer.publicKey).toEqual(publicKey(peerKey));
    expect(links.notes()).toContain('handshake done by hand');
  });

  it('that nobody takes fails as a step', async () => {
    const counterpart = await Counterpart.start();
    const links = new TestLinks();
    expect(await stepFailure(dialRaw({ ...counterpart.remote, port: 1 }, links))).toMatchObject({
      step: 'dial',
    });
  });

  it('ends with the case: no step is failed for it', async () => {
    const { link, links } = await dialled();
    const reading = link.read(1);
    links.end(new TypeError('over'));
    await expect(reading).rejects.toThrow('over');
    await expect(link.read(1)).rejects.toThrow('over');
  });
});
