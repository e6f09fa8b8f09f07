import { describe, expect, it } from 'vitest';
import { cleanCommand, type CleanEngine } from '../../src/cli/commands/clean.ts';
import type { Command } from '../../src/cli/command.ts';
import { main } from '../../src/cli/main.ts';
import { BoltgridError } from '../../src/core/error.ts';
import type { Leftover } from '../../src/runtime/docker/sweep.ts';
import { fakeContext } from './terminal.ts';

const leftover = (runId: string, owner: Leftover['owner'], pid = 7): Leftover => ({
  ...{ kind: 'container', name: `boltgrid-${runId}-lnd`, runId, owner, pid },
});

const ALL = [leftover('old', 'dead'), leftover('now', 'alive'), leftover('far', 'unknown')];

class FakeDocker implements CleanEngine {
  all: readonly Leftover[] = ALL;
  readonly kept = ['boltgrid/base:sid', 'boltgrid/lnd:1-abc'];

  leftovers = (): Promise<readonly Leftover[]> => Promise.resolve(this.all);
  sweep = (): Promise<readonly Leftover[]> => Promise.resolve(this.#remove(({ owner }) => owner === 'dead'));
  sweepRun = (run: string): Promise<readonly Leftover[]> => {
    if (this.all.some(({ runId, owner }) => runId === run && owner === 'alive'))
      return Promise.reject(new BoltgridError('docker.run-alive', 'user', `run ${run} is running`));
    return Promise.resolve(this.#remove(({ runId }) => runId === run));
  };
  images: CleanEngine['images'] = {
    list: (prefix) =>
      Promise.resolve(
        this.kept
          .filter((reference) => reference.startsWith(prefix))
          .map((reference) => ({ reference, id: 'sha256:1', sizeBytes: 5e6, created: new Date(0) })),
      ),
    remove: (reference) => {
      if (reference.includes('lnd')) {
        return Promise.reject(new BoltgridError('docker.failed', 'setup', 'a container uses it'));
      }
      this.kept.splice(this.kept.indexOf(reference), 1);
      return Promise.resolve();
    },
  };

  #remove(goes: (one: Leftover) => boolean): readonly Leftover[] {
    const gone = this.all.filter(goes);
    this.all = this.all.filter((one) => !goes(one));
    return gone;
  }
}

async function clean(
  docker: FakeDocker,
  ...argv: string[]
): Promise<{ code: number; out: string; err: string }> {
  const context = fakeContext('.');
  const command = cleanCommand(() => Promise.resolve(docker)) as Command<never>;
  const code = await main(['clean', ...argv], context, [command]);
  return { code, out: context.stdout.text, err: context.stderr.text };
}

describe('boltgrid clean', () => {
  it('removes what belongs to runs that ended, and tells of the rest', async () => {
    const docker = new FakeDocker();
    const { code, out } = await clean(docker);
    expect(code).toBe(0);
    expect(out.split('\n')).toEqual([
      'removed container boltgrid-old-lnd  run old',
      'left container boltgrid-now-lnd: run now goes on (process 7)',
      'left container boltgrid-far-lnd: nobody here can tell whether run far goes on; if not: boltgrid clean --run far',
      '',
    ]);
    expect(docker.all.map(({ runId }) => runId)).toEqual(['now', 'far']);
  });

  it('says when there is nothing', async () => {
    const docker = new FakeDocker();
    docker.all = [];
    expect((await clean(docker)).out).toBe('Nothing is left of any run.\n');
  });

  it('removes nothing when it is only to say what', async () => {
    const docker = new FakeDocker();
    const { out } = await clean(docker, '--dry-run', '--all-images', '--json');
    expect(JSON.parse(out)).toMatchObject({
      removed: [{ runId: 'old' }],
      left: [{ runId: 'now' }, { runId: 'far' }],
      images: [{ reference: 'boltgrid/base:sid' }, { reference: 'boltgrid/lnd:1-abc' }],
    });
    expect([docker.all, docker.kept.length]).toEqual([ALL, 2]);
  });

  it('removes a run that is named, unless it goes on', async () => {
    const docker = new FakeDocker();
    expect((await clean(docker, '--run', 'far')).out).toContain('removed container boltgrid-far-lnd');
    expect(docker.all.map(({ runId }) => runId)).toEqual(['old', 'now']);
    expect(await clean(docker, '--run', 'now')).toMatchObject({
      code: 2,
      err: 'error: run now is running\n',
    });
  });

  it('removes images when asked to, and tells of those that are in use', async () => {
    const docker = new FakeDocker();
    const { code, out } = await clean(docker, '--all-images');
    expect(code).toBe(1);
    expect(out).toContain('removed image boltgrid/base:sid  5 MB\n');
    expect(out).toContain('left image boltgrid/lnd:1-abc: a container uses it\n');
  });
});
