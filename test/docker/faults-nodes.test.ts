import { expect, test } from 'vitest';
import { describeWithDocker } from './engine.ts';
import { docker } from './runs.ts';
import {
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
  withFault,
} from './whole-run.ts';

/* Nodes and chains that fail in the middle of whole runs. */
describeWithDocker('a whole run', (engine) => {
  test('nodes that do not come up, or die: each is told as what it is, and the rest is judged', async ({
    skip,
  }) => {
    const image = await imageWithNode(engine);
    if (image === undefined) return skip('no image with Node.js and no bitcoind is here');
    const profiles = {
      ...PROFILES,
      exits: withFault('exits'),
      hangs: withFault('hangs', { timing: { startMs: 4000 } }),
      hungry: withFault('hungry'),
    };
    const faults = Object.keys(profiles).slice(1);
    const nodes = ['scripted@1', ...faults.map((fault) => `scripted@1+${fault}`)];
    await using place = await project({ scripted: inContainer(image, { profiles }) }, nodes);
    const { code, out } = await place.boltgrid(['run', '--case', '**-node', '--case', '**passes**']).ended;
    const results = resultsOf(place.folder);
    const cell = (id: string, name: string) => results.get(`${id} ${name}`);

    expect(cell('scripted@1', 'kills-node')).toMatchObject({ verdict: 'crashed', attempt: 2, blame: 'node' });
    expect(cell('scripted@1', 'kills-node')?.message).toContain('ended by itself, with code 9');
    expect(cell('scripted@1', 'feeds-node')).toMatchObject({ verdict: 'crashed', attempt: 2, blame: 'node' });
    expect(cell('scripted@1', 'feeds-node')?.message).toContain('out of memory (limit 160 MiB)');
    for (const name of ['passes[one]', 'passes[two]']) {
      expect(cell('scripted@1', name)?.verdict, name).toBe('pass');
    }

    const said = {
      exits: /with code 7.*cannot open the database/s,
      hangs: /start: no answer within 4000 ms/,
      hungry: /out of memory \(limit 160 MiB\)/,
    };
    for (const [fault, text] of Object.entries(said)) {
      for (const name of ['kills-node', 'feeds-node', 'passes[one]', 'passes[two]']) {
        const result = cell(`scripted@1+${fault}`, name);
        expect(result, `${fault} ${name}`).toMatchObject({
          verdict: 'setup-error',
          attempt: 1,
          blame: 'setup',
        });
        expect(result?.message).toMatch(text);
      }
      expect(out).toMatch(text);
    }
    expect(code).toBe(1);
    await nothingIsLeft(engine, place.folder);
  });

  test('bitcoind dies, or a container is removed by hand: set-up errors for what was in flight there, the rest goes on in a new world', async ({
    skip,
  }) => {
    const image = await imageWithNode(engine);
    if (image === undefined) return skip('no image with Node.js and no bitcoind is here');
    await using place = await project({ scripted: inContainer(image, { profiles: PROFILES }) }, [
      'scripted@1',
      'scripted@2',
    ]);
    const run = place.boltgrid(['run', '--case', '**lasts**', '--case', '**passes**']);
    for (const node of ['scripted@1', 'scripted@2']) await run.journals(8, started(node, 'lasts'));
    const containers = (await left(engine, runIdOf(place.folder))).filter(({ kind }) => kind === 'container');
    const ofNode = (node: string): string => containers.find(({ name }) => name.includes(node))?.name ?? '';
    const world = /-(\d+-\d+-\d+)$/.exec(ofNode('scripted-1'))?.[1] ?? '';
    const bitcoind = containers.find(({ name }) => name.endsWith(`bitcoind-${world}`))?.name ?? '';
    await Promise.all([
      docker.getContainer(bitcoind).kill(),
      docker.getContainer(ofNode('scripted-2')).remove({ force: true }),
    ]);
    const { code, out } = await run.ended;

    const many = Array.from({ length: 8 }, (_, i) => `lasts[n${i}]`);
    const each = (verdict: string, names: readonly string[]) =>
      ['scripted@1', 'scripted@2'].flatMap((node) => names.map((name) => [`${node} ${name}`, verdict]));
    expect(verdictsOf(place.folder)).toEqual(
      Object.fromEntries([...each('setup-error', many), ...each('pass', ['passes[one]', 'passes[two]'])]),
    );
    const results = resultsOf(place.folder);
    expect(results.get('scripted@1 lasts[n0]')).toMatchObject({ blame: 'setup', attempt: 1 });
    expect(results.get('scripted@1 lasts[n0]')?.message).toContain(
      'bitcoind ended, by SIGKILL: killed from outside',
    );
    expect(results.get('scripted@2 lasts[n0]')).toMatchObject({ blame: 'setup', attempt: 1 });
    expect(results.get('scripted@2 lasts[n0]')?.message).toContain(
      'scripted@2 was ended, by SIGKILL: its container was removed from outside',
    );
    expect(journalOf(place.folder).at(-1)).toMatchObject({ event: 'footer', reason: 'complete', notRun: 0 });
    expect(code).toBe(1);
    expect(out).toContain('set-up error');
    await nothingIsLeft(engine, place.folder);
  });
});

describeWithDocker('node start', (engine) => {
  test('one that does not come up is told with the end of its log; one that dies later, too; Ctrl-C stops it', async ({
    skip,
  }) => {
    const image = await imageWithNode(engine);
    if (image === undefined) return skip('no image with Node.js and no bitcoind is here');
    const profiles = { ...PROFILES, exits: withFault('exits') };
    await using place = await project({ scripted: inContainer(image, { profiles }) }, [
      'scripted@1',
      'scripted@1+exits',
    ]);
    const nothing = async (pid: number) => {
      expect(await left(engine, `node-${pid}`)).toEqual([]);
    };

    const exits = place.boltgrid(['node', 'start', 'scripted@1+exits']);
    const failed = await exits.ended;
    expect(failed.code).toBe(1);
    expect(failed.err).toContain('scripted@1+exits did not start: the program ended with code 7');
    expect(failed.err).toContain('cannot open the database');
    await nothing(exits.pid);

    const dies = place.boltgrid(['node', 'start', 'scripted@1']);
    await dies.says(/Ctrl-C stops it/);
    const container = (await left(engine, `node-${dies.pid}`)).find(({ name }) => name.includes('scripted'));
    await docker.getContainer(container?.name ?? '').kill();
    const died = await dies.ended;
    expect(died.code).toBe(1);
    expect(died.err).toContain('scripted@1 ended by itself, by SIGKILL: killed from outside');
    await nothing(dies.pid);

    const stopped = place.boltgrid(['node', 'start', 'scripted@1']);
    await stopped.says(/Ctrl-C stops it/);
    stopped.signal('SIGINT');
    expect((await stopped.ended).code).toBe(0);
    await nothing(stopped.pid);
  });
});
