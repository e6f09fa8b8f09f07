import type { Socket } from 'node:net';
import { isBoltgridError, messageOf } from '../../core/error.ts';
import { toJson, type Json } from '../json.ts';
import { LineCutter } from './lines.ts';
import {
  ELECTRUM_ERROR,
  ELECTRUM_METHODS,
  ElectrumError,
  tipHeader,
  type ElectrumContext,
} from './protocol.ts';
import { statusOf } from './script-index.ts';

/** Enough for the largest standard transaction in hexadecimal. */
const MAX_LINE_BYTES = 1024 * 1024;
const MAX_BATCH = 100;
/** A client that does not read is let go. */
const MAX_UNREAD_BYTES = 32 * 1024 * 1024;

/** One client of the server. */
export class ElectrumSession {
  readonly #socket: Socket;
  readonly #context: ElectrumContext;
  readonly #lines = new LineCutter(MAX_LINE_BYTES);
  /** Requests are answered in the order in which they came. */
  #turn: Promise<void> = Promise.resolve();

  constructor(socket: Socket, context: ElectrumContext) {
    this.#socket = socket;
    this.#context = context;
    socket.on('data', (chunk: Buffer) => {
      this.#read(chunk);
    });
  }

  /** Tells the client what changed of what it has subscribed to. */
  notify(tipChanged: boolean): void {
    const { chain, index, subscriptions } = this.#context;
    for (const [scriptHash, told] of subscriptions.scripts) {
      const status = statusOf(index.history(scriptHash));
      if (status === told) continue;
      subscriptions.scripts.set(scriptHash, status);
      this.#send({
        jsonrpc: '2.0',
        method: 'blockchain.scripthash.subscribe',
        params: [scriptHash, status],
      });
    }
    // Last: who has the header has been told of what is in the block.
    if (tipChanged && subscriptions.headers) {
      this.#send({ jsonrpc: '2.0', method: 'blockchain.headers.subscribe', params: [tipHeader(chain)] });
    }
  }

  #read(chunk: Uint8Array): void {
    try {
      for (const line of this.#lines.push(chunk)) {
        this.#turn = this.#turn.then(async () => {
          const answer = await answerTo(line, this.#context);
          if (answer !== undefined) this.#send(answer);
        });
      }
    } catch {
      this.#socket.destroy();
    }
  }

  #send(message: Json): void {
    if (this.#socket.writableLength > MAX_UNREAD_BYTES) this.#socket.destroy();
    if (!this.#socket.destroyed) this.#socket.write(`${toJson(message)}\n`);
  }
}

/** `undefined` where nothing is to be answered: a notification. */
async function answerTo(line: string, context: ElectrumContext): Promise<Json | undefined> {
  let request: unknown;
  try {
    request = JSON.parse(line);
  } catch {
    return failure(null, new ElectrumError(ELECTRUM_ERROR.parse, 'not JSON'));
  }
  if (!Array.isArray(request)) return answerOne(request, context);
  if (request.length === 0 || request.length > MAX_BATCH) {
    return failure(
      null,
      new ElectrumError(ELECTRUM_ERROR.invalidRequest, `a batch has from 1 to ${MAX_BATCH} requests`),
    );
  }
  const answers: Json[] = [];
  for (const each of request) {
    const answer = await answerOne(each, context);
    if (answer !== undefined) answers.push(answer);
  }
  return answers.length === 0 ? undefined : answers;
}

async function answerOne(request: unknown, context: ElectrumContext): Promise<Json | undefined> {
  if (typeof request !== 'object' || request === null || Array.isArray(request)) {
    return failure(null, new ElectrumError(ELECTRUM_ERROR.invalidRequest, 'a request is an object'));
  }
  const { id, method, params } = request as { id?: unknown; method?: unknown; params?: unknown };
  const shown = typeof id === 'number' || typeof id === 'string' ? id : null;
  try {
    const known = typeof method === 'string' ? ELECTRUM_METHODS.get(method) : undefined;
    if (!known) throw new ElectrumError(ELECTRUM_ERROR.methodNotFound, 'unknown method');
    const result = await known.call(params ?? [], context);
    return id === undefined ? undefined : { jsonrpc: '2.0', id: shown, result };
  } catch (error) {
    return id === undefined ? undefined : failure(shown, error);
  }
}

function failure(id: string | number | null, thrown: unknown): Json {
  const ours = thrown instanceof ElectrumError || isBoltgridError(thrown);
  const code = thrown instanceof ElectrumError ? thrown.code : ELECTRUM_ERROR.internal;
  return {
    jsonrpc: '2.0',
    id,
    error: { code, message: `${ours ? '' : 'internal error: '}${messageOf(thrown)}` },
  };
}
