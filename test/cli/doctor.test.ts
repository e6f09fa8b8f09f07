import { describe, expect, it } from 'vitest';
import { doctorCommand } from '../../src/cli/commands/doctor.ts';
import type { Command } from '../../src/cli/command.ts';
import type { DockerState, Machine } from '../../src/cli/doctor/machine.ts';
import { main } from '../../src/cli/main.ts';
import { BoltgridError } from '../../src/core/error.ts';
import type { Engine } from '../../src/runtime/docker/engine.ts';
import { temporaryFolders } from '../journal/folder.ts';
import { FakeEngine } from '../nodes/images/fake-engine.ts';
import { writeProject, type FakeProject } from './project.ts';
import { fakeContext } from './terminal.ts';

const folder = temporaryFolders();

const VERSION: Engine['version'] = {
  ...{ engine: '27.1.0', api: '1.46', system: 'Debian', cpus: 4, memoryBytes: 8e9 },
  ...{ builder: 'buildkit', hasInit: true, storage: { driver: 'overlay2', folder: '/docker' } },
};

function docker(more: Partial<DockerState> = {}, present: readonly string[] = []): DockerState {
  const engine = { images: new FakeEngine({ present }).images, version: VERSION } as Engine;
  return { engine, freeBytes: 50e9, leftovers: [], ...more };
}

const MACHINE: Machine = {
  ...{ nodeVersion: '22.3.0', cpus: 4, memory: { totalBytes: 16e9, freeBytes: 8e9 } },
  tools: { go: '/bin/go', cargo: '/bin/cargo', debootstrap: '/sbin/debootstrap' },
  docker: docker(),
};

/** One version that is a process, and one that can only be a container. */
const IN_DOCKER: FakeProject['manifest'] = {
  versions: { '1.0': {}, '2.0': { image: { pull: 'example/fake:2.0' } } },
  needs: { chain: 'none' },
};

async function doctor(
  machine: Partial<Machine>,
  project: FakeProject = {},
): Promise<{ code: number; out: string }> {
  const path = await folder();
  await writeProject(path, project);
  const context = fakeContext(path);
  const command = doctorCommand(() => Promise.resolve({ ...MACHINE, ...machine })) as Command<never>;
  const code = await main(['doctor'], context, [command]);
  return { code, out: context.stdout.text };
}

describe('boltgrid doctor', () => {
  it('has nothing to say against a machine that has everything', async () => {
    const { code, out } = await doctor({ docker: docker({}, ['bitcoin/bitcoin:31.1']) });
    expect(code).toBe(0);
    expect(out).toContain('ok    Docker: 27.1.0 (API 1.46, buildkit builder, overlay2)\n');
    expect(out).toContain('ok    disk for images: 50.0 GB free in /docker\n');
    expect(out).toContain('ok    nodes of the matrix: 2 of 2 can run\n');
    expect(out).not.toMatch(/^(?:warn|fail)/m);
  });

  it('says what to do without Docker, and that the embedded nodes run', async () => {
    const error = new BoltgridError('docker.absent', 'setup', 'no Docker engine answers', {
      hint: 'Start it.',
    });
    const { code, out } = await doctor({ docker: error }, { manifest: IN_DOCKER });
    expect(code).toBe(0);
    expect(out).toContain('warn  Docker: no Docker engine answers\n      Start it.\n');
    expect(out).toContain('warn  nodes of the matrix: 1 of 2 can run\n');
  });

  it('names the images that are not here', async () => {
    const { code, out } = await doctor({}, { manifest: IN_DOCKER });
    expect(code).toBe(0);
    expect(out).toMatch(/warn {2}images: not here: fake@2\.0, bitcoind@.*\n {6}boltgrid images list/);
  });

  it('fails where nothing can run', async () => {
    const manifest = { ...IN_DOCKER, image: { pull: 'example/fake:1.0' } };
    expect(await doctor({}, { manifest })).toMatchObject({
      code: 1,
      out: expect.stringContaining('fail  nodes of the matrix: 0 of 2 can run') as string,
    });
    expect((await doctor({ nodeVersion: '18.20.0' })).code).toBe(1);
  });

  it.each<[string, Partial<Machine>, string]>([
    ['little memory', { memory: { totalBytes: 4e9, freeBytes: 1e9 } }, 'memory: 1.0 GB free of 4.0 GB'],
    ['little disk', { docker: docker({ freeBytes: 1e9 }) }, 'disk for images: 1.0 GB free in /docker'],
    [
      'what a dead run left',
      {
        docker: docker({
          leftovers: [
            { kind: 'volume', name: 'v', runId: 'r', owner: 'dead', pid: 1 },
            { kind: 'volume', name: 'w', runId: 's', owner: 'alive', pid: 1 },
          ],
        }),
      },
      'left of earlier runs: 1 of containers, volumes and networks',
    ],
    ['a missing tool', { tools: { ...MACHINE.tools, go: undefined } }, 'go: absent'],
  ])('warns of %s', async (_, machine, line) => {
    const { code, out } = await doctor(machine);
    expect(code).toBe(0);
    expect(out).toContain(`warn  ${line}`);
    expect(out).toMatch(new RegExp(`^warn {2}${line.split(':')[0] ?? ''}: .*\n {6}\\S`, 'm'));
  });
});
