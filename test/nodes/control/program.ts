import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import { PACKAGE_ROOT } from '../../../src/core/package.ts';
import { BoltgridError } from '../../../src/core/error.ts';
import { Control, type Values } from '../../../src/nodes/control/control.ts';
import { access, recipe, step, type Recipe, type Step } from '../../../src/nodes/manifest-values.ts';
import type { Endpoints, ExecOptions, ExecResult, Place } from '../../../src/runtime/runtime.ts';

/** What reached a program. */
export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** `undefined`: no answer at all. */
export type Answer = { readonly status?: number; readonly text: string } | undefined;

export interface Server {
  readonly port: number;
  readonly seen: readonly Seen[];
  /** How many connections were made to it. */
  connections(): number;
  /** Breaks all of them. */
  reset(): void;
  close(): Promise<void>;
}

type Handler = (request: Seen, response: ServerResponse) => Answer | undefined;

/** A program's HTTP server, until the test ends. */
export async function serve(handler: Handler, tls = false): Promise<Server> {
  const seen: Seen[] = [];
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const entry = { method, url, headers, body: Buffer.concat(chunks).toString('utf8') };
      seen.push(entry);
      const answer = handler(entry, response);
      if (!answer) return;
      response.statusCode = answer.status ?? 200;
      response.end(answer.text);
    });
  };
  const pem = (name: string): Buffer => readFileSync(`${PACKAGE_ROOT}test/fixtures/tls/${name}.pem`);
  const server = tls
    ? createTlsServer({ key: pem('key'), cert: pem('certificate') }, onRequest)
    : createServer(onRequest);
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on('connection', (socket: Socket) => {
    connections++;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.closeAllConnections();
      server.close(() => {
        resolve();
      });
    });
  onTestFinished(close);
  return {
    port: (server.address() as AddressInfo).port,
    seen,
    connections: () => connections,
    reset: () => {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    close,
  };
}

export const json = (value: unknown, status = 200): Answer => ({ status, text: JSON.stringify(value) });

type Exec = (argv: readonly string[], options: ExecOptions) => Promise<ExecResult> | ExecResult;

/** Only what a control uses of a place. */
export function fakePlace(ports: Readonly<Record<string, number>>, exec?: Exec): Place {
  const reached: Endpoints = Object.fromEntries(
    Object.entries(ports).map(([name, port]) => [name, { host: '127.0.0.1', port }]),
  );
  const place: Pick<Place, 'reached' | 'exec'> = {
    reached,
    exec: (argv, options) =>
      exec === undefined
        ? Promise.reject(new BoltgridError('runtime.not-running', 'setup', 'nothing runs there'))
        : Promise.resolve(exec(argv, options)),
  };
  return place as Place;
}

export const VALUES = {
  version: '1.2',
  node: { name: 'n-1', alias: 'Alice', password: 'node-pass word', settings: { fee: 7 } },
  listen: { rest: { host: '0.0.0.0', port: 8080 } },
  chain: { host: '10.9.9.9', port: 18443, user: 'rpcuser', password: 'chain-password' },
  secrets: { macaroon: '0201036c6e64' },
} as const satisfies Values;

interface Given {
  readonly ports?: Readonly<Record<string, number>>;
  readonly access?: z.input<typeof access>;
  readonly exec?: Exec;
  readonly place?: Place;
  readonly values?: Values;
}

/** A control whose port `rest` serves HTTP and `rpc` JSON-RPC, until the test ends. */
export function controlOf({ ports = {}, access: given, exec, place, values = VALUES }: Given): Control {
  const control = new Control({
    access: access.parse(given ?? { http: { port: 'rest' } }),
    place: place ?? fakePlace(ports, exec),
    values,
  });
  onTestFinished(() => {
    control.close();
  });
  return control;
}

/** As a manifest would have it. */
export const recipeOf = (given: z.input<typeof recipe>): Recipe => recipe.parse(given);
export const stepsOf = (...given: z.input<typeof step>[]): Step[] => z.array(step).parse(given);

export const SOON = { deadlineMs: 5000 };

/** How a promise failed, for comparing. */
export async function failureOf(work: Promise<unknown>): Promise<BoltgridError> {
  const error: unknown = await work.then(
    (value) => new Error(`it held: ${JSON.stringify(value)}`),
    (cause: unknown) => cause,
  );
  if (error instanceof BoltgridError) return error;
  throw error;
}
