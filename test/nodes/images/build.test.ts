import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { identityOf, thisProcess } from '../../../src/core/process-identity.ts';
import { buildImage } from '../../../src/nodes/images/build-image.ts';
import { temporaryFolders } from '../../journal/folder.ts';
import { FakeEngine } from './fake-engine.ts';
import { quietly, toyPlan } from './plans.ts';

const folder = temporaryFolders();

const workFolders = async (): Promise<string[]> =>
  (await readdir(tmpdir())).filter((name) => name.startsWith('boltgrid-image-'));

const prepare = (script: string) => ({
  argv: ['{node}', '-e', script.replaceAll('{', '{{'), '{version}', '{here}'],
});

/** Where builds work, in place of the folder that all share. */
const tmp = process.env.TMPDIR;
beforeEach(async () => {
  process.env.TMPDIR = await folder();
});
afterEach(() => {
  if (tmp === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = tmp;
});

describe('building', () => {
  it('hands over context, arguments and base, and is done once', async () => {
    const plan = await toyPlan(await folder(), {
      build: { cost: 'nothing', base: 'debian:sid-slim', args: { PACKAGE: 'toy={version}' } },
    });
    const engine = new FakeEngine({ present: ['debian:sid-slim'] });
    const built = await buildImage(plan, engine, quietly());
    expect(await buildImage(plan, engine, quietly())).toEqual(built);
    expect(engine.builds).toHaveLength(1);
    expect(engine.builds[0]).toMatchObject({
      tag: built.reference,
      dockerfile: 'Dockerfile',
      args: { BASE: 'debian:sid-slim', PACKAGE: 'toy=1.2' },
    });
    // The manifest is no part of it; the certificates of this machine are, here none.
    expect(Object.keys(engine.builds[0]!.contents)).toEqual([
      'Dockerfile',
      'boltgrid-ca.crt',
      'files/start.sh',
    ]);
    expect(engine.builds[0]!.contents['boltgrid-ca.crt']).toBe('');
  });

  it('is done again when forced to, and when the folder has changed', async () => {
    const plan = await toyPlan(await folder(), { build: { cost: 'nothing' } });
    const engine = new FakeEngine();
    const first = await buildImage(plan, engine, quietly());
    expect((await buildImage(plan, engine, { ...quietly(), force: true })).reference).toBe(first.reference);
    await writeFile(join(plan.folder, 'files/start.sh'), 'exec other\n');
    expect((await buildImage(plan, engine, quietly())).reference).not.toBe(first.reference);
    expect(engine.builds).toHaveLength(3);
  });

  it('hands over certificates and proxy', async () => {
    const path = await folder();
    await writeFile(join(path, 'ca.pem'), 'PEM');
    const plan = await toyPlan(join(path, 'toy'), { build: { cost: 'nothing' } });
    const engine = new FakeEngine();
    const access = { caBundle: join(path, 'ca.pem'), proxy: { https_proxy: 'http://proxy.example:1' } };
    const built = await buildImage(plan, engine, { ...quietly(), access });
    expect(engine.builds[0]).toMatchObject({ args: { https_proxy: 'http://proxy.example:1' } });
    expect(engine.builds[0]!.contents['boltgrid-ca.crt']).toBe('PEM');
    // How things are fetched is no build input.
    expect((await buildImage(plan, engine, quietly())).reference).toBe(built.reference);
    expect(engine.builds).toHaveLength(1);
  });

  it('needs a recipe', async () => {
    const plan = await toyPlan(await folder(), { pull: 'example/toy:1' });
    await expect(buildImage(plan, new FakeEngine(), quietly())).rejects.toMatchObject({
      code: 'image.no-build',
    });
  });
});

describe('the base of a build', () => {
  const spec = { build: { cost: 'nothing', base: 'debian:bookworm-20250520-slim' } };
  const baseOf = async (engine: FakeEngine): Promise<string | undefined> => {
    await buildImage(await toyPlan(await folder(), spec), engine, quietly());
    return engine.builds[0]?.args?.BASE;
  };

  it('is the public one where it is here', async () => {
    const engine = new FakeEngine({ present: [spec.build.base, 'boltgrid/base:bookworm'] });
    expect(await baseOf(engine)).toBe(spec.build.base);
    expect(engine.pulls).toEqual([]);
  });

  it('is the public one where it can be pulled', async () => {
    const engine = new FakeEngine({ present: ['boltgrid/base:bookworm'], registry: [spec.build.base] });
    expect(await baseOf(engine)).toBe(spec.build.base);
  });

  it('is else one that was made here, of the same suite', async () => {
    const engine = new FakeEngine({ present: ['boltgrid/base:bookworm', 'boltgrid/base:sid'] });
    expect(await baseOf(engine)).toBe('boltgrid/base:bookworm');
  });

  it('is else wanting, with what makes one', async () => {
    await expect(baseOf(new FakeEngine({ present: ['boltgrid/base:sid'] }))).rejects.toMatchObject({
      code: 'image.no-base',
      hint: 'Without a registry: boltgrid images base bookworm',
    });
  });

  it.each(['python:3-bookworm', 'debian:12', 'example/debian:sid'])(
    'has no stand-in where it is not Debian by the name of a suite: %s',
    async (base) => {
      const plan = await toyPlan(await folder(), { build: { cost: 'nothing', base } });
      const engine = new FakeEngine({ present: ['boltgrid/base:bookworm', 'boltgrid/base:sid'] });
      await expect(buildImage(plan, engine, quietly())).rejects.toMatchObject({
        code: 'image.no-base',
        hint: expect.stringContaining(`docker pull ${base}`) as string,
      });
    },
  );
});

describe('preparing', () => {
  it('runs in a copy of the context, and what it makes is handed over', async () => {
    const script = `
      const fs = require('node:fs');
      fs.mkdirSync('target');
      fs.writeFileSync('target/waste', '');
      fs.writeFileSync('out', [process.argv.at(-2), fs.existsSync('files/start.sh'), process.env.GOFLAGS, process.env.SECRET].join());
      console.log(process.cwd() === process.argv.at(-1) ? 'in place' : 'elsewhere');`;
    const plan = await toyPlan(await folder(), { build: { cost: 'nothing', prepare: prepare(script) } });
    const lines: string[] = [];
    const engine = new FakeEngine();
    process.env.SECRET = 'secret';
    process.env.GOFLAGS = '-mod=mod';
    try {
      await buildImage(plan, engine, quietly(lines));
    } finally {
      delete process.env.SECRET;
      delete process.env.GOFLAGS;
    }
    expect(lines).toEqual(['elsewhere']);
    expect(engine.builds[0]!.contents.out).toBe('1.2,true,-mod=mod,');
    expect(engine.builds[0]!.contents).not.toHaveProperty('target/waste');
    expect(await readdir(plan.folder)).not.toContain('out');
  });

  it('that fails shows its last lines, builds nothing and leaves nothing', async () => {
    const script = 'for (let i = 1; i <= 40; i++) console.log(`line ${i}`); process.exitCode = 3;';
    const plan = await toyPlan(await folder(), { build: { cost: 'nothing', prepare: prepare(script) } });
    const engine = new FakeEngine();
    const lines = Array.from({ length: 30 }, (_, i) => `line ${i + 11}`);
    await expect(buildImage(plan, engine, quietly())).rejects.toMatchObject({
      code: 'image.prepare-failed',
      blame: 'setup',
      message: expect.stringContaining('code 3') as string,
      hint: `Its last lines:\n${lines.join('\n')}`,
    });
    expect(engine.builds).toEqual([]);
    expect(await workFolders()).toEqual([]);
  });

  it('is not begun without its tools', async () => {
    const spec = { argv: ['true'], tools: ['no-such-tool', 'node', 'no-other-tool'] };
    const plan = await toyPlan(await folder(), { build: { cost: 'nothing', prepare: spec } });
    await expect(buildImage(plan, new FakeEngine(), quietly())).rejects.toMatchObject({
      code: 'image.tool-absent',
      details: { absent: ['no-such-tool', 'no-other-tool'] },
    });
  });

  it('is ended with all that it started when cancelled', async () => {
    const script = `
      const child = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
      console.log(child.pid);
      setInterval(() => {}, 1000);`;
    const plan = await toyPlan(await folder(), { build: { cost: 'nothing', prepare: prepare(script) } });
    const stop = new AbortController();
    let grandchild = 0;
    const onLine = (line: string): void => {
      grandchild = Number(line);
      stop.abort();
    };
    const engine = new FakeEngine();
    await expect(
      buildImage(plan, engine, { ...quietly(), onLine, signal: stop.signal }),
    ).rejects.toMatchObject({ code: 'core.cancelled' });
    await expect.poll(() => isThere(grandchild)).toBe(false);
    expect(engine.builds).toEqual([]);
    expect(await workFolders()).toEqual([]);
  });
});

/** A process that ended and waits for its parent has no words any more. */
const isThere = (pid: number): boolean => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== '';
  } catch {
    return false;
  }
};

describe('the folders of builds that were killed', () => {
  const DEAD = { ...thisProcess(), startTicks: '1' };

  it('are removed by the next one, and no others', async () => {
    for (const [name, owner] of Object.entries({
      dead: DEAD,
      alive: thisProcess(),
      other: { ...DEAD, host: 'x' },
    })) {
      await mkdir(join(tmpdir(), `boltgrid-image-${name}`));
      await writeFile(join(tmpdir(), `boltgrid-image-${name}`, 'owner.json'), JSON.stringify(owner));
    }
    await mkdir(join(tmpdir(), 'boltgrid-image-new'));
    const orphan = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' });
    const program = JSON.stringify(identityOf(orphan.pid ?? 0));
    await writeFile(join(tmpdir(), 'boltgrid-image-dead', 'program.json'), program);
    await buildImage(
      await toyPlan(await folder(), { build: { cost: 'nothing' } }),
      new FakeEngine(),
      quietly(),
    );
    expect(orphan.signalCode ?? (await once(orphan, 'exit'))[1]).toBe('SIGKILL');
    expect((await workFolders()).sort()).toEqual(
      ['alive', 'new', 'other'].map((name) => `boltgrid-image-${name}`),
    );
  });
});

describe('what was built', () => {
  const spec = {
    build: { cost: 'nothing' },
    asserts: { argv: ['toy', '--version={version}'], matches: '^toy v{version}$' },
  };

  it('is asked for its version', async () => {
    const plan = await toyPlan(await folder(), spec);
    const engine = new FakeEngine({ prints: 'hello\ntoy v1.2\n' });
    const { reference } = await buildImage(plan, engine, quietly());
    expect(engine.runs).toEqual([{ reference, argv: ['toy', '--version=1.2'] }]);
    expect([...engine.here.keys()]).toEqual([reference]);
  });

  it.each(['toy v1.3', 'toy v1x2', 'toy v1.2.1', ''])(
    'is thrown away when it is another: %j',
    async (prints) => {
      const plan = await toyPlan(await folder(), spec);
      const engine = new FakeEngine({ prints });
      await expect(buildImage(plan, engine, quietly())).rejects.toMatchObject({
        code: 'image.wrong-version',
        blame: 'setup',
      });
      expect([...engine.here.keys()]).toEqual([]);
    },
  );

  it('is thrown away when it cannot be asked', async () => {
    const plan = await toyPlan(await folder(), spec);
    const engine = new FakeEngine();
    engine.run = () => Promise.reject(new Error('no such program'));
    await expect(buildImage(plan, engine, quietly())).rejects.toThrow('no such program');
    expect([...engine.here.keys()]).toEqual([]);
  });
});
