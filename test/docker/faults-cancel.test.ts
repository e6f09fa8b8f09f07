import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { busyboxImage } from './busybox-image.ts';
import { describeWithDocker } from './engine.ts';
import { docker } from './runs.ts';
import {
  finished,
  imageWithNode,
  inContainer,
  journalOf,
  left,
  nothingIsLeft,
  PROFILES,
  project,
  runIdOf,
  started,
  verdictsOf,
  withFault,
} from './whole-run.ts';

const NOT_HERE = 'no image with Node.js, or none of bitcoind, is here';

/** A word that is in no name of a container but those of one test. */
const unlikely = (): string => `t${randomBytes(4).toString('hex')}`;

/** Resolves once a container was started whose name has this in it. */
async function containerStarts(part: string): Promise<{ readonly seen: Promise<void> }> {
  const events = await docker.getEvents({ filters: { type: ['container'], event: ['start'] } });
  const seen = (async () => {
    let text = '';
    for await (const chunk of events) {
      text += String(chunk);
      if (text.includes(part)) return;
    }
  })();
  return { seen };
}

describeWithDocker('Ctrl-C', (engine) => {
  test('while an image is built: no run is begun, and the build ends', async () => {
    const word = unlikely();
    const base = await busyboxImage(engine);
    const image = { build: { context: 'image', base, cost: 'a test' } };
    const dockerfile = `ARG BASE\nFROM $BASE\nRUN echo ${word} and on && exec sleep 600\n`;
    await using place = await project({ slow: { image, needs: { chain: 'bitcoind' } } }, ['slow@1'], {
      'nodes/slow/image/Dockerfile': dockerfile,
    });
    const run = place.boltgrid(['run', '--build', '--verbose']);
    await run.says(new RegExp(`slow@1 +${word} and on`));
    run.signal('SIGINT');
    const { code, err } = await run.ended;
    expect(code).toBe(130);
    expect(err).toContain('error: cancelled');
    expect(existsSync(join(place.folder, 'reports'))).toBe(false);
    const building = async (): Promise<string[]> =>
      (await docker.listContainers({ all: true }))
        .map(({ Command }) => Command)
        .filter((argv) => argv.includes(word));
    await expect.poll(building, { timeout: 20_000 }).toEqual([]);
  });

  test('while a node starts', async ({ skip }) => {
    const image = await imageWithNode(engine);
    if (image === undefined) return skip(NOT_HERE);
    const name = unlikely();
    const profiles = { default: withFault('hangs', { timing: { startMs: 600_000 } }) };
    await using place = await project({ [name]: inContainer(image, { profiles }) }, [`${name}@1`]);
    const { seen } = await containerStarts(`-${name}-1-`);
    const run = place.boltgrid(['run', '--case', '**passes**']);
    await seen;
    run.signal('SIGINT');
    const { code, out } = await run.ended;
    expect(code).toBe(130);
    expect(out).toContain('not run    2');
    expect(journalOf(place.folder).at(-1)).toMatchObject({ event: 'footer', reason: 'cancelled', notRun: 2 });
    await nothingIsLeft(engine, place.folder);
  });

  test('in the middle of cases: they have no verdict, and the run can be resumed', async ({ skip }) => {
    const image = await imageWithNode(engine);
    if (image === undefined) return skip(NOT_HERE);
    await using place = await project({ scripted: inContainer(image, { profiles: PROFILES }) }, [
      'scripted@1',
    ]);
    const run = place.boltgrid(['run', '--case', '**lasts**', '--case', '**passes**']);
    await run.journals(8, started('scripted@1', 'lasts'));
    run.signal('SIGINT');
    const { code, out } = await run.ended;
    expect(code).toBe(130);
    expect(out).toContain(`boltgrid run --resume ${runIdOf(place.folder)}`);
    expect(verdictsOf(place.folder)).toEqual({});
    expect(journalOf(place.folder).at(-1)).toMatchObject({
      event: 'footer',
      reason: 'cancelled',
      notRun: 10,
    });
    await nothingIsLeft(engine, place.folder);
  });

  test('while worlds end, whose node takes its time', async ({ skip }) => {
    const image = await imageWithNode(engine);
    if (image === undefined) return skip(NOT_HERE);
    const profiles = { default: withFault('lingers') };
    await using place = await project({ scripted: inContainer(image, { profiles }) }, ['scripted@1']);
    const run = place.boltgrid(['run', '--case', '**passes[one]']);
    await run.journals(1, finished('scripted@1', 'passes'));
    run.signal('SIGINT');
    expect((await run.ended).code).toBe(130);
    expect(verdictsOf(place.folder)).toEqual({ 'scripted@1 passes[one]': 'pass' });
    await nothingIsLeft(engine, place.folder);
  });

  test('twice: it ends at once, and its worker removes what there is', async ({ skip }) => {
    const image = await imageWithNode(engine);
    if (image === undefined) return skip(NOT_HERE);
    const profiles = { default: withFault('lingers') };
    await using place = await project({ scripted: inContainer(image, { profiles }) }, ['scripted@1']);
    const run = place.boltgrid(['run', '--case', '**lasts[n0]']);
    await run.journals(1, started('scripted@1', 'lasts'));
    run.signal('SIGINT');
    await run.says(/stopping; once more to stop at once/);
    run.signal('SIGINT');
    expect((await run.ended).code).toBe(130);
    expect(journalOf(place.folder).at(-1)).toMatchObject({ event: 'case-started' });
    await expect.poll(() => left(engine, runIdOf(place.folder)), { timeout: 60_000 }).toEqual([]);
  });
});
