import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isBoltgridError, messageOf } from '../../core/error.ts';
import type { RpcEndpoint } from '../chain.ts';
import type { FeeSource } from '../fees.ts';
import { sha256 } from '../../bitcoin/hash.ts';
import { parseJson, toJson, type Json } from '../json.ts';
import type { Regtest } from '../regtest/regtest.ts';
import { RPC, RpcError } from './error.ts';
import { RPC_METHODS, type RpcContext } from './methods.ts';
import { RpcParams } from './params.ts';

export interface RpcServer {
  readonly endpoint: RpcEndpoint;
  close(): Promise<void>;
}

/** Enough for a package of the largest standard transactions in hexadecimal. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;
const MAX_BATCH = 1000;
const USER = 'boltgrid';
const CLOSING_MS = 1000;

/** Serves the chain on a free port of 127.0.0.1, with a password of its own. */
export async function serveRpc(regtest: Regtest, fees: FeeSource): Promise<RpcServer> {
  const password = randomBytes(24).toString('hex');
  const credentials = sha256(Buffer.from(`Basic ${Buffer.from(`${USER}:${password}`).toString('base64')}`));
  const startedAt = Math.floor(Date.now() / 1000);
  const closing = new AbortController();
  const server = createServer((request, response) => {
    const hungUp = new AbortController();
    response.once('close', () => {
      hungUp.abort();
    });
    const signal = AbortSignal.any([closing.signal, hungUp.signal]);
    void answer(request, response, credentials, { regtest, fees, startedAt, signal });
  });
  const port = await listen(server);
  return {
    endpoint: { url: `http://127.0.0.1:${port}/`, user: USER, password },
    close: () => closeServer(server, closing),
  };
}

/** Long polls answer that the server is going; what has not ended after a moment is cut. */
function closeServer(server: Server, closing: AbortController): Promise<void> {
  closing.abort();
  return new Promise((resolve) => {
    const cut = setTimeout(() => {
      server.closeAllConnections();
    }, CLOSING_MS);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
  });
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      resolve((server.address() as AddressInfo).port);
    });
  });
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  credentials: Uint8Array,
  context: RpcContext,
): Promise<void> {
  const refuse = (status: number, headers: Record<string, string> = {}): void => {
    // What is left of the body is not read.
    response.writeHead(status, { connection: 'close', ...headers }).end();
  };
  if (!timingSafeEqual(sha256(Buffer.from(request.headers.authorization ?? '')), credentials)) {
    refuse(401, { 'www-authenticate': 'Basic realm="jsonrpc"' });
    return;
  }
  if (request.method !== 'POST') {
    refuse(405, { allow: 'POST' });
    return;
  }
  const body = await readBody(request);
  if (body === undefined) {
    refuse(413);
    return;
  }
  const { status, text } = await handle(body, request.url ?? '/', context);
  // A connection that is kept alive would keep a closing server.
  const connection = context.signal.aborted ? { connection: 'close' } : {};
  response.writeHead(status, { 'content-type': 'application/json', ...connection }).end(`${text}\n`);
}

/** `undefined` where it is too long, or the caller hung up. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > MAX_BODY_BYTES) return undefined;
      chunks.push(chunk);
    }
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks).toString('utf8');
}

interface Reply {
  readonly status: number;
  readonly text: string;
}

async function handle(body: string, path: string, context: RpcContext): Promise<Reply> {
  let parsed: unknown;
  try {
    parsed = parseJson(body);
  } catch {
    return single(failed(undefined, new RpcError(RPC.parseError, 'Parse error')));
  }
  if (typeof parsed !== 'object' || parsed === null)
    return single(failed(undefined, new RpcError(RPC.parseError, 'Top-level object parse error')));
  if (!Array.isArray(parsed)) return single(await call(parsed, path, context));
  if (parsed.length > MAX_BATCH) {
    return single(
      failed(undefined, new RpcError(RPC.invalidRequest, `at most ${MAX_BATCH} calls in a batch`)),
    );
  }
  const answers: string[] = [];
  for (const each of parsed) answers.push(toJson((await call(each, path, context)).body));
  return { status: 200, text: `[${answers.join(',')}]` };
}

const single = ({ status, body }: Answer): Reply => ({ status, text: toJson(body) });

interface Answer {
  readonly status: number;
  readonly body: Json;
}

interface CallRequest {
  readonly id?: unknown;
  readonly method?: unknown;
  readonly params?: unknown;
  readonly jsonrpc?: unknown;
}

async function call(request: unknown, path: string, context: RpcContext): Promise<Answer> {
  if (typeof request !== 'object' || request === null || Array.isArray(request)) {
    return failed(undefined, new RpcError(RPC.invalidRequest, 'Invalid Request object'));
  }
  const { method, params } = request as CallRequest;
  try {
    if (method === undefined || method === null) throw new RpcError(RPC.invalidRequest, 'Missing method');
    if (typeof method !== 'string') throw new RpcError(RPC.invalidRequest, 'Method must be a string');
    if (path !== '/')
      throw new RpcError(RPC.walletNotFound, 'Requested wallet does not exist or is not loaded');
    const known = RPC_METHODS.get(method);
    if (!known) throw new RpcError(RPC.methodNotFound, 'Method not found');
    const result = await known.run(new RpcParams(known.params, params), context);
    return {
      status: 200,
      body: isVersion2(request)
        ? { jsonrpc: '2.0', result, id: idOf(request) }
        : { result, error: null, id: idOf(request) },
    };
  } catch (error) {
    return failed(request, error);
  }
}

const isVersion2 = (request: CallRequest): boolean => request.jsonrpc === '2.0';

/** An id is text, a number or null; anything else is not echoed. */
function idOf(request: CallRequest | undefined): Json {
  const id = request?.id;
  return typeof id === 'string' || typeof id === 'number' ? id : null;
}

/** JSON-RPC 1 says errors by the HTTP status too, 2.0 does not. */
function failed(request: CallRequest | undefined, thrown: unknown): Answer {
  const { code, message } = asRpcError(thrown);
  const error = { code, message };
  if (request && isVersion2(request))
    return { status: 200, body: { jsonrpc: '2.0', error, id: idOf(request) } };
  const status = code === RPC.invalidRequest ? 400 : code === RPC.methodNotFound ? 404 : 500;
  return { status, body: { result: null, error, id: idOf(request) } };
}

function asRpcError(thrown: unknown): { code: number; message: string } {
  if (thrown instanceof RpcError) return { code: thrown.code, message: thrown.message };
  const prefix = isBoltgridError(thrown) ? '' : 'internal error: ';
  return { code: RPC.misc, message: `${prefix}${messageOf(thrown)}` };
}
