import type { Verdict } from '../../core/verdict.ts';
import { plannedTests, testKey } from '../../matrix/plan.ts';
import type { Plan } from '../../matrix/plan.ts';

export interface CellTally {
  readonly cell: string;
  readonly planned: number;
  /** Final verdicts only. */
  readonly verdicts: ReadonlyMap<Verdict, number>;
  readonly done: number;
  /** Cases under way, the one that began first ahead. */
  readonly running: readonly string[];
}

interface Counts {
  readonly planned: number;
  readonly verdicts: Map<Verdict, number>;
  readonly running: Set<string>;
}

/** How far a run is, cell by cell. */
export class Tally {
  readonly #cells = new Map<string, Counts>();
  readonly #left = new Map<string, Set<string>>();

  /** `finished` are verdicts that the journal held before, by `testKey`. */
  constructor(
    plan: Pick<Plan, 'cells' | 'cases'>,
    finished: ReadonlyMap<string, { readonly verdict: Verdict }> = new Map(),
  ) {
    const tests = plannedTests(plan).filter(({ cell }) => cell.cannotRun === undefined);
    for (const { cell, case: test } of tests) {
      const counts = this.#cells.get(cell.cell) ?? {
        planned: 0,
        verdicts: new Map<Verdict, number>(),
        running: new Set<string>(),
      };
      this.#cells.set(cell.cell, { ...counts, planned: counts.planned + 1 });
      const left = this.#left.get(cell.cell) ?? new Set<string>();
      this.#left.set(cell.cell, left.add(test.id));
    }
    for (const { cell, case: test } of tests) {
      const before = finished.get(testKey(cell.cell, test.id));
      if (before) this.finished(cell.cell, test.id, before.verdict);
    }
  }

  started(cell: string, test: string): void {
    this.#cells.get(cell)?.running.add(test);
  }

  /** With a verdict that stands. */
  finished(cell: string, test: string, verdict: Verdict): void {
    this.stopped(cell, test);
    const counts = this.#cells.get(cell);
    if (!counts || this.#left.get(cell)?.delete(test) !== true) return;
    counts.verdicts.set(verdict, (counts.verdicts.get(verdict) ?? 0) + 1);
  }

  /** An attempt ended, and another follows. */
  stopped(cell: string, test: string): void {
    this.#cells.get(cell)?.running.delete(test);
  }

  cells(): CellTally[] {
    return [...this.#cells].map(([cell, { planned, verdicts, running }]) => ({
      cell,
      planned,
      verdicts,
      done: planned - (this.#left.get(cell)?.size ?? 0),
      running: [...running],
    }));
  }
}
