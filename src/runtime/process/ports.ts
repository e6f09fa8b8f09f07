import { createServer, type Server } from 'node:net';
import { BoltgridError, messageOf } from '../../core/error.ts';
import type { Endpoints } from '../runtime.ts';

/** One free port for each name. All are held until all are found, so that no two are the same. Throws `runtime.no-port`. */
export async function freePorts(host: string, names: readonly string[]): Promise<Endpoints> {
  const held: Server[] = [];
  try {
    const found: [string, { host: string; port: number }][] = [];
    for (const name of names) {
      const server = await listening(host);
      held.push(server);
      found.push([name, { host, port: portOf(server) }]);
    }
    return Object.fromEntries(found);
  } finally {
    await Promise.all(held.map(closed));
  }
}

function listening(host: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (cause) => {
      reject(
        new BoltgridError(
          'runtime.no-port',
          'setup',
          `no port can be opened on ${host}: ${messageOf(cause)}`,
          {
            cause,
          },
        ),
      );
    });
    server.listen({ host, port: 0, exclusive: true }, () => {
      resolve(server);
    });
  });
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const closed = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
  });
