import { setTimeout as wait } from 'node:timers/promises';
import { withDeadline } from '../../core/deadline.ts';
import { BoltgridError, isBoltgridError, messageOf } from '../../core/error.ts';
import { cleanText } from '../../core/text.ts';
import type { Place } from '../../runtime/runtime.ts';
import type { Access, Recipe, Step } from '../manifest-values.ts';
import { operationError } from '../operation-error.ts';
import { evaluate } from './expression.ts';
import { HttpClient } from './http.ts';
import { atStart, pauses, perform, scopeOf, type Progress, type StepContext } from './steps.ts';
import { withoutSecrets, type Values } from './values.ts';

export type { Values } from './values.ts';

export interface ControlParts {
  readonly access: Access | undefined;
  readonly place: Place;
  /** Nested plain data: src/nodes/control/values.ts says what is there. */
  readonly values: Values;
}

export interface ControlLimits {
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
}

type Work<T> = (context: Omit<StepContext, 'params' | 'errors'>, progress: Progress) => Promise<T>;

const MAX_MESSAGE_CHARACTERS = 2000;

/**
 * Asks a running program as its manifest says. Rejects with `node.rejected`, `node.not-ready`, `node.timeout`, `node.not-offered` or
 * `node.internal`; with `manifest.unknown-value` (user) for a template that names what is not there; with `runtime.*` (set-up) where a
 * program could not be executed; with what aborted it. No text of an error holds a password or secret.
 */
export class Control {
  readonly #parts: ControlParts;
  readonly #http = new HttpClient();

  constructor(parts: ControlParts) {
    this.#parts = parts;
  }

  /** One operation, its params and result in wire form; the result is unchecked. */
  run(recipe: Recipe, params: Values, limits: ControlLimits): Promise<unknown> {
    const errors = [...(recipe.errors ?? []), ...(this.#parts.access?.errors ?? [])];
    return this.#bounded(limits, async (base, progress) => {
      const context = { ...base, params, errors };
      for (const step of recipe.steps) await perform(step, context, progress);
      if (recipe.result === undefined) return {};
      progress.at = 'result';
      const { answer, values } = scopeOf(context, progress, progress.answer);
      const result = await evaluate(recipe.result, answer, values);
      if (result === undefined) throw operationError('internal', 'the expression gives nothing');
      return result;
    });
  }

  /** Each step again while it errs, until it holds. `node.timeout` tells the last error. */
  becomeReady(steps: readonly Step[], limits: ControlLimits): Promise<void> {
    return this.#bounded(limits, async (base, progress) => {
      const context = { ...base, params: {}, errors: this.#parts.access?.errors ?? [] };
      for (const step of steps) await this.#untilItHolds(step, context, progress);
    });
  }

  /** Lets go of connections; what still waits for an answer is `node.not-ready`. */
  close(): void {
    this.#http.close();
  }

  async #untilItHolds(step: Step, context: StepContext, progress: Progress): Promise<void> {
    for (const pause of pauses()) {
      try {
        await perform(step, context, progress);
        return;
      } catch (error) {
        context.bounds.signal.throwIfAborted();
        if (isBoltgridError(error) && error.blame === 'user') throw error; // Time does not mend a manifest.
        const message = messageOf(error);
        progress.last = () => message;
      }
      await wait(pause, undefined, { signal: context.bounds.signal });
    }
  }

  async #bounded<T>({ deadlineMs, signal }: ControlLimits, work: Work<T>): Promise<T> {
    const { access, place, values } = this.#parts;
    const progress = atStart();
    try {
      return await withDeadline(
        'control',
        deadlineMs,
        (aborted) =>
          work(
            { asking: { access, place, http: this.#http }, values, bounds: { deadlineMs, signal: aborted } },
            progress,
          ),
        signal,
      );
    } catch (error) {
      if (signal?.aborted === true) throw error;
      throw this.#shown(error, progress, deadlineMs);
    }
  }

  /** An error as others may see it: clean, short, without secrets, and with the step at which it came. */
  #shown(error: unknown, { at, last }: Progress, deadlineMs: number): BoltgridError {
    const show = (text: string): string =>
      cleanText(withoutSecrets(text, this.#parts.values), MAX_MESSAGE_CHARACTERS);
    const details = { step: at };
    if (!isBoltgridError(error))
      return operationError('internal', show(`${at}: ${messageOf(error)}`), { details });
    const { code, blame, message, hint } = error;
    if (code === 'core.deadline' || code === 'runtime.deadline') {
      const met = last();
      const why = met === '' ? '' : `: ${met}`;
      return operationError('timeout', show(`${at}: not complete within ${deadlineMs} ms${why}`), {
        details: { ...details, deadlineMs },
      });
    }
    const text = blame === 'harness' ? `${at}: ${message}` : message;
    return new BoltgridError(code, blame, show(text), {
      ...(hint !== undefined && { hint: show(hint) }),
      details: { ...details, ...(code === 'node.internal' && error.details) },
    });
  }
}
