import * as http from 'node:http';
import * as https from 'node:https';
import { BlockList, isIP } from 'node:net';
import { messageOf } from '../../core/error.ts';
import type { Endpoint } from '../../runtime/runtime.ts';
import { operationError } from '../operation-error.ts';

export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly tls: 'none' | 'self-signed';
  /** The answer is a stream, of which the first line that is not empty will do: then the connection is let go. */
  readonly firstLine?: boolean;
}

export interface HttpReply {
  readonly status: number;
  readonly text: string;
}

const MAX_REPLY_BYTES = 16 * 1024 * 1024;

/** Sooner than any server lets go of an idle connection, so that none is used that is just being closed. */
const IDLE_MS = 2000;

const BROKEN: ReadonlySet<unknown> = new Set(['ECONNRESET', 'EPIPE']);

/** What means that nobody listens there (yet, or any more). */
const NOBODY_THERE: ReadonlySet<unknown> = new Set([
  ...BROKEN,
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
]);

/** Where a program is that we started ourselves: this machine, and the networks of its containers. */
const ours = new BlockList();
ours.addSubnet('127.0.0.0', 8, 'ipv4');
ours.addSubnet('10.0.0.0', 8, 'ipv4');
ours.addSubnet('172.16.0.0', 12, 'ipv4');
ours.addSubnet('192.168.0.0', 16, 'ipv4');
ours.addAddress('::1', 'ipv6');
ours.addSubnet('fc00::', 7, 'ipv6');

const isOurs = (host: string): boolean =>
  host === 'localhost' || (isIP(host) !== 0 && ours.check(host, isIP(host) === 6 ? 'ipv6' : 'ipv4'));

/** HTTP to a program that boltgrid started, over connections that are kept. */
export class HttpClient {
  readonly #plain = new http.Agent({ keepAlive: true, timeout: IDLE_MS });
  readonly #selfSigned = new https.Agent({ keepAlive: true, timeout: IDLE_MS, rejectUnauthorized: false });

  /**
   * Whatever the status is. Rejects with `node.not-ready` when nobody listens or the connection breaks, and with `node.internal` when what
   * comes is no HTTP or too much.
   */
  async send(to: Endpoint, request: HttpRequest, signal: AbortSignal): Promise<HttpReply> {
    if (request.tls === 'self-signed' && !isOurs(to.host)) {
      throw operationError(
        'internal',
        `a certificate is not checked on this machine only, not on ${to.host}`,
      );
    }
    try {
      return await this.#exchange(to, request, signal);
    } catch (cause) {
      const { code } = cause as { code?: unknown };
      throw operationError(NOBODY_THERE.has(code) ? 'not-ready' : 'internal', messageOf(cause), { cause });
    }
  }

  close(): void {
    this.#plain.destroy();
    this.#selfSigned.destroy();
  }

  #exchange(to: Endpoint, request: HttpRequest, signal: AbortSignal): Promise<HttpReply> {
    const { method, path, headers, body, tls, firstLine = false } = request;
    return new Promise((resolve, reject) => {
      const options = { host: to.host, port: to.port, method, path, headers, signal };
      const outgoing =
        tls === 'none'
          ? http.request({ ...options, agent: this.#plain })
          : https.request({ ...options, agent: this.#selfSigned });
      outgoing.on('error', (error: NodeJS.ErrnoException) => {
        // A kept connection that breaks before any answer: most likely the server let go of it while it was idle (or while we were too
        // busy to see that), so it is asked once more over another.
        if (outgoing.reusedSocket && BROKEN.has(error.code)) resolve(this.#exchange(to, request, signal));
        else reject(error);
      });
      outgoing.on('response', (incoming) => {
        const status = incoming.statusCode ?? 0;
        readBody(incoming, firstLine).then((text) => {
          resolve({ status, text });
        }, reject);
      });
      outgoing.end(body);
    });
  }
}

/** All of it; or, of a stream that may have no end, the first line that is not empty. */
function readBody(incoming: http.IncomingMessage, firstLine: boolean): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const text = (): string => Buffer.concat(chunks).toString('utf8');
    incoming.on('error', reject);
    incoming.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= MAX_REPLY_BYTES) chunks.push(chunk);
      else incoming.destroy(new RangeError(`an answer of more than ${MAX_REPLY_BYTES} bytes`));
      const line = firstLine && chunk.includes('\n') ? /\S[^\n]*(?=\n)/.exec(text())?.[0] : undefined;
      if (line === undefined) return;
      resolve(line);
      incoming.destroy();
    });
    incoming.on('end', () => {
      resolve(text());
    });
  });
}
