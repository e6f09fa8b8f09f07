import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { ProgramLog } from '../../src/runtime/log.ts';
import type { Place } from '../../src/runtime/runtime.ts';
import { describeWithDocker } from './engine.ts';
import { docker, outputOf, shell, startShell, testRun } from './runs.ts';

describeWithDocker('places in Docker', (engine) => {
  const say = async (place: Place, script: string): Promise<string> =>
    (await place.exec(shell(script), { deadlineMs: 20_000 })).stdout.trim();

  describe('safety', () => {
    test('a container has what it was given, and no more', async () => {
      await using run = await testRun(engine);
      const place = await run.place('node', {
        ports: { p2p: 9735 },
        limits: { memoryMb: 64, cpus: 0.5, pids: 50, capabilities: ['CHOWN'] },
      });
      await startShell(place, 'exec sleep 600');
      const { HostConfig, NetworkSettings, Config } = await docker
        .getContainer(`boltgrid-${run.runId}-node`)
        .inspect();
      expect(HostConfig).toMatchObject({
        CapDrop: ['ALL'],
        CapAdd: ['CHOWN'],
        SecurityOpt: ['no-new-privileges'],
        Privileged: false,
        Memory: 64 * 1024 * 1024,
        NanoCpus: 500_000_000,
        PidsLimit: 50,
      });
      expect(HostConfig.Binds ?? []).toEqual([]);
      expect(Object.keys(NetworkSettings.Networks)).toEqual([run.scope.data.network.name]);
      expect(NetworkSettings.Ports).toEqual({
        '9735/tcp': [{ HostIp: '127.0.0.1', HostPort: String(place.reached.p2p?.port) }],
      });
      expect(Config.Labels).toMatchObject({ 'boltgrid.run': run.runId, 'boltgrid.pid': String(process.pid) });
      // 0: none; bit 0: CHOWN.
      expect(await say(place, 'cat /proc/self/status')).toMatch(/^CapEff:\s+0+1$/m);
    });

    test('the image gets no labels', async () => {
      await using run = await testRun(engine);
      const place = await run.place('node');
      const image = await docker.getImage(place.build ?? '').inspect();
      expect(image.Config).toMatchObject({ Labels: null });
    });
  });

  describe('addresses', () => {
    test('boltgrid reaches a node, before and after its restart', async () => {
      await using run = await testRun(engine);
      const place = await run.place('node', { ports: { p2p: 9735 } });
      const serve = 'echo up; while true; do echo hello | nc -l -p 9735; done';
      for (let start = 0; start < 2; start++) {
        const program = await startShell(place, serve);
        await once(program.output, 'data');
        program.output.resume();
        expect(await firstBytes(place)).toBe('hello\n');
        await program.kill();
      }
    });

    test('a container reaches what boltgrid listens on', async () => {
      await using run = await testRun(engine);
      const { back } = run.scope.runtime();
      const server = createServer((socket) => socket.end('from the host\n'));
      server.listen({ host: back.listen, port: 0 });
      await once(server, 'listening');
      try {
        const { port } = server.address() as AddressInfo;
        const program = await startShell(await run.place('node'), `nc ${back.dial} ${port} </dev/null`);
        expect(await outputOf(program)).toBe('from the host\n');
      } finally {
        server.close();
      }
    });
  });

  describe('how a program ends', () => {
    test('out of memory', async () => {
      await using run = await testRun(engine);
      const place = await run.place('node', { limits: { memoryMb: 16 } });
      const program = await startShell(place, 'exec dd if=/dev/zero of=/dev/null bs=200M count=1');
      program.output.resume();
      expect(await program.exited).toMatchObject({ signal: 'SIGKILL', note: 'out of memory (limit 16 MiB)' });
    });

    test('its container is removed by hand: that is told, and it can be started again', async () => {
      await using run = await testRun(engine);
      const place = await run.place('node');
      await place.writeFile('kept', 'x');
      const program = await startShell(place, 'exec sleep 600');
      program.output.resume();
      const container = docker.getContainer(`boltgrid-${run.runId}-node`);
      await container.remove({ force: true });
      expect((await program.exited).note).toMatch(/from outside/);
      expect(String(Buffer.from(await place.readFile('kept')))).toBe('x');
      const again = await startShell(place, 'exec sleep 600');
      expect(await say(place, 'cat kept')).toBe('x');
      await again.kill();
      await container.remove();
      await place.snapshot('after');
    });

    test('killed by hand', async () => {
      await using run = await testRun(engine);
      const program = await startShell(await run.place('node'), 'exec sleep 600');
      program.output.resume();
      await docker.getContainer(`boltgrid-${run.runId}-node`).kill();
      expect(await program.exited).toEqual({ code: null, signal: 'SIGKILL', note: 'killed from outside' });
    });

    test('its end is told though nobody reads its output', async () => {
      await using run = await testRun(engine);
      const place = await run.place('node');
      const program = await startShell(
        place,
        'while true; do echo 0123456789012345678901234567890123456789; done',
      );
      await once(program.output, 'readable');
      expect(await program.kill()).toMatchObject({ signal: 'SIGKILL' });
    });
  });

  describe('volume', () => {
    const AS_SOMEONE = 'boltgrid-test/someone:1';

    test('files belong to whom the image runs as, and stay so in a snapshot', async () => {
      await using run = await testRun(engine);
      const base = (await run.place('base')).build ?? '';
      await commitAs(base, 'someone', AS_SOMEONE);
      try {
        const place = await run.place('node', { image: AS_SOMEONE, mount: '/owned' });
        await place.writeFile('made/file', 'x');
        await place.snapshot('first');
        await place.restore('first');
        await startShell(place, 'exec sleep 600');
        expect(await say(place, 'id -u; stat -c "%n %u:%g %a" /owned /owned/* /owned/made/*')).toBe(
          [
            '1234',
            '/owned 1234:1235 755',
            '/owned/from-image 1234:1235 644',
            '/owned/made 1234:1235 700',
            '/owned/made/file 1234:1235 600',
          ].join('\n'),
        );
        expect(await say(place, 'echo y > /owned/made/other && cat /owned/made/other')).toBe('y');
      } finally {
        await run.scope.close();
        await engine.images.remove(AS_SOMEONE);
      }
    });

    test('what the image puts into the volume does not come back with a snapshot', async () => {
      await using run = await testRun(engine);
      const place = await run.place('node', { mount: '/owned', limits: { capabilities: ['DAC_OVERRIDE'] } });
      const program = await startShell(place, 'rm /owned/from-image');
      program.output.resume();
      expect(await program.exited).toMatchObject({ code: 0 });
      await place.snapshot('without');
      await place.restore('without');
      await expect(place.readFile('from-image')).rejects.toMatchObject({ code: 'runtime.no-such-file' });
    });

    test('an upgrade: another image on the same volume', async () => {
      await using run = await testRun(engine);
      const place = await run.place('node');
      const before = place.build;
      await place.writeFile('kept', 'from before');
      await commitAs(before ?? '', '0', 'boltgrid-test/upgrade:2');
      try {
        await (await startShell(place, 'exec sleep 600')).kill();
        await place.useImage('boltgrid-test/upgrade:2');
        expect(place.build).not.toBe(before);
        await startShell(place, 'exec sleep 600');
        expect(await say(place, 'cat kept')).toBe('from before');
        await expect(place.useImage('boltgrid-test/none:0')).rejects.toMatchObject({
          code: 'docker.no-such-image',
        });
      } finally {
        await run.scope.close();
        await engine.images.remove('boltgrid-test/upgrade:2');
      }
    });

    test('a link or a folder is no file', async () => {
      await using run = await testRun(engine);
      const place = await run.place('node');
      await startShell(place, 'mkdir folder; ln -s /etc/passwd link; echo made; exec sleep 600').then(
        ({ output }) => once(output, 'data'),
      );
      for (const path of ['folder', 'link']) {
        await expect(place.readFile(path)).rejects.toMatchObject({ code: 'runtime.no-such-file' });
      }
    });
  });

  test('an image that is not there', async () => {
    await using run = await testRun(engine);
    await expect(run.place('node', { image: 'boltgrid-test/none:0' })).rejects.toMatchObject({
      code: 'docker.no-such-image',
      blame: 'setup',
    });
  });

  test('closing while a node is being started leaves nothing', async () => {
    const run = await testRun(engine);
    const place = await run.place('node');
    const starting = place
      .start({ argv: shell('exec sleep 600'), env: {}, endsOn: 'signal' }, new ProgramLog())
      .then((program) => program.exited)
      .catch(() => undefined);
    await run[Symbol.asyncDispose]();
    await starting;
    expect((await engine.leftovers()).filter(({ runId }) => runId === run.runId)).toEqual([]);
  });
});

async function firstBytes(place: Place): Promise<string> {
  for (;;) {
    const { host, port } = place.reached.p2p!;
    const socket = connect({ host, port });
    // The engine's own listener accepts before the program listens, and then closes.
    const [chunk] = (await Promise.race([once(socket, 'data'), once(socket, 'close')])) as [unknown];
    socket.destroy();
    if (Buffer.isBuffer(chunk)) return chunk.toString('utf8');
  }
}

/** The same image as another user. */
async function commitAs(image: string, user: string, tag: string): Promise<void> {
  const container = await docker.createContainer({ Image: image, Cmd: ['sh'], User: user });
  const [repo, version] = tag.split(':');
  await container.commit({ repo, tag: version, comment: user });
  await container.remove();
}
