import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { awakeTimeout, withDeadline } from '../../src/core/deadline.ts';

/** The clock goes on by itself only when a test says so: `asleep` is time in which no timer could run. */
let asleep = 0;

beforeEach(() => {
  asleep = 0;
  vi.useFakeTimers();
  const now = performance.now.bind(performance);
  vi.spyOn(performance, 'now').mockImplementation(() => now() + asleep);
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe('awakeTimeout', () => {
  it.each([0, 1, 50, 51, 999, 10_000])('calls back after %i ms, not before', (ms) => {
    const callback = vi.fn();
    awakeTimeout(ms, callback);
    vi.advanceTimersByTime(Math.max(0, ms - 1));
    expect(callback).not.toHaveBeenCalled();
    vi.advanceTimersByTime(3);
    expect(callback).toHaveBeenCalledTimes(1);
  });

  it('counts time asleep in part only', () => {
    const callback = vi.fn();
    awakeTimeout(1000, callback);
    vi.advanceTimersByTime(49);
    asleep += 60_000;
    vi.advanceTimersByTime(800);
    expect(callback).not.toHaveBeenCalled();
    vi.advanceTimersByTime(200);
    expect(callback).toHaveBeenCalledTimes(1);
  });

  it('does not call back once it is cancelled, and tells what was left', () => {
    const callback = vi.fn();
    const cancel = awakeTimeout(1000, callback);
    vi.advanceTimersByTime(320);
    expect(cancel()).toBe(680);
    vi.advanceTimersByTime(5000);
    expect(callback).not.toHaveBeenCalled();
    const late = awakeTimeout(100, callback);
    vi.advanceTimersByTime(200);
    expect(callback).toHaveBeenCalledTimes(1);
    expect(late()).toBe(0);
  });
});

describe('withDeadline', () => {
  const never = new Promise<never>(() => undefined);

  it('gives what the work gives, or its error', async () => {
    expect(await withDeadline('work', 10, () => Promise.resolve(5))).toBe(5);
    await expect(withDeadline('work', 10, () => Promise.reject(new TypeError('no')))).rejects.toThrow('no');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('rejects at the deadline, and tells the work to let go', async () => {
    let inner: AbortSignal | undefined;
    const result = withDeadline('the answer', 30, (signal) => {
      inner = signal;
      return never;
    });
    const rejected = expect(result).rejects.toMatchObject({
      code: 'core.deadline',
      message: 'the answer: nothing within 30 ms',
      details: { ms: 30 },
    });
    await vi.advanceTimersByTimeAsync(40);
    await rejected;
    expect(inner?.aborted).toBe(true);
  });

  it('rejects with the reason of a signal, before and while it works', async () => {
    const outer = new AbortController();
    const result = withDeadline('work', 1000, () => never, outer.signal);
    outer.abort(new TypeError('cancelled'));
    await expect(result).rejects.toThrow('cancelled');
    await expect(withDeadline('work', 1000, () => never, outer.signal)).rejects.toThrow('cancelled');
    expect(vi.getTimerCount()).toBe(0);
    const odd = new AbortController();
    const refused = withDeadline('work', 1000, () => never, odd.signal);
    odd.abort('no error');
    await expect(refused).rejects.toMatchObject({ code: 'core.cancelled', cause: 'no error' });
  });
});
