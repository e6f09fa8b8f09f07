import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { connectEngine, type Engine } from '../../src/runtime/docker/engine.ts';
import { temporaryFolder } from '../nodes/drivers.ts';
import { BUSYBOX, busyboxImage } from './busybox-image.ts';
import { describeWithDocker } from './engine.ts';

const BUILT = 'boltgrid-test/built:1';

describeWithDocker('images', (engine) => {
  afterAll(async () => {
    await engine.images.remove(BUILT);
  });

  async function build(
    dockerfile: string,
    { with: builder = engine, ...options }: { with?: Engine; signal?: AbortSignal } = {},
  ): Promise<{ lines: string[]; id: string }> {
    await busyboxImage(engine);
    await using context = await temporaryFolder();
    await mkdir(join(context.folder, 'deep/er'), { recursive: true });
    await writeFile(join(context.folder, 'deep/er/file'), `from the context ${randomUUID()}\n`, {
      mode: 0o755,
    });
    await writeFile(join(context.folder, 'Other.Dockerfile'), dockerfile);
    // Its content is new each time: nothing comes from the builder's cache.
    const lines: string[] = [];
    const { id } = await builder.images.build(
      { context: context.folder, dockerfile: 'Other.Dockerfile', args: { BASE: BUSYBOX }, tag: BUILT },
      { onProgress: (line) => lines.push(line), ...options },
    );
    return { lines, id };
  }

  const GOOD = 'ARG BASE=none\nFROM ${BASE}\nCOPY deep /deep\nRUN echo so it is: $(cat /deep/er/file)\n';

  test('the test image is found and listed, another is not', async () => {
    await busyboxImage(engine);
    const found = await engine.images.find(BUSYBOX);
    expect(found).toMatchObject({ id: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) as string });
    expect(await engine.images.find(found?.id ?? '')).toEqual(found);
    expect(await engine.images.list('boltgrid-test/')).toContainEqual(
      expect.objectContaining({ reference: BUSYBOX, id: found?.id }),
    );
    expect(await engine.images.find('boltgrid-test/none:0')).toBeUndefined();
    await engine.images.remove('boltgrid-test/none:0');
  });

  describe.each(['classic', 'buildkit'])('building (%s)', (builder) => {
    const withBuilder = async (): Promise<Engine> => {
      const before = process.env.DOCKER_BUILDKIT;
      process.env.DOCKER_BUILDKIT = builder === 'buildkit' ? '1' : '0';
      try {
        return await connectEngine();
      } finally {
        if (before === undefined) delete process.env.DOCKER_BUILDKIT;
        else process.env.DOCKER_BUILDKIT = before;
      }
    };

    test('a folder becomes an image; its lines are told', async () => {
      const { lines, id } = await build(GOOD, { with: await withBuilder() });
      expect(lines.join('\n')).toContain('so it is: from the context');
      expect((await engine.images.find(BUILT))?.id).toBe(id);
    });

    test('a failure tells the last lines', async () => {
      const dockerfile = `${GOOD}RUN echo this is why && exit 7\n`;
      await expect(build(dockerfile, { with: await withBuilder() })).rejects.toMatchObject({
        code: 'docker.build-failed',
        blame: 'setup',
        hint: expect.stringContaining('this is why') as string,
      });
    });

    test('it can be cancelled', async () => {
      const reason = new Error('enough');
      const cancel = new AbortController();
      const building = build(`${GOOD}RUN sleep 60\n`, { with: await withBuilder(), signal: cancel.signal });
      cancel.abort(reason);
      await expect(building).rejects.toBe(reason);
    });
  });

  test('a Dockerfile that is none', async () => {
    await expect(build('NONSENSE\n')).rejects.toMatchObject({ code: 'docker.build-failed' });
  });

  test('a registry that is not there', async () => {
    await expect(engine.images.pull('127.0.0.1:1/none:1')).rejects.toMatchObject({
      code: 'docker.cannot-pull',
      blame: 'setup',
      hint: expect.stringContaining('docker login') as string,
    });
  });
});
