import { describe, expect, it } from 'vitest';
import { builtTag } from '../../../src/nodes/images/build-inputs.ts';
import { findImage } from '../../../src/nodes/images/find-image.ts';
import { pullImage } from '../../../src/nodes/images/pull-image.ts';
import { temporaryFolders } from '../../journal/folder.ts';
import { FakeEngine } from './fake-engine.ts';
import { quietly, toyPlan } from './plans.ts';

const folder = temporaryFolders();
const BOTH = { pull: 'example/toy:{version}', build: { cost: 'nothing' } };

describe('which image is used', () => {
  it('is the public one before the built one', async () => {
    const plan = await toyPlan(await folder(), BOTH);
    const tag = await builtTag(plan, plan.image.build!);
    expect(await findImage(plan, new FakeEngine())).toBeUndefined();
    expect(await findImage(plan, new FakeEngine({ present: [tag] }))).toMatchObject({
      reference: tag,
      source: 'built',
      digest: expect.stringMatching(/^sha256:/) as string,
    });
    expect(await findImage(plan, new FakeEngine({ present: [tag, 'example/toy:1.2'] }))).toMatchObject({
      reference: 'example/toy:1.2',
      source: 'public',
    });
  });

  it('is never one that was built from something else', async () => {
    const plan = await toyPlan(await folder(), BOTH);
    const engine = new FakeEngine({ present: ['boltgrid/toy:1.2-000000000000', 'example/toy:1.1'] });
    expect(await findImage(plan, engine)).toBeUndefined();
  });
});

describe('pulling', () => {
  it('gives the public image and tells of progress', async () => {
    const plan = await toyPlan(await folder(), BOTH);
    const lines: string[] = [];
    const engine = new FakeEngine({ registry: ['example/toy:1.2'] });
    expect(await pullImage(plan, engine, quietly(lines))).toMatchObject({ reference: 'example/toy:1.2' });
    expect(lines).toEqual(['abc: Downloading 50 %']);
  });

  it('asks a registry that cannot be reached only once', async () => {
    const plan = await toyPlan(await folder(), BOTH);
    const engine = new FakeEngine();
    for (const lines of [[], []]) {
      await expect(pullImage(plan, engine, quietly(lines))).rejects.toMatchObject({
        code: 'image.registry-unreachable',
        blame: 'setup',
      });
    }
    expect(engine.pulls).toEqual(['example/toy:1.2']);
  });

  it('goes on asking one that answers', async () => {
    const plan = await toyPlan(await folder(), BOTH);
    const engine = new FakeEngine({ failure: 'manifest for example/toy:1.2 not found' });
    for (const lines of [[], []]) {
      await expect(pullImage(plan, engine, quietly(lines))).rejects.toMatchObject({
        code: 'docker.cannot-pull',
      });
    }
    expect(engine.pulls).toHaveLength(2);
  });

  it('asks other registries than the one that failed', async () => {
    const engine = new FakeEngine({ registry: ['other.example/toy:1.2'] });
    const one = await toyPlan(await folder(), { pull: 'registry.example/toy:1.2' });
    await expect(pullImage(one, engine, quietly())).rejects.toMatchObject({
      code: 'image.registry-unreachable',
    });
    const other = await toyPlan(await folder(), { pull: 'other.example/toy:1.2' });
    await expect(pullImage(other, engine, quietly())).resolves.toMatchObject({ source: 'public' });
  });

  it('needs a public image', async () => {
    const plan = await toyPlan(await folder(), { build: { cost: 'nothing' } });
    await expect(pullImage(plan, new FakeEngine(), quietly())).rejects.toMatchObject({
      code: 'image.not-public',
      hint: 'boltgrid images build toy@1.2',
    });
  });
});
