import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { thisProcess } from '../../src/core/process-identity.ts';
import { busyboxImage } from './busybox-image.ts';
import { describeWithDocker } from './engine.ts';
import { docker, leftOf, newRunId, outputOf, shell, startShell, testRun } from './runs.ts';

/** Identity of a process that has ended: one of ours that had the id of this one before. */
const deadOwner = (): ReturnType<typeof thisProcess> => ({ ...thisProcess(), startTicks: '1' });

describeWithDocker('what runs leave in Docker', (engine) => {
  test('a closed run leaves nothing', async () => {
    const run = await testRun(engine);
    const place = await run.place('node', { ports: { p2p: 9735 } });
    await startShell(place, 'exec sleep 600');
    const kinds = (await leftOf(engine, run.runId)).map(({ kind }) => kind);
    expect(kinds.sort()).toEqual(['container', 'network', 'volume']);
    await run[Symbol.asyncDispose]();
    expect(await leftOf(engine, run.runId)).toEqual([]);
  });

  test('sweeping takes what belongs to a dead process, and nothing of a living one', async () => {
    await using alive = await testRun(engine);
    await using dead = await testRun(engine, deadOwner());
    await using foreign = await testRun(engine, { ...thisProcess(), host: 'another-machine' });
    for (const run of [alive, dead, foreign]) await startShell(await run.place('node'), 'exec sleep 600');
    const owners = async (): Promise<Set<string>> =>
      new Set((await engine.leftovers()).map(({ runId, owner }) => `${runId} ${owner}`));
    expect(await owners()).toContain(`${alive.runId} alive`);
    expect(await owners()).toContain(`${dead.runId} dead`);
    const swept = await engine.sweep();
    expect(swept.filter(({ runId }) => runId === dead.runId).map(({ kind }) => kind)).toEqual([
      'container',
      'volume',
      'network',
    ]);
    expect(await leftOf(engine, dead.runId)).toEqual([]);
    expect(await leftOf(engine, alive.runId)).toHaveLength(3);
    expect(await leftOf(engine, foreign.runId)).toHaveLength(3);
    // By name it is removed, unless its process is there.
    await expect(engine.sweepRun(alive.runId)).rejects.toMatchObject({ code: 'docker.run-alive' });
    expect(await engine.sweepRun(foreign.runId)).toHaveLength(3);
    expect(await leftOf(engine, foreign.runId)).toEqual([]);
  });

  test('what has no owner that can be known is left alone', async () => {
    const runId = newRunId();
    const network = await docker.createNetwork({
      Name: `boltgrid-${runId}`,
      Labels: { 'boltgrid.run': runId },
    });
    try {
      await engine.sweep();
      expect(await leftOf(engine, runId)).toMatchObject([{ kind: 'network', owner: 'unknown' }]);
    } finally {
      await network.remove();
    }
  });

  test('a killed run: its driver ends by itself, and the next start finds the rest', async () => {
    const runId = newRunId();
    const owner = spawn(
      process.execPath,
      [
        '--conditions=boltgrid:source',
        '--import',
        'tsx',
        fileURLToPath(new URL('owner.ts', import.meta.url)),
        runId,
        await busyboxImage(engine),
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    await once(owner.stdout, 'data');
    const driver = docker.getContainer(`boltgrid-${runId}-driver`);
    const plain = docker.getContainer(`boltgrid-${runId}-plain`);
    expect((await driver.inspect()).State.Running).toBe(true);
    const driverEnds = driver.wait() as Promise<{ StatusCode: number }>;
    owner.kill('SIGKILL');
    await once(owner, 'exit');
    expect((await driverEnds).StatusCode).toBe(3);
    expect((await plain.inspect()).State.Running).toBe(true);
    await engine.sweep();
    expect(await leftOf(engine, runId)).toEqual([]);
  });

  test('two runs with nodes of the same name do not touch each other', async () => {
    await using one = await testRun(engine);
    await using two = await testRun(engine);
    const places = [await one.place('alice'), await two.place('alice')];
    for (const [index, place] of places.entries()) await place.writeFile('who', `run ${index}`);
    const programs = await Promise.all(places.map((place) => startShell(place, 'exec sleep 600')));
    await one.scope.close();
    expect(await programs[0]!.exited).toMatchObject({ signal: 'SIGKILL' });
    expect(String(await places[1]!.readFile('who'))).toBe(String(Buffer.from('run 1')));
    expect((await places[1]!.exec(shell('cat who'), { deadlineMs: 20_000 })).stdout).toBe('run 1');
    expect(await leftOf(engine, one.runId)).toEqual([]);
  });

  test('another process takes part in a run by its data, and removes only what is its own', async () => {
    await using run = await testRun(engine);
    const alice = await run.place('alice', { ports: { p2p: 9735 } });
    await startShell(alice, 'while true; do echo hello | nc -l -p 9735; done');
    const joined = engine.joinRun(JSON.parse(JSON.stringify(run.scope.data)) as typeof run.scope.data);
    const image = await busyboxImage(engine);
    const bob = await joined
      .runtime()
      .place({ name: 'bob', ports: {}, folder: '/nowhere', image, mount: '/data' });
    const { host, port } = alice.announced.p2p!;
    const program = await startShell(bob, `until nc ${host} ${port} </dev/null; do sleep 0.2; done`);
    expect(await outputOf(program)).toContain('hello');
    await joined.close();
    expect((await leftOf(engine, run.runId)).map(({ name }) => name).sort()).toEqual([
      `boltgrid-${run.runId}-alice`,
      `boltgrid-${run.runId}-alice`,
      `boltgrid-${run.runId}-net`,
    ]);
  });
});
