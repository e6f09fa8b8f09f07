import { setTimeout as wait } from 'node:timers/promises';
import type { ErrorRule, Step } from '../manifest-values.ts';
import { OPERATION_ERRORS, type OperationErrorCode } from '../operations.ts';
import { operationError } from '../operation-error.ts';
import { ask, type Asking, type Bounds, type Scope } from './ask.ts';
import { evaluate, isTrue } from './expression.ts';
import type { Values } from './values.ts';

/** What stays the same from the first step of a recipe to the last. */
export interface StepContext {
  readonly asking: Asking;
  readonly values: Values;
  readonly params: Values;
  /** In the order in which they are tried. */
  readonly errors: readonly ErrorRule[];
  readonly bounds: Bounds;
}

/** Where a recipe stands. */
export interface Progress {
  /** Of the latest step that was not left out. */
  answer: unknown;
  readonly got: Record<string, unknown>;
  /** The step at work, and what it last met with: for whoever asks why it took too long. */
  at: string;
  last: () => string;
}

export const atStart = (): Progress => ({ answer: undefined, got: {}, at: '', last: () => '' });

/** What names and inputs mean after the latest answer. */
export function scopeOf({ values, params }: StepContext, { got }: Progress, answer: unknown): Scope {
  return { values: { ...values, params, got, result: answer }, answer };
}

/** Does one step, as often as its `until` asks for. */
export async function perform(step: Step, context: StepContext, progress: Progress): Promise<void> {
  const before = scopeOf(context, progress, progress.answer);
  progress.at = nameOf(step);
  progress.last = () => '';
  if (step.when !== undefined && !isTrue(await evaluate(step.when, before.answer, before.values))) return;
  for (const pause of pauses(step.everyMs)) {
    const answer = await attempt(step, before, context, progress);
    const after = scopeOf(context, progress, answer);
    if (step.until === undefined || isTrue(await evaluate(step.until, answer, after.values))) {
      const taken = step.take === undefined ? answer : await evaluate(step.take, answer, after.values);
      progress.answer = taken;
      if (step.as !== undefined) progress.got[step.as] = taken;
      return;
    }
    progress.last = () => `not what is waited for: ${JSON.stringify(answer ?? null).slice(0, 500)}`;
    await wait(pause, undefined, { signal: context.bounds.signal });
  }
}

/** As a reader finds it in the manifest; no value is put in. */
function nameOf({ http, rpc, exec, until }: Step): string {
  if (http !== undefined) return http;
  if (rpc !== undefined) return rpc;
  if (exec !== undefined) return `exec ${Array.isArray(exec) ? exec.join(' ') : ''}`.trimEnd();
  return until === undefined ? 'a step without a request' : 'until';
}

async function attempt(step: Step, scope: Scope, context: StepContext, progress: Progress): Promise<unknown> {
  const reply = await ask(step, scope, context.asking, context.bounds);
  const refusal =
    'refusal' in reply
      ? { message: reply.refusal }
      : await refusalSeen(step, scopeOf(context, progress, reply.answer));
  if (refusal === undefined) return 'answer' in reply ? reply.answer : undefined;
  if (step.ignore !== undefined && pattern(step.ignore).test(refusal.message)) return undefined;
  throw operationError(refusal.code ?? codeOf(refusal.message, context.errors), refusal.message);
}

interface Refusal {
  readonly code?: OperationErrorCode;
  readonly message: string;
}

/** What `fail` says of an answer. Without a code it is a text like that of any other refusal. */
async function refusalSeen({ fail }: Step, { answer, values }: Scope): Promise<Refusal | undefined> {
  if (fail === undefined) return undefined;
  const seen = await evaluate(fail, answer, values);
  if (!isTrue(seen)) return undefined;
  if (typeof seen === 'string') return { message: seen };
  const { code, message } = seen as { code?: unknown; message?: unknown };
  const known = OPERATION_ERRORS.find((name) => name === code);
  if (typeof message !== 'string' || (code !== undefined && known === undefined)) {
    const got = JSON.stringify(seen).slice(0, 200);
    throw operationError('internal', `"fail" gives neither a text nor a known code and a message: ${got}`);
  }
  return { message, ...(known !== undefined && { code: known }) };
}

const codeOf = (message: string, rules: readonly ErrorRule[]): OperationErrorCode =>
  rules.find(({ match }) => pattern(match).test(message))?.code ?? 'rejected';

const patterns = new Map<string, RegExp>();

/** Any case. Throws `node.internal` for what is no regular expression. */
function pattern(source: string): RegExp {
  const known = patterns.get(source);
  if (known) return known;
  try {
    const fresh = new RegExp(source, 'i');
    patterns.set(source, fresh);
    return fresh;
  } catch (cause) {
    throw operationError('internal', `not a regular expression: ${source}`, { cause });
  }
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 500;

/** Between attempts: what the manifest says; otherwise longer and longer, since who has waited long can wait a little more. */
export function* pauses(everyMs?: number): Generator<number, never> {
  let pause = everyMs ?? FIRST_PAUSE_MS;
  for (;;) {
    yield pause;
    if (everyMs === undefined) pause = Math.min(LONGEST_PAUSE_MS, Math.round(pause * 1.25));
  }
}
