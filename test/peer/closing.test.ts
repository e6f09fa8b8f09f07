import { describe, expect, it } from 'vitest';
import { rejection } from '../noise/loopback.ts';
import { greeted, SHORT, stepFailure, text, UNDECODABLE, unknownMessage } from './counterpart.ts';

describe('expectConnectionClosed', () => {
  it('holds on a close, with what was said before it', async () => {
    const { peer, node, links } = await greeted();
    await node.say('warning', text('one'));
    await node.transport.send(unknownMessage(32769));
    await node.say('error', text('two'));
    void node.transport.close();
    const { messages, reason } = await peer.expectConnectionClosed({ requirement: 'bolt01-error-01' });
    expect(messages.map(({ name }) => name)).toEqual(['warning', 'error']);
    expect(reason).toMatchObject({ by: 'remote', how: 'fin' });
    expect(links.heldSteps).toEqual([['bolt01-error-01', 'expect the connection closed']]);
  });

  it('holds on a reset', async () => {
    const { peer, node } = await greeted();
    node.socket.resetAndDestroy();
    expect(await peer.expectConnectionClosed()).toMatchObject({ messages: [], reason: { how: 'reset' } });
  });

  it('holds again, at once, when it is asked again', async () => {
    const { peer, node } = await greeted();
    void node.transport.close();
    await peer.expectConnectionClosed();
    const { reason } = await peer.expectConnectionClosed();
    expect(reason).toMatchObject({ by: 'remote' });
    expect(await stepFailure(peer.expect('pong'))).toMatchObject({ got: 'the connection was closed' });
  });

  it('fails on any other message, one that does not decode, an undecryptable frame, and silence', async () => {
    const other = await greeted();
    await other.node.say('pong', { ignored: new Uint8Array(0) });
    expect(await stepFailure(other.peer.expectConnectionClosed())).toMatchObject({
      expected: 'the node closes',
      got: { message: 'pong', ignored: '' },
      awaited: 'close',
    });
    const senseless = await greeted();
    await senseless.node.transport.send(UNDECODABLE);
    expect((await stepFailure(senseless.peer.expectConnectionClosed())).got).toContain(
      'breaks the wire format',
    );
    const undecryptable = await greeted();
    await undecryptable.node.transport.writeRaw(new Uint8Array(18));
    expect((await stepFailure(undecryptable.peer.expectConnectionClosed())).got).toContain('undecryptable');
    const silent = await greeted();
    await silent.node.say('error', text('but no close'));
    expect(await stepFailure(silent.peer.expectConnectionClosed(SHORT))).toMatchObject({
      code: 'step.deadline',
      awaited: 'close',
    });
  });

  it('is never met by a close of our own', async () => {
    const { peer } = await greeted();
    await peer.disconnect();
    expect(await rejection(peer.expectConnectionClosed())).toMatchObject({
      code: 'peer.closed-by-suite',
      blame: 'harness',
    });
  });
});

describe('expectWarningOrClose', () => {
  it('holds on a warning, after an error too', async () => {
    const { peer, node } = await greeted();
    await node.say('error', text('e'));
    await node.say('warning', text('w'));
    const { messages, reason } = await peer.expectWarningOrClose();
    expect(messages.map(({ name }) => name)).toEqual(['error', 'warning']);
    expect(reason).toBeUndefined();
  });

  it('holds on a close', async () => {
    const { peer, node } = await greeted();
    void node.transport.close();
    expect(await peer.expectWarningOrClose()).toMatchObject({ messages: [], reason: { how: 'fin' } });
  });

  it('fails on an error alone, another message, and silence', async () => {
    const { peer, node } = await greeted();
    await node.say('error', text('e'));
    expect(await stepFailure(peer.expectWarningOrClose(SHORT))).toMatchObject({
      code: 'step.deadline',
      expected: 'a warning, or the node closes',
    });
    await node.say('pong', { ignored: new Uint8Array(1) });
    expect(await stepFailure(peer.expectWarningOrClose())).toMatchObject({ code: 'step.unexpected' });
    expect(await stepFailure(peer.expectWarningOrClose(SHORT))).toMatchObject({ code: 'step.deadline' });
  });
});

describe('sending', () => {
  it('to a connection that has ended is noted, and met by the next step', async () => {
    const { peer, node, links } = await greeted();
    void node.transport.close();
    await peer.expectConnectionClosed();
    await peer.send('pong', { ignored: new Uint8Array(5) });
    await peer.writeFrames(new Uint8Array(20));
    expect(links.notes()).toEqual(
      expect.arrayContaining([
        'not sent, the connection has ended: 9 bytes',
        'wrote 20 encrypted bytes in 1 chunks',
        'writing failed: the other side closed the connection',
      ]),
    );
    expect(await stepFailure(peer.barrier())).toMatchObject({ got: 'the connection was closed' });
  });

  it('while the node resets the connection does not throw either', async () => {
    const { peer, node } = await greeted();
    node.socket.resetAndDestroy();
    for (let i = 0; i < 20; i++) await peer.send('pong', { ignored: new Uint8Array(1000) });
    expect(await stepFailure(peer.barrier())).toMatchObject({ got: 'the connection was reset' });
  });

  it('more than a message can hold is the suite’s fault, not the node’s', async () => {
    const { peer } = await greeted();
    expect(await rejection(peer.sendRaw(new Uint8Array(65536)))).toMatchObject({
      code: 'noise.message-too-long',
      blame: 'harness',
    });
  });

  it('malformed, raw and cut into frames arrives as it was made', async () => {
    const { peer, node } = await greeted();
    await peer.sendMalformed('pong', { ignored: Uint8Array.of(1, 2) }, { lengths: { byteslen: 9 } });
    expect(await node.transport.receive({ deadlineMs: 10_000 })).toEqual(Uint8Array.of(0, 19, 0, 9, 1, 2));
    await peer.sendRaw(Uint8Array.of(5));
    expect(await node.transport.receive({ deadlineMs: 10_000 })).toEqual(Uint8Array.of(5));
    const frame = peer.transport.encrypt(unknownMessage(300));
    await peer.writeFrames(frame.subarray(0, 7), frame.subarray(7));
    expect(await node.hear()).toMatchObject({ name: undefined, type: 300 });
  });
});
