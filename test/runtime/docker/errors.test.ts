import { expect, test } from 'vitest';
import { ask, askGone, dockerError } from '../../../src/runtime/docker/errors.ts';

/** As dockerode makes them. */
const answer = (status: number, reason: string, message: string): Error =>
  Object.assign(new Error(`(HTTP code ${status}) ${reason} - ${message} `), { statusCode: status, reason });

const network = (code: string): Error =>
  Object.assign(new Error(`connect ${code} /var/run/docker.sock`), { code });

test.each([
  ['docker.absent', network('ENOENT')],
  ['docker.absent', network('ECONNREFUSED')],
  ['docker.not-permitted', network('EACCES')],
  ['docker.disk-full', answer(500, 'server error', 'write /var/lib/docker/x: no space left on device')],
  ['docker.disk-full', 'failed to register layer: write /usr/bin/x: no space left on device'],
  [
    'docker.port-taken',
    answer(500, 'server error', 'Bind for 127.0.0.1:1 failed: port is already allocated'),
  ],
  [
    'docker.no-addresses',
    answer(
      404,
      'no such x',
      'could not find an available, non-overlapping IPv4 address pool among the defaults',
    ),
  ],
  ['docker.no-such-image', answer(404, 'no such container', 'No such image: x:1')],
])('%s has a hint', (code, cause) => {
  expect(dockerError('doing it', cause)).toMatchObject({
    code,
    blame: 'setup',
    hint: expect.stringMatching(/\w/) as string,
  });
});

test('what is not known is told in the words of the engine, without control characters', () => {
  const error = dockerError('doing it', answer(500, 'server error', 'something \u001b[31mred'));
  expect(error).toMatchObject({
    code: 'docker.failed',
    message: 'doing it: something red',
    details: { status: 500 },
  });
});

test('whoever cancels gets the own reason', async () => {
  const reason = new Error('enough');
  const cancel = new AbortController();
  const asking = ask('waiting', () => new Promise(() => undefined), { signal: cancel.signal });
  cancel.abort(reason);
  await expect(asking).rejects.toBe(reason);
});

test('nothing is waited for without end', async () => {
  await expect(ask('waiting', () => new Promise(() => undefined), { ms: 20 })).rejects.toMatchObject({
    code: 'runtime.deadline',
    blame: 'setup',
  });
});

test('what is gone need not be removed', async () => {
  await askGone('removing', () => Promise.reject(answer(404, 'no such container', 'No such container: x')));
  await askGone('removing', () =>
    Promise.reject(answer(409, 'conflict', 'removal of container x is already in progress')),
  );
  await expect(
    askGone('removing', () => Promise.reject(answer(409, 'conflict', 'volume is in use'))),
  ).rejects.toMatchObject({ code: 'docker.failed' });
});
