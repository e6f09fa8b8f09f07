import { once } from 'node:events';
import { createServer } from 'node:http';
import { execFile } from 'node:child_process';
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { fixture } from '../nodes/drivers.ts';
import { busyboxImage } from './busybox-image.ts';
import { describeWithDocker } from './engine.ts';
import { findChain } from './two-nodes.ts';
import {
  nothingIsLeft,
  PROFILES,
  project,
  resultsOf,
  verdictsOf,
  type How,
  type ManifestChanges,
  type Project,
} from './whole-run.ts';

const CASES = ['--case', '**passes**'];
const PASSED = { 'scripted@1 passes[one]': 'pass', 'scripted@1 passes[two]': 'pass' };
/** Nobody listens there: what is asked for is refused at once. */
const NOWHERE = 'localhost:1/nobody/here:1';

const embedded: ManifestChanges = { profiles: PROFILES };
const onlyIn = (image: object): ManifestChanges => ({
  image,
  needs: { chain: 'bitcoind' },
  profiles: PROFILES,
});

describeWithDocker('images that are not here', (engine) => {
  test('without --pull and --build: their cells are not run, with the reason and the way to have them', async ({
    skip,
  }) => {
    if (!(await findChain(engine))) return skip('no image of bitcoind is here');
    const manifests = { scripted: embedded, absent: onlyIn({ pull: NOWHERE }) };
    await using place = await project(manifests, ['scripted@1', 'absent@1']);
    const { code, out } = await place.boltgrid(['run', ...CASES]).ended;
    expect(verdictsOf(place.folder)).toEqual(PASSED);
    expect(out).toContain('there is no image of it on this machine: absent@1');
    expect(out).toContain('1 image is not here, for 1 node');
    expect(out).toContain('boltgrid run --pull fetches 1: localhost:1/nobody/here');
    expect(code).toBe(0);
  });

  test('that cannot be pulled or built: set-up errors of their cells, the end of what was printed is shown, all else runs', async ({
    skip,
  }) => {
    if (!(await findChain(engine))) return skip('no image of bitcoind is here');
    const base = await busyboxImage(engine);
    const manifests = {
      scripted: embedded,
      absent: onlyIn({ pull: NOWHERE }),
      broken: onlyIn({ build: { context: 'image', base, cost: 'a test' } }),
    };
    const files = {
      'nodes/broken/image/Dockerfile': 'ARG BASE\nFROM $BASE\nRUN echo half of it compiles && exit 3\n',
    };
    await using place = await project(manifests, ['scripted@1', 'absent@1', 'broken@1'], files);
    const { code, out, err } = await place.boltgrid(['run', '--pull', '--build', ...CASES]).ended;
    const failed = (cell: string) => ({
      [`${cell} passes[one]`]: 'setup-error',
      [`${cell} passes[two]`]: 'setup-error',
    });
    expect(verdictsOf(place.folder)).toEqual({ ...PASSED, ...failed('absent@1'), ...failed('broken@1') });
    const message = (cell: string) => resultsOf(place.folder).get(`${cell} passes[one]`)?.message;
    expect(message('absent@1')).toContain(
      `its image could not be had: nothing can be pulled from localhost:1`,
    );
    expect(message('broken@1')).toMatch(
      /its image could not be had: building boltgrid\/broken:1-\w+ failed: .*code: 3/,
    );
    expect(err).toContain('half of it compiles');
    expect(err).toContain('boltgrid images build makes images without a registry');
    expect(out).toContain('its image could not be had');
    expect(code).toBe(1);
    await nothingIsLeft(engine, place.folder);
  });
});

interface Engineless {
  readonly how: How;
  readonly reason: string;
  readonly hint: string;
}

/** What is embedded is judged, the rest is not run and says why, and doctor says what to do. */
async function runsWithout(place: Project, { how, reason, hint }: Engineless): Promise<void> {
  const { code, out } = await place.boltgrid(['run', ...CASES], how).ended;
  expect(verdictsOf(place.folder)).toEqual(PASSED);
  expect(out).toContain(reason);
  expect(code).toBe(0);
  const doctor = await place.boltgrid(['doctor'], how).ended;
  expect(doctor.out).toContain(`warn  Docker: ${reason}`);
  expect(doctor.out).toContain(hint);
  expect(doctor.out).toContain('1 of 2 can run');
  expect(doctor.code).toBe(0);
  const clean = await place.boltgrid(['clean'], how).ended;
  expect(clean.err).toContain(reason);
  expect(clean.code).toBe(1);
}

const twoNodes = (): Promise<Project> =>
  project({ scripted: embedded, absent: onlyIn({ pull: NOWHERE }) }, ['scripted@1', 'absent@1']);

/** An engine that says so little of itself that nothing but its version is known, on a socket in the folder. */
async function oldEngine(folder: string): Promise<{ readonly socket: string } & AsyncDisposable> {
  const socket = join(folder, 'docker.sock');
  const server = createServer(({ url = '' }, response) => {
    const version = { Version: '19.3.0', ApiVersion: '1.40', Components: [] };
    const info = { OperatingSystem: 'Test', NCPU: 1, MemTotal: 1, Driver: 'overlay2', DockerRootDir: '/' };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(url.endsWith('/version') ? version : info));
  });
  server.listen(socket);
  await once(server, 'listening');
  return {
    socket,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** Root may use every socket: nobody asks in its place. `undefined` where nobody may not read what is to be run. */
async function otherThanRoot(folder: string): Promise<Pick<How, 'uid' | 'gid'> | undefined> {
  if (process.getuid?.() !== 0) return {};
  const nobody = { uid: 65_534, gid: 65_534 };
  await promisify(execFile)('chown', ['-R', '65534:65534', folder]);
  const script = `require('fs').accessSync(${JSON.stringify(fixture('nodes/scripted/driver.ts'))})`;
  return promisify(execFile)(process.execPath, ['-e', script], nobody).then(
    () => nobody,
    () => undefined,
  );
}

describe('without a Docker that can be used', () => {
  test('none answers', async () => {
    await using place = await twoNodes();
    await runsWithout(place, {
      how: { env: { DOCKER_HOST: 'unix:///no/such/docker.sock' } },
      reason: 'no Docker engine answers',
      hint: '`docker version` must show a server',
    });
  });

  test('it is too old', async () => {
    await using place = await twoNodes();
    await using engine = await oldEngine(place.folder);
    await runsWithout(place, {
      how: { env: { DOCKER_HOST: `unix://${engine.socket}` } },
      reason: 'Docker 19.3.0 is too old',
      hint: 'Docker 20.10 or newer',
    });
  });

  test('this user may not use it', async ({ skip }) => {
    await using place = await twoNodes();
    const user = await otherThanRoot(place.folder);
    if (!user) return skip('no other user than root may read this folder');
    await using engine = await oldEngine(place.folder);
    await chmod(engine.socket, 0);
    const env = {
      DOCKER_HOST: `unix://${engine.socket}`,
      HOME: place.folder,
      BOLTGRID_CACHE: join(place.folder, 'cache'),
    };
    await runsWithout(place, {
      how: { ...user, env },
      reason: 'this user may not use the socket of the Docker engine',
      hint: 'Add the user to the group `docker`',
    });
  });
});
