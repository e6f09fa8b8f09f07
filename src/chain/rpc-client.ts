import { Agent, request, type IncomingMessage } from 'node:http';
import type { z } from 'zod';
import { withDeadline } from '../core/deadline.ts';
import { BoltgridError, isBoltgridError } from '../core/error.ts';
import { cleanText } from '../core/text.ts';
import type { RpcEndpoint } from './chain.ts';
import { parseJson, toJson, type Json } from './json.ts';

export { Amount, satOf } from './json.ts';

export interface CallOptions {
  /** 30 s when not given; a long poll needs more than its own timeout. */
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
}

const DEFAULT_DEADLINE_MS = 30_000;
/** Less than the 30 s after which bitcoind closes a connection: a call must not meet one that is just being closed. */
const IDLE_MS = 5000;
/** A block in hexadecimal takes twice its bytes. */
const MAX_ANSWER_BYTES = 32 * 1024 * 1024;

/**
 * bitcoind's JSON-RPC, also as served by the memory chain. Amounts in answers are text: read them with `satOf`.
 *
 * Errors: `chain.rpc.unreachable`, `chain.rpc.unauthorized`, `chain.rpc.error` (bitcoind's own answer: `details.code`,
 * `details.method`), `chain.rpc.bad-answer`, `core.deadline`, `core.cancelled`.
 */
export class RpcClient {
  readonly #endpoint: RpcEndpoint;
  readonly #agent = new Agent({ keepAlive: true, timeout: IDLE_MS });

  constructor(endpoint: RpcEndpoint) {
    this.#endpoint = endpoint;
  }

  /** The result, held to `result`. */
  async call<T>(
    method: string,
    params: readonly Json[],
    result: z.ZodType<T>,
    options: CallOptions = {},
  ): Promise<T> {
    const { deadlineMs = DEFAULT_DEADLINE_MS, signal } = options;
    const answer = await withDeadline(
      `bitcoind's ${method}`,
      deadlineMs,
      (inner) => this.#post(method, toJson({ jsonrpc: '1.0', id: method, method, params }), inner),
      signal,
    );
    const parsed = result.safeParse(answer);
    if (!parsed.success) throw badAnswer(method, parsed.error.message);
    return parsed.data;
  }

  async #post(method: string, body: string, signal: AbortSignal): Promise<unknown> {
    const { url, user, password } = this.#endpoint;
    const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
    let response: IncomingMessage;
    let text: string;
    try {
      response = await this.#send(authorization, body, signal);
      text = await readText(response, method);
    } catch (cause) {
      if (isBoltgridError(cause)) throw cause;
      throw new BoltgridError(
        'chain.rpc.unreachable',
        'setup',
        `bitcoind's JSON-RPC at ${url} cannot be reached`,
        {
          hint: 'Check that it runs, that its port is right, and that rpcallowip lets this host in.',
          cause,
        },
      );
    }
    if (response.statusCode === 401 || response.statusCode === 403) {
      throw new BoltgridError(
        'chain.rpc.unauthorized',
        'setup',
        `bitcoind's JSON-RPC at ${url} refuses the user ${user}`,
        {
          hint: 'Check rpcuser and rpcpassword, or the rpcauth line.',
        },
      );
    }
    return resultOf(method, text);
  }

  /** Not by `fetch`: a first connection that is closed at once, as by Docker before bitcoind listens, leaves it waiting for ever. */
  #send(authorization: string, body: string, signal: AbortSignal): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const headers = { authorization, 'content-length': Buffer.byteLength(body) };
      request(this.#endpoint.url, { method: 'POST', headers, agent: this.#agent, signal }, resolve)
        .on('error', reject)
        .end(body);
    });
  }
}

async function readText(response: IncomingMessage, method: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) throw badAnswer(method, `more than ${MAX_ANSWER_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function resultOf(method: string, text: string): unknown {
  let answer: unknown;
  try {
    answer = parseJson(text);
  } catch {
    throw badAnswer(method, `not JSON: ${cleanText(text, 200)}`);
  }
  if (typeof answer !== 'object' || answer === null) throw badAnswer(method, 'not an object');
  const { result, error } = answer as { result?: unknown; error?: unknown };
  if (error === undefined || error === null) return result;
  const { code, message } = error as { code?: unknown; message?: unknown };
  throw new BoltgridError(
    'chain.rpc.error',
    'setup',
    `bitcoind's ${method}: ${cleanText(String(message), 500)}`,
    {
      ...(code === WARMING_UP && { hint: 'It is still starting: try again when it has loaded its blocks.' }),
      details: { method, code, message },
    },
  );
}

/** RPC_IN_WARMUP */
const WARMING_UP = -28;

const badAnswer = (method: string, why: string): BoltgridError =>
  new BoltgridError('chain.rpc.bad-answer', 'setup', `bitcoind's ${method}: ${why}`);
