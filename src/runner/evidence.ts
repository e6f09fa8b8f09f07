import { BoltgridError } from '../core/error.ts';
import { nearest } from '../core/text.ts';
import type { CheckResult } from '../journal/events.ts';
import { stepFailureOf, unexpected } from '../peer/step.ts';
import { toJson } from '../peer/transcript.ts';
import type { RequirementId } from '../spec/requirement.ts';
import { requirement } from '../spec/registry.ts';
import type { Evidence, TestCase } from '../suite/types.ts';

/** What a case has judged so far, check by check. */
export class CaseEvidence {
  readonly #test: TestCase;
  readonly #judged: CheckResult[] = [];
  /** Requirements for which only steps have held so far: they count unless the case judges them itself. */
  readonly #held = new Map<RequirementId, CheckResult>();

  constructor(test: TestCase) {
    this.#test = test;
  }

  get checks(): CheckResult[] {
    const judged = new Set(this.#judged.map(({ requirement: id }) => id));
    return [...[...this.#held.values()].filter(({ requirement: id }) => !judged.has(id)), ...this.#judged];
  }

  /** The suite's word `check`. */
  check(id: RequirementId, ok: boolean, { expected, got, note }: Evidence = {}): void {
    this.#declared(id);
    const { level } = requirement(id);
    const step = note ?? `check ${id}`;
    this.#judged.push({
      requirement: id,
      level,
      ok,
      step,
      ...(expected !== undefined && { expected: toJson(expected) }),
      ...(got !== undefined && { got: toJson(got) }),
      ...(note !== undefined && { note }),
    });
    if (!ok && level === 'must') {
      throw unexpected({ requirement: id, step, expected, got, awaited: 'message', link: undefined });
    }
  }

  /** A step (expect …) held; it counts for the requirement it names, or else for the case's own. */
  held(id: RequirementId | undefined, step: string): void {
    const charged = id ?? this.#test.requirements[0];
    this.#declared(charged);
    if (this.#held.has(charged)) return;
    const { level } = requirement(charged);
    if (level !== 'may') this.#held.set(charged, { requirement: charged, level, ok: true, step });
  }

  /**
   * A step that ended the case. A channel judges every message of the node, so it may be charged to a requirement that the case did
   * not set out to judge.
   */
  broken(error: unknown): void {
    const failure = stepFailureOf(error);
    if (!failure) return;
    const id = failure.requirement ?? this.#test.requirements[0];
    const { step, expected, got } = failure;
    const last = this.#judged.at(-1);
    if (last && !last.ok && last.requirement === id && last.step === step) return;
    this.#judged.push({ requirement: id, level: requirement(id).level, ok: false, step, expected, got });
  }

  #declared(id: RequirementId): void {
    if (this.#test.requirements.includes(id)) return;
    const near = nearest(id, this.#test.requirements);
    throw new BoltgridError(
      'suite.undeclared-requirement',
      'harness',
      `${this.#test.id} judges ${id} without declaring it`,
      {
        hint: near === undefined ? 'Add it to the case’s requirements.' : `Did you mean ${near}?`,
      },
    );
  }
}
