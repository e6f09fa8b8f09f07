import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { fixture, temporaryFolder } from '../../nodes/drivers.ts';

const run = promisify(execFile);

interface User {
  readonly uid: number;
  readonly gid: number;
}

/** In a process of its own, with no other Docker than the one that `env` names. */
async function connect(
  home: string,
  env: Record<string, string>,
  user?: User,
): Promise<Record<string, unknown>> {
  const { stdout } = await run(
    process.execPath,
    ['--conditions=boltgrid:source', '--import', 'tsx', fixture('connect-engine.ts')],
    { env: { PATH: process.env.PATH, HOME: home, DOCKER_CONFIG: home, ...env }, ...user },
  );
  return JSON.parse(stdout) as Record<string, unknown>;
}

/** Root may use every socket: nobody asks in its place. `undefined` where nobody may not read what is to be run. */
async function otherThanRoot(): Promise<User | undefined> {
  const user = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  if (user.uid !== 0) return user;
  const nobody = { uid: 65_534, gid: 65_534 };
  const script = `require('fs').accessSync(${JSON.stringify(fixture('connect-engine.ts'))})`;
  return run(process.execPath, ['-e', script], nobody).then(
    () => nobody,
    () => undefined,
  );
}

/** What an engine says of itself, on a socket. */
async function fakeEngine(socket: string, api: string): Promise<{ readonly host: string } & AsyncDisposable> {
  const version = { Version: '99.1.0', ApiVersion: api, Components: [{ Name: 'docker-init' }] };
  const info = {
    OperatingSystem: 'Test',
    NCPU: 3,
    MemTotal: 4096,
    Driver: 'overlay2',
    DockerRootDir: '/data',
  };
  const server = createServer(({ url = '' }, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(url.endsWith('/version') ? version : info));
  });
  server.listen(socket);
  await once(server, 'listening');
  return {
    host: `unix://${socket}`,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

test('an engine that answers is described', async () => {
  await using scratch = await temporaryFolder();
  const socket = join(scratch.folder, 'docker.sock');
  await using engine = await fakeEngine(socket, '1.52');
  expect(await connect(scratch.folder, { DOCKER_HOST: engine.host })).toEqual({
    version: {
      engine: '99.1.0',
      api: '1.52',
      system: 'Test',
      cpus: 3,
      memoryBytes: 4096,
      builder: 'buildkit',
      hasInit: true,
      storage: { driver: 'overlay2', folder: '/data' },
    },
  });
});

test('the engine of the Docker context that is in use is found', async () => {
  await using scratch = await temporaryFolder();
  const socket = join(scratch.folder, 'other.sock');
  await using engine = await fakeEngine(socket, '1.41');
  const id = createHash('sha256').update('colima').digest('hex');
  const meta = join(scratch.folder, 'contexts/meta', id);
  await mkdir(meta, { recursive: true });
  await writeFile(join(scratch.folder, 'config.json'), JSON.stringify({ currentContext: 'colima' }));
  await writeFile(
    join(meta, 'meta.json'),
    JSON.stringify({ Name: 'colima', Endpoints: { docker: { Host: engine.host } } }),
  );
  expect(await connect(scratch.folder, {})).toMatchObject({ version: { engine: '99.1.0' } });
});

test('an engine that is too old', async () => {
  await using scratch = await temporaryFolder();
  const socket = join(scratch.folder, 'docker.sock');
  await using engine = await fakeEngine(socket, '1.40');
  expect(await connect(scratch.folder, { DOCKER_HOST: engine.host })).toMatchObject({
    code: 'docker.too-old',
    blame: 'setup',
    hint: expect.stringContaining('20.10') as string,
  });
});

test('one whose socket this user may not use', async ({ skip }) => {
  const user = await otherThanRoot();
  if (!user) return skip('no other user than root may read this folder');
  await using scratch = await temporaryFolder();
  await chmod(scratch.folder, 0o755);
  const socket = join(scratch.folder, 'docker.sock');
  await using engine = await fakeEngine(socket, '1.41');
  await chmod(socket, 0);
  expect(await connect(scratch.folder, { DOCKER_HOST: engine.host }, user)).toMatchObject({
    code: 'docker.not-permitted',
    blame: 'setup',
    hint: expect.stringContaining('group') as string,
  });
});

test.each([
  ['no socket', 'unix:///no/such/docker.sock', 'docker.absent'],
  ['nobody there', 'tcp://127.0.0.1:1', 'docker.absent'],
  ['no address', 'nonsense', 'docker.absent'],
])('%s', async (_, host, code) => {
  await using scratch = await temporaryFolder();
  expect(await connect(scratch.folder, { DOCKER_HOST: host })).toMatchObject({
    code,
    blame: 'setup',
    hint: expect.stringContaining('docker version') as string,
  });
});
