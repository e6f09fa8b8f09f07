import { describe, expect, it } from 'vitest';
import { Inbox } from '../../src/peer/inbox.ts';
import { rejection } from '../noise/loopback.ts';
import { greeted } from './counterpart.ts';

const { signal } = new AbortController();
const soon = (): { leftMs: number } => ({ leftMs: 10_000 });

/** Keeps the event loop from turning, as a busy machine does. */
function block(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

describe('an inbox', () => {
  it('gives items in order, to those who wait and those who come later', async () => {
    const inbox = new Inbox<number>();
    const first = inbox.take(soon(), signal);
    inbox.put(1);
    inbox.put(2);
    inbox.put(3);
    expect([await first, await inbox.take(soon(), signal), await inbox.take(soon(), signal)]).toEqual([
      1, 2, 3,
    ]);
  });

  it('gives its last item again and again, after the others', async () => {
    const inbox = new Inbox<string>();
    inbox.put('a');
    inbox.end('end');
    inbox.end('a second end');
    const taken = [];
    for (let i = 0; i < 3; i++) taken.push(await inbox.take(soon(), signal));
    expect(taken).toEqual(['a', 'end', 'end']);
    const waiting = new Inbox<string>();
    const reader = waiting.take(soon(), signal);
    waiting.end('end');
    expect(await reader).toBe('end');
  });

  it('gives nothing after the deadline, of which several waits share what is left', async () => {
    const inbox = new Inbox<number>();
    const deadline = { leftMs: 80 };
    const first = inbox.take(deadline, signal);
    setTimeout(() => {
      inbox.put(1);
    }, 10);
    expect(await first).toBe(1);
    expect(deadline.leftMs).toBeLessThan(80);
    expect(await inbox.take(deadline, signal)).toBeUndefined();
    expect(deadline.leftMs).toBe(0);
    inbox.put(2);
    expect(await inbox.take(deadline, signal)).toBe(2);
    expect(await inbox.take(deadline, signal)).toBeUndefined();
  });

  it('goes on after a wait that was cancelled', async () => {
    const inbox = new Inbox<number>();
    const cancelled = new AbortController();
    const waiting = inbox.take(soon(), cancelled.signal);
    cancelled.abort(new TypeError('stop'));
    await expect(waiting).rejects.toThrow('stop');
    await expect(inbox.take(soon(), cancelled.signal)).rejects.toThrow('stop');
    inbox.put(1);
    expect(await inbox.take(soon(), signal)).toBe(1);
  });

  it('has one reader at a time', async () => {
    const inbox = new Inbox<number>();
    const first = inbox.take(soon(), signal);
    expect(await rejection(inbox.take(soon(), signal))).toMatchObject({ code: 'peer.two-readers' });
    inbox.put(1);
    expect(await first).toBe(1);
  });
});

describe('a machine that is busy for longer than the deadline', () => {
  it('does not make the node silent: what arrived meanwhile counts', async () => {
    const { peer, node } = await greeted();
    const step = peer.expect('pong', {}, { withinMs: 40 });
    // In the system's hands before the loop stands still, so that the deadline and the message are due together.
    node.socket.write(node.transport.encrypt(Uint8Array.of(0, 19, 0, 0)));
    block(300);
    expect(await step).toEqual({ ignored: new Uint8Array(0) });
  });

  it('does not use up the time of a step between two of its waits', async () => {
    const { peer, node } = await greeted();
    const barrier = peer.barrier({ withinMs: 500 });
    await node.answerPing(async () => {
      await node.say('warning', { channel_id: new Uint8Array(32), data: new Uint8Array(0) });
      block(700);
    });
    expect(await barrier).toMatchObject([{ name: 'warning' }]);
  });
});
