import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { imagesCommands } from '../../src/cli/commands/images.ts';
import { main } from '../../src/cli/main.ts';
import { ownBase } from '../../src/nodes/images/base-image.ts';
import { buildImage } from '../../src/nodes/images/build-image.ts';
import { findImage } from '../../src/nodes/images/find-image.ts';
import { imageEngine, type ImageEngine } from '../../src/nodes/images/image-engine.ts';
import { fakeContext } from '../cli/terminal.ts';
import { writeProject } from '../cli/project.ts';
import { temporaryFolders } from '../journal/folder.ts';
import { quietly, toyPlan } from '../nodes/images/plans.ts';
import { engine as docker } from './engine.ts';

const BASE = 'debian:trixie-slim';
const folder = temporaryFolders();

const DOCKERFILE = `ARG BASE
FROM \${BASE}
COPY boltgrid-ca.crt out /
RUN echo "made of $(cat /out)"
CMD ["cat", "/out"]
`;

const spec = (more: object = {}) => ({
  build: {
    base: BASE,
    cost: 'a second',
    prepare: { argv: ['sh', '-c', 'echo toy {version} > out'], tools: ['sh'] },
    ...more,
  },
  asserts: { argv: ['cat', '/out'], matches: '^toy {version}$' },
});

async function whyNot(): Promise<string | undefined> {
  if (!docker) return 'there is no Docker';
  const here = (await docker.images.find(BASE)) ?? (await docker.images.find(ownBase('trixie')));
  return here ? undefined : `no ${BASE} here: boltgrid images base trixie`;
}

const reason = await whyNot();
if (reason !== undefined && process.env.BOLTGRID_REQUIRE_DOCKER === '1') throw new Error(reason);

describe.skipIf(reason !== undefined)(
  `images on a real engine${reason === undefined ? '' : `: ${reason}`}`,
  () => {
    let engine: ImageEngine;
    const made = new Set<string>();

    beforeAll(() => {
      engine = imageEngine(docker!);
    });

    afterAll(async () => {
      for (const tag of made) await engine.images.remove(tag);
    });

    it('are built, asked for their version, and not built again', async () => {
      const plan = await toyPlan(await folder(), spec(), { Dockerfile: DOCKERFILE });
      const lines: string[] = [];
      expect(await findImage(plan, engine)).toBeUndefined();
      const built = await buildImage(plan, engine, quietly(lines));
      made.add(built.reference);
      expect(lines.join('\n')).toContain('made of toy 1.2');
      expect(await findImage(plan, engine)).toEqual(built);
      const again: string[] = [];
      expect(await buildImage(plan, engine, quietly(again))).toEqual(built);
      expect(again).toEqual([]);
    });

    it('that are of another version leave no tag', async () => {
      const wrong = { prepare: { argv: ['sh', '-c', 'echo toy 1.3 > out'] } };
      const plan = await toyPlan(await folder(), spec(wrong), { Dockerfile: DOCKERFILE });
      await expect(buildImage(plan, engine, quietly())).rejects.toMatchObject({
        code: 'image.wrong-version',
        message: expect.stringContaining('"toy 1.3"') as string,
      });
      expect(await findImage(plan, engine)).toBeUndefined();
    });

    it('that fail to build show their last lines and leave no tag', async () => {
      const Dockerfile = `${DOCKERFILE}RUN echo before the end && exit 7\n`;
      const plan = await toyPlan(await folder(), spec(), { Dockerfile });
      await expect(buildImage(plan, engine, quietly())).rejects.toMatchObject({
        code: 'docker.build-failed',
        hint: expect.stringContaining('before the end') as string,
      });
      expect(await findImage(plan, engine)).toBeUndefined();
    });

    it('end when they are told to', async () => {
      const Dockerfile = `${DOCKERFILE}RUN echo waiting && sleep 100000\n`;
      const plan = await toyPlan(await folder(), spec(), { Dockerfile });
      const stop = new AbortController();
      const onLine = (line: string): void => {
        if (line.includes('waiting') && !line.startsWith('Step')) stop.abort();
      };
      await expect(
        buildImage(plan, engine, { ...quietly(), onLine, signal: stop.signal }),
      ).rejects.toBeInstanceOf(Error);
      expect(stop.signal.aborted).toBe(true);
      expect(await findImage(plan, engine)).toBeUndefined();
    });

    it('come from manifests of other people, too', async () => {
      const path = await folder();
      await writeProject(path, {
        matrix: { images: ['images'], nodes: ['fake@1.0'], suites: ['suites'] },
        manifest: { run: { driver: { argv: ['cat'] }, container: { argv: ['cat'] } }, image: spec() },
      });
      await writeFile(join(path, 'images', 'fake', 'Dockerfile'), DOCKERFILE);
      const context = fakeContext(path);
      const command = imagesCommands(() => Promise.resolve(engine));
      const argv = ['images', 'build', 'fake@1.0', '--json'];
      const code = await main(argv, context, [command]);
      const { images } = JSON.parse(context.stdout.text) as {
        images: { outcome: string; reference?: string }[];
      };
      for (const { reference } of images) if (reference !== undefined) made.add(reference);
      expect([code, images[0]?.outcome]).toEqual([0, 'built']);
      expect(images[0]?.reference).toMatch(/^boltgrid\/fake:1\.0-\w{12}$/);
    });

    it('leave no container and no network', async () => {
      expect((await docker!.leftovers()).filter(({ pid }) => pid === process.pid)).toEqual([]);
    });
  },
);
