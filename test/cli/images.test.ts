import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { imagesCommands } from '../../src/cli/commands/images.ts';
import { main } from '../../src/cli/main.ts';
import { BoltgridError } from '../../src/core/error.ts';
import { temporaryFolders } from '../journal/folder.ts';
import { FakeEngine, type FakeEngineOptions } from '../nodes/images/fake-engine.ts';
import { writeProject } from './project.ts';
import { FakeOutput, fakeContext, type CommandOutcome, type FakeContext } from './terminal.ts';

const folder = temporaryFolders();

const CHAIN = {
  ...{ name: 'toychain', title: 'Toy chain', startMs: 1000 },
  versions: {
    '2.0': { image: { pull: 'example/chain:2.0' } },
    '1.0': { image: { build: { cost: 'a second' } } },
  },
  program: { argv: ['chain'], ports: { rpc: 1 } },
};

/** Two versions that can be pulled and built, and a chain; its first version can only be pulled, its second only be built. */
async function project(): Promise<string> {
  const path = await folder();
  await writeProject(path, {
    manifest: {
      run: { driver: { argv: ['driver'] }, container: { argv: ['driver'] } },
      image: { pull: 'example/fake:{version}', build: { cost: 'two minutes' } },
      otherVersions: { match: '9\\..*' },
    },
  });
  await mkdir(join(path, 'images', 'toychain'));
  await writeFile(join(path, 'images', 'toychain', 'chain.json'), JSON.stringify(CHAIN));
  for (const name of ['fake', 'toychain']) {
    await writeFile(join(path, 'images', name, 'Dockerfile'), `FROM scratch\nLABEL of=${name}\n`);
  }
  return path;
}

async function images(
  engine: FakeEngine,
  cwd: string,
  argv: readonly string[],
  more: Partial<FakeContext> = {},
): Promise<CommandOutcome> {
  const context = fakeContext(cwd, more);
  const code = await main(['images', ...argv], context, [imagesCommands(() => Promise.resolve(engine))]);
  return { code, out: context.stdout.text, err: context.stderr.text };
}

/** Without the lines of what comes with boltgrid. */
const ids = (out: string): string[] =>
  (JSON.parse(out) as { images: { id: string }[] }).images
    .map(({ id }) => id)
    .filter((id) => /^(fake|toychain)@/.test(id));

const outcomes = (out: string): Record<string, string> =>
  Object.fromEntries(
    (JSON.parse(out) as { images: { id: string; outcome: string }[] }).images.map(({ id, outcome }) => [
      id,
      outcome,
    ]),
  );

const ALL = ['fake@1.0', 'fake@2.0', 'toychain@2.0', 'toychain@1.0'];

describe('boltgrid images list', () => {
  it('tells what is here, and what the rest costs', async () => {
    const engine = new FakeEngine({ present: ['example/fake:2.0'] });
    const { code, out } = await images(engine, await project(), ['list', 'fake']);
    expect(code).toBe(0);
    const [head, one, two] = out.split('\n');
    expect(head).toMatch(/^image +here +size +public +built +to have it$/);
    expect(one).toMatch(
      /^fake@1\.0 +no +example\/fake:1\.0 +boltgrid\/fake:1\.0-\w{12} +pull, or build: two minutes$/,
    );
    expect(two).toMatch(/^fake@2\.0 +public +12 MB +example\/fake:2\.0 +boltgrid\/fake:2\.0-\w{12}$/);
  });

  it('takes patterns, a version that the matrix lacks, and refuses what is not there', async () => {
    const path = await project();
    const engine = new FakeEngine();
    const list = async (...patterns: string[]): Promise<string[]> =>
      ids((await images(engine, path, ['list', '--json', ...patterns])).out);
    expect(await list()).toEqual(expect.arrayContaining(ALL));
    expect(await list('fake@1.0', 'toychain')).toEqual(['fake@1.0', 'toychain@2.0', 'toychain@1.0']);
    expect(await list('fake@9.1')).toEqual(['fake@9.1']);
    expect(await images(engine, path, ['list', 'fale'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('no image matches "fale"') as string,
    });
  });

  it('is a set-up error without Docker', async () => {
    const context = fakeContext(await project());
    const absent = new BoltgridError('docker.absent', 'setup', 'no Docker', { hint: 'Start it.' });
    const code = await main(['images', 'list'], context, [imagesCommands(() => Promise.reject(absent))]);
    expect([code, context.stderr.text]).toEqual([1, 'error: no Docker\nStart it.\n']);
  });
});

describe('boltgrid images build', () => {
  it('builds what is named and not here, and says what became of each', async () => {
    const path = await project();
    const engine = new FakeEngine({ present: ['example/fake:2.0'] });
    const first = await images(engine, path, ['build', 'fake', 'toychain@1.0']);
    expect(first.code).toBe(0);
    expect(first.out).toMatch(/^fake@1\.0 +built +\d+\.\d +12 MB +boltgrid\/fake:1\.0-\w{12}$/m);
    expect(first.out).toMatch(/^fake@2\.0 +present +\d+\.\d +12 MB +example\/fake:2\.0$/m);
    expect(first.out).toMatch(/^toychain@1\.0 +built /m);
    const second = await images(engine, path, ['build', 'fake', 'toychain@1.0', '--json']);
    expect(new Set(Object.values(outcomes(second.out)))).toEqual(new Set(['present']));
    expect(engine.builds).toHaveLength(2);
    await images(engine, path, ['build', 'fake@2.0', '--force']);
    expect(engine.builds).toHaveLength(3);
  });

  it('goes on when one fails, and tells of it at the end', async () => {
    const engine = new FakeEngine({
      build: ({ tag }) => {
        if (!tag.includes(':1.0-')) return Promise.resolve();
        const hint = 'Its last lines:\nlink: no such symbol';
        return Promise.reject(new BoltgridError('docker.build-failed', 'setup', 'RUN failed', { hint }));
      },
    });
    const { code, out } = await images(engine, await project(), ['build', 'fake']);
    expect(code).toBe(1);
    expect(out).toMatch(/^fake@1\.0 +failed/m);
    expect(out).toMatch(/^fake@2\.0 +built/m);
    expect(out).toMatch(/error: fake@1\.0: RUN failed\n {2}Its last lines:\n {2}link: no such symbol\n$/);
  });

  it('says so where something cannot be built', async () => {
    const { code, out } = await images(new FakeEngine(), await project(), [
      'build',
      'toychain@2.0',
      '--json',
    ]);
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      images: [{ id: 'toychain@2.0', outcome: 'failed', code: 'image.no-build' }],
    });
  });

  it('means by a chain without a version what can be built of it', async () => {
    const { code, out } = await images(new FakeEngine(), await project(), ['build', 'toychain', '--json']);
    expect(code).toBe(0);
    expect(outcomes(out)).toEqual({ 'toychain@1.0': 'built' });
  });

  it('builds as many at a time as it is told to', async () => {
    let running = 0;
    const seen: number[] = [];
    const build: FakeEngineOptions['build'] = async () => {
      seen.push(++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
    };
    const path = await project();
    await images(new FakeEngine({ build }), path, ['build', 'fake', 'toychain@1.0', '--jobs', '1']);
    expect(seen).toEqual([1, 1, 1]);
    expect(await images(new FakeEngine(), path, ['build', '--jobs', '0'])).toMatchObject({ code: 2 });
  });

  it('ends all when asked to stop', async () => {
    const stop = new AbortController();
    const build: FakeEngineOptions['build'] = (_, __, signal) => {
      const ended = new Promise<void>((_resolve, reject) => {
        signal?.addEventListener('abort', () => {
          reject(signal.reason as Error);
        });
      });
      stop.abort();
      return ended;
    };
    const engine = new FakeEngine({ build });
    const { code, out } = await images(engine, await project(), ['build', 'fake', '--jobs', '1', '--json'], {
      signal: stop.signal,
    });
    expect(code).toBe(130);
    expect(outcomes(out)).toEqual({ 'fake@1.0': 'cancelled', 'fake@2.0': 'cancelled' });
    expect(engine.builds).toHaveLength(1);
  });

  it('shows a line for each that runs on a terminal', async () => {
    const stdout = new FakeOutput({ isTTY: true });
    const build: FakeEngineOptions['build'] = (_, onLine) => {
      onLine('Step 1/2 : FROM scratch');
      return Promise.resolve();
    };
    await images(new FakeEngine({ build }), await project(), ['build', 'fake@1.0'], {
      stdout,
      env: { NO_COLOR: '1' },
    });
    expect(stdout.text).toContain('fake@1.0  built');
    expect(stdout.text.endsWith('\n')).toBe(true);
  });

  it('takes certificates from a file that is there', async () => {
    const { code, err } = await images(new FakeEngine(), await project(), ['build', '--ca', 'nowhere.pem']);
    expect(code).toBe(2);
    expect(err).toContain('nowhere.pem: cannot be read');
  });
});

describe('boltgrid images pull', () => {
  it('pulls what is named', async () => {
    const engine = new FakeEngine({ registry: ['example/fake:1.0', 'example/chain:2.0'] });
    const { code, out } = await images(engine, await project(), [
      'pull',
      'fake@1.0',
      'toychain@2.0',
      '--json',
    ]);
    expect(code).toBe(0);
    expect(outcomes(out)).toEqual({ 'fake@1.0': 'pulled', 'toychain@2.0': 'pulled' });
  });

  it('fails in one line each where no registry can be reached', async () => {
    const { code, out } = await images(new FakeEngine(), await project(), ['pull', 'fake']);
    expect(code).toBe(1);
    expect(out).toContain('error: fake@1.0: nothing can be pulled from docker.io');
    expect(out).toContain('boltgrid images build makes images without a registry.');
  });
});

describe('boltgrid images base', () => {
  it('makes nothing that is here', async () => {
    const present = ['boltgrid/base:bookworm', 'boltgrid/base:trixie', 'boltgrid/base:sid'];
    const { code, out } = await images(new FakeEngine({ present }), await folder(), ['base', '--json']);
    expect(code).toBe(0);
    expect(outcomes(out)).toEqual({ bookworm: 'present', trixie: 'present', sid: 'present' });
  });

  it('refuses what is no suite', async () => {
    const { code, out } = await images(new FakeEngine(), await folder(), ['base', '../x', '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ images: [{ outcome: 'failed', code: 'image.bad-suite' }] });
  });
});

describe('without names', () => {
  it('all nodes of the matrix are meant, and the first version of the chain that can be had so', async () => {
    const path = await project();
    const built = await images(new FakeEngine(), path, ['build', '--json']);
    expect(Object.keys(outcomes(built.out))).toEqual(['fake@1.0', 'fake@2.0', 'toychain@1.0']);
    const pulled = await images(new FakeEngine(), path, ['pull', '--json']);
    expect(Object.keys(outcomes(pulled.out))).toEqual(['fake@1.0', 'fake@2.0', 'toychain@2.0']);
  });

  it('a chain that is here is enough', async () => {
    const engine = new FakeEngine({ present: ['example/chain:2.0'] });
    const { out } = await images(engine, await project(), ['build', '--json']);
    expect(outcomes(out)).toMatchObject({ 'toychain@2.0': 'present' });
  });
});

describe('a matrix whose image folder is gone', () => {
  it('is refused as everywhere', async () => {
    const path = await project();
    await rm(join(path, 'images'), { recursive: true });
    expect(await images(new FakeEngine(), path, ['list'])).toMatchObject({ code: 2 });
  });
});
