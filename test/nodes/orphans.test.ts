import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { expect, test } from 'vitest';
import { fixture, temporaryFolder } from './drivers.ts';

test('a node ends when the process that started it is killed', async () => {
  await using place = await temporaryFolder();
  const flags = ['--conditions=boltgrid:source', '--import', 'tsx'];
  const parent = spawn(process.execPath, [...flags, fixture('start-and-wait.ts'), place.folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  const { host, port } = JSON.parse(line.toString()) as { host: string; port: number };

  const link = net.connect(port, host);
  await once(link, 'connect');
  const ended = once(link, 'close');
  parent.kill('SIGKILL');
  await ended;

  // Its sockets are closed one after the other.
  await expect.poll(() => refusal(host, port)).toBe('ECONNREFUSED');
});

/** How a connection fails; `undefined` where it does not. */
function refusal(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const link = net.connect(port, host);
    link.once('connect', () => {
      link.destroy();
      resolve(undefined);
    });
    link.once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code);
    });
  });
}
