import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
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
  resultsOf,
  runIdOf,
  started,
  verdictsOf,
} from './whole-run.ts';

const NOT_HERE = 'no image with Node.js, or none of bitcoind, is here';
const LASTS = ['run', '--workers', '1', '--case', '**lasts[n0]'];

/** A tag of a test's own, that another image can be given. */
async function movableTag(image: string): Promise<{ readonly reference: string; move(): Promise<void> }> {
  const repo = `scratch/faults-${randomBytes(4).toString('hex')}`;
  const reference = `${repo}:1`;
  await docker.getImage(image).tag({ repo, tag: '1' });
  onTestFinished(() => docker.getImage(reference).remove({ force: true }));
  return {
    reference,
    /** The same files, and another content hash. */
    move: async () => {
      const container = await docker.createContainer({ Image: image, Entrypoint: ['/never-run'] });
      try {
        await container.commit({ repo, tag: '1', changes: 'ENV REBUILT=1' });
      } finally {
        await container.remove();
      }
    },
  };
}

describeWithDocker('SIGKILL', (engine) => {
  test('of all of a run: the next one, or clean, removes what it left, and nothing of one that goes on', async ({
    skip,
  }) => {
    const image = await imageWithNode(engine);
    if (image === undefined) return skip(NOT_HERE);
    const scripted = { scripted: inContainer(image, { profiles: PROFILES }) };
    await using killed = await project(scripted, ['scripted@1']);
    await using alive = await project(scripted, ['scripted@1']);
    await using next = await project(scripted, ['scripted@1']);
    const [first, second] = [killed.boltgrid(LASTS), alive.boltgrid(LASTS)];
    await Promise.all([first, second].map((run) => run.journals(1, started('scripted@1', 'lasts'))));
    const kinds = async ({ folder }: { folder: string }) =>
      (await left(engine, runIdOf(folder))).map(({ kind }) => kind).sort();
    const all = ['container', 'container', 'network', 'volume', 'volume'];
    expect(await kinds(killed)).toEqual(all);

    await first.killAll();
    expect((await next.boltgrid(['run', '--case', '**passes[one]']).ended).code).toBe(0);
    await nothingIsLeft(engine, next.folder);
    expect(await kinds(killed)).toEqual([]);
    expect(await kinds(alive)).toEqual(all);

    const goesOn = await next.boltgrid(['clean']).ended;
    expect(goesOn.out).toContain(`run ${runIdOf(alive.folder)} goes on (process ${second.pid})`);
    expect(await kinds(alive)).toEqual(all);
    await second.killAll();
    expect((await next.boltgrid(['clean']).ended).code).toBe(0);
    expect(await kinds(alive)).toEqual([]);
  });

  test('of the coordinator: its worker removes all that there is', async ({ skip }) => {
    const image = await imageWithNode(engine);
    if (image === undefined) return skip(NOT_HERE);
    await using place = await project({ scripted: inContainer(image, { profiles: PROFILES }) }, [
      'scripted@1',
    ]);
    const run = place.boltgrid(LASTS);
    await run.journals(1, started('scripted@1', 'lasts'));
    await run.kill();
    await expect.poll(() => left(engine, runIdOf(place.folder)), { timeout: 60_000 }).toEqual([]);
  });

  test('of the worker: its cases run in another one, and the run ends clean', async ({ skip }) => {
    const image = await imageWithNode(engine);
    if (image === undefined) return skip(NOT_HERE);
    await using place = await project({ scripted: inContainer(image, { profiles: PROFILES }) }, [
      'scripted@1',
    ]);
    const run = place.boltgrid([...LASTS, '--case', '**lasts[n1]', '--case', '**passes[one]']);
    await run.journals(2, started('scripted@1', 'lasts'));
    await writeFile(place.go, '');
    for (const pid of run.workers()) process.kill(pid, 'SIGKILL');
    const { code, out } = await run.ended;
    expect(out).toMatch(/the worker for scripted@1 was ended by SIGKILL; in flight: .*lasts\[n0\]/);
    expect(verdictsOf(place.folder)).toEqual({
      'scripted@1 lasts[n0]': 'pass',
      'scripted@1 lasts[n1]': 'pass',
      'scripted@1 passes[one]': 'pass',
    });
    expect(code).toBe(0);
    await nothingIsLeft(engine, place.folder);
  });

  test('and resumed: the verdicts are complete, and what was told of a node that is another build now counts no more', async ({
    skip,
  }) => {
    const image = await imageWithNode(engine);
    if (image === undefined) return skip(NOT_HERE);
    const tag = await movableTag(image);
    const manifests = {
      kept: inContainer(image, { profiles: PROFILES }),
      rebuilt: inContainer(tag.reference, { profiles: PROFILES }),
    };
    const cells = ['kept@1', 'rebuilt@1'];
    await using place = await project(manifests, cells);
    const run = place.boltgrid(['run', '--case', '**lasts[n0]', '--case', '**passes[one]']);
    for (const cell of cells) {
      await run.journals(1, started(cell, 'lasts'));
      await run.journals(1, finished(cell, 'passes'));
    }
    await run.killAll();
    await tag.move();
    await writeFile(place.go, '');
    const { code } = await place.boltgrid(['run', '--resume']).ended;

    const names = ['lasts[n0]', 'passes[one]'];
    expect(verdictsOf(place.folder)).toEqual(
      Object.fromEntries(cells.flatMap((cell) => names.map((name) => [`${cell} ${name}`, 'pass']))),
    );
    const events = journalOf(place.folder);
    expect(events).toContainEqual(expect.objectContaining({ event: 'resumed', rebuilt: ['rebuilt@1'] }));
    expect(events.filter(finished('kept@1', 'passes'))).toHaveLength(1);
    expect(events.filter(finished('rebuilt@1', 'passes'))).toHaveLength(2);
    const report = JSON.parse(readFileSync(join(place.folder, 'reports/latest/report.json'), 'utf8')) as {
      readonly results: readonly { readonly cell: string; readonly case: string; readonly at?: string }[];
    };
    expect(report.results).toHaveLength(resultsOf(place.folder).size);
    expect(code).toBe(0);
    await nothingIsLeft(engine, place.folder);
  });
});
