import { isBoltgridError } from '../../core/error.ts';
import type { Endpoint, Place } from '../../runtime/runtime.ts';
import type { Access, Expression, Step } from '../manifest-values.ts';
import { operationError } from '../operation-error.ts';
import { evaluate } from './expression.ts';
import type { HttpClient } from './http.ts';
import { parseAnswer } from './json.ts';
import { fillTemplate } from './template.ts';
import type { Values } from './values.ts';

/** What the program gave: an answer, or a refusal in its words. */
export type Reply = { readonly answer: unknown } | { readonly refusal: string };

export interface Asking {
  readonly access: Access | undefined;
  readonly place: Place;
  readonly http: HttpClient;
}

/** What a request is made from. */
export interface Scope {
  /** What templates and bindings may name. */
  readonly values: Values;
  /** The latest answer: an expression's input. */
  readonly answer: unknown;
}

export interface Bounds {
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
}

/**
 * One request of a step; a step without one has the latest answer. Rejects with `node.not-ready` when nobody listens, with `node.internal`
 * when the request cannot be made or the answer cannot be read.
 */
export async function ask(step: Step, scope: Scope, asking: Asking, bounds: Bounds): Promise<Reply> {
  if (step.http !== undefined) return askHttp(step, step.http, scope, asking, bounds);
  if (step.rpc !== undefined) return askRpc(step, step.rpc, scope, asking, bounds);
  if (step.exec !== undefined) return askExec(step, step.exec, scope, asking, bounds);
  return { answer: scope.answer };
}

async function askHttp(
  step: Step,
  line: string,
  scope: Scope,
  asking: Asking,
  bounds: Bounds,
): Promise<Reply> {
  const access = asking.access?.http;
  if (!access) throw operationError('internal', `"access" says nothing of http, which ${line} needs`);
  const { values } = scope;
  const fill = (text: string): string => fillTemplate(text, values);
  const [method = '', target = ''] = line.split(/ (.*)/s);
  const path = fillTemplate(target, values, encodeURIComponent);
  const query = step.query === undefined ? '' : urlEncoded(await made(step.query, scope)).toString();
  const json = step.body === undefined ? undefined : JSON.stringify(await made(step.body, scope));
  const form = step.form === undefined ? undefined : urlEncoded(await made(step.form, scope)).toString();
  const body = json ?? form;
  const own = Object.entries(access.headers ?? {}).map(([name, value]) => [name, fill(value)] as const);
  const headers = {
    ...(access.user === undefined && access.password === undefined
      ? {}
      : { authorization: basic(fill(access.user ?? ''), fill(access.password ?? '')) }),
    ...(json !== undefined && { 'content-type': 'application/json' }),
    ...(json === undefined && form !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }),
    ...(body !== undefined && { 'content-length': String(Buffer.byteLength(body)) }),
    ...Object.fromEntries(own),
  };
  const reply = await asking.http.send(
    endpointOf(asking.place, access.port),
    {
      method,
      path: withQuery(path, query),
      headers,
      body,
      tls: access.tls,
      firstLine: step.answer === 'first-line',
    },
    bounds.signal,
  );
  if (reply.status >= 200 && reply.status < 300) return { answer: read(reply.text, step.answer) };
  return { refusal: refusalOf(reply.text, `HTTP ${reply.status}`) };
}

async function askRpc(
  step: Step,
  method: string,
  scope: Scope,
  asking: Asking,
  bounds: Bounds,
): Promise<Reply> {
  const access = asking.access?.rpc;
  if (!access) throw operationError('internal', `"access" says nothing of rpc, which ${method} needs`);
  const { values } = scope;
  const params = step.params === undefined ? [] : await made(step.params, scope);
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  const headers = {
    authorization: basic(fillTemplate(access.user, values), fillTemplate(access.password, values)),
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
  };
  const path = fillTemplate(access.path, values, encodeURIComponent);
  const reply = await asking.http.send(
    endpointOf(asking.place, access.port),
    { method: 'POST', path, headers, body, tls: 'none' },
    bounds.signal,
  );
  const answer = tryToRead(reply.text);
  const { error, result } = (isRecord(answer) ? answer : {}) as { error?: unknown; result?: unknown };
  if (error !== undefined && error !== null) return { refusal: refusalOf(JSON.stringify(error)) };
  if (reply.status < 200 || reply.status >= 300) {
    return { refusal: refusalOf(reply.text, `HTTP ${reply.status}`) };
  }
  if (!isRecord(answer)) throw unreadable('no JSON-RPC', reply.text);
  return { answer: result };
}

async function askExec(
  step: Step,
  exec: NonNullable<Step['exec']>,
  scope: Scope,
  asking: Asking,
  bounds: Bounds,
): Promise<Reply> {
  const fill = (text: string): string => fillTemplate(text, scope.values);
  const words = Array.isArray(exec) ? exec.map(fill) : wordsOf(await made(exec.words, scope));
  const [file, ...rest] = [...(asking.access?.exec ?? []).map(fill), ...words];
  if (file === undefined) throw operationError('internal', 'there is nothing to execute');
  try {
    const { code, stdout, stderr } = await asking.place.exec([file, ...rest], bounds);
    if (code === 0) return { answer: read(stdout, step.answer) };
    return { refusal: refusalOf(stderr.trim() === '' ? stdout : stderr, `exit code ${code}`) };
  } catch (cause) {
    if (!isBoltgridError(cause) || cause.code !== 'runtime.not-running') throw cause;
    throw operationError('not-ready', cause.message, { cause });
  }
}

const made = (expression: Expression, { answer, values }: Scope): Promise<unknown> =>
  evaluate(expression, answer, values);

function endpointOf(place: Place, port: string): Endpoint {
  const endpoint = Object.hasOwn(place.reached, port) ? place.reached[port] : undefined;
  if (endpoint) return endpoint;
  throw operationError('internal', `the program has no port ${JSON.stringify(port)}`);
}

const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

const withQuery = (path: string, query: string): string =>
  query === '' ? path : `${path}${path.includes('?') ? '&' : '?'}${query}`;

/** An array is sent as several fields of one name. */
function urlEncoded(fields: unknown): URLSearchParams {
  const encoded = new URLSearchParams();
  if (fields === undefined) return encoded;
  if (!isRecord(fields)) throw operationError('internal', 'a form or query is not an object');
  for (const [name, value] of Object.entries(fields)) {
    for (const item of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (item !== null) encoded.append(name, word(item));
    }
  }
  return encoded;
}

function wordsOf(value: unknown): string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : value === undefined ? [] : [value];
  return list.map(word);
}

const word = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

function read(text: string, as: Step['answer']): unknown {
  if (as === 'text') return text;
  const source = as === 'last-line' ? (text.trimEnd().split('\n').at(-1) ?? '') : text;
  if (source.trim() === '') return undefined;
  try {
    return parseAnswer(source);
  } catch (cause) {
    throw unreadable('no JSON', source, cause);
  }
}

function tryToRead(text: string): unknown {
  try {
    return parseAnswer(text);
  } catch {
    return undefined;
  }
}

const unreadable = (what: string, text: string, cause?: unknown): Error =>
  operationError('internal', `the answer is ${what}: ${text.trim().slice(0, 300)}`, { cause });

const MAX_REFUSAL_CHARACTERS = 10_000;

/** The message of a refusal, with its numbers behind it, so that a manifest can tell refusals apart by them, too. */
function refusalOf(text: string, how?: string): string {
  const body = tryToRead(text);
  const { code } = (isRecord(body) ? body : {}) as { code?: unknown };
  const numbers = [how, typeof code === 'number' ? `code ${code}` : undefined].filter(
    (part) => part !== undefined,
  );
  const message = (messageIn(body) ?? text.trim()).slice(0, MAX_REFUSAL_CHARACTERS);
  return [message, numbers.length === 0 ? '' : `(${numbers.join(', ')})`]
    .filter((part) => part !== '')
    .join(' ');
}

/** The usual shapes: `"…"`, `{ message }`, `{ message, data: { exception } }`, `{ error: "…" }`, `{ error: { message } }`. */
function messageIn(body: unknown): string | undefined {
  if (typeof body === 'string') return body;
  if (!isRecord(body)) return undefined;
  const { message, error, data } = body;
  if (typeof message !== 'string' || message === '') return messageIn(error);
  return isRecord(data) && typeof data.exception === 'string' ? `${message}: ${data.exception}` : message;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
