import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { imageEngine } from '../../../src/nodes/images/image-engine.ts';
import type { Engine } from '../../../src/runtime/docker/engine.ts';

/** An engine whose only program ends before what it printed has been read. */
function endingEarly(
  log: readonly string[],
  print: (output: PassThrough) => void,
): { engine: Engine; closed: string[] } {
  const closed: string[] = [];
  const start = (_: unknown, kept: { add: (line: string) => void }) => {
    const output = new PassThrough();
    for (const line of log) kept.add(line);
    setImmediate(() => {
      print(output);
    });
    return Promise.resolve({ output, exited: Promise.resolve({ code: 3, signal: null }) });
  };
  const openRun = ({ runId }: { runId: string }) =>
    Promise.resolve({
      runtime: () => ({ place: () => Promise.resolve({ start }) }),
      close: () => {
        closed.push(runId);
        return Promise.resolve();
      },
    });
  return { engine: { images: {}, openRun } as unknown as Engine, closed };
}

it('a program of an image is heard to its end, and nothing is left of it', async () => {
  const { engine, closed } = endingEarly(['a warning'], (output) => {
    output.write('toy ');
    output.end('1.2');
  });
  expect(await imageEngine(engine).run('toy:1', ['toy', '--version'])).toEqual({
    code: 3,
    output: 'toy 1.2\na warning',
  });
  expect(closed).toHaveLength(1);
});

it('a program of an image is given up when told to, and nothing is left of it', async () => {
  const { engine, closed } = endingEarly([], () => undefined);
  const stop = new AbortController();
  const running = imageEngine(engine).run('toy:1', ['toy'], stop.signal);
  stop.abort();
  await expect(running).rejects.toBeInstanceOf(Error);
  expect(closed).toHaveLength(1);
});
