import type { Verdict } from '../../src/core/verdict.ts';
import type { Command } from '../../src/cli/command.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import { runCommand } from '../../src/cli/commands/run.ts';
import type { RunPlan } from '../../src/cli/commands/run.ts';
import { main } from '../../src/cli/main.ts';
import type { CaseFinished } from '../../src/journal/events.ts';
import { plannedTests, testKey } from '../../src/matrix/plan.ts';
import type { RunRequest } from '../../src/runner/run.ts';
import { fakeContext } from './terminal.ts';
import type { CommandOutcome, FakeContext } from './terminal.ts';

export interface FakeRun {
  /** Case id, or cell and case id, → verdict; `pass` for the rest. */
  readonly verdicts?: Readonly<Record<string, Verdict>>;
  /** Ends before this test (counted over the run) as if cancelled, or by throwing. */
  readonly stopAt?: number;
  readonly fault?: Error;
  readonly rest?: Partial<CaseFinished>;
}

export interface RecordedRun {
  readonly runPlan: RunPlan;
  readonly requests: RunRequest[];
  /** `cell case`, in the order in which they ran. */
  readonly ran: string[];
}

/** Stands in for the runner: writes the events that it would write, without a node. */
export function fakeRunner({ verdicts = {}, stopAt = Infinity, fault, rest }: FakeRun = {}): RecordedRun {
  const requests: RunRequest[] = [];
  const ran: string[] = [];
  const runPlan: RunPlan = async (request) => {
    requests.push(request);
    const tests = plannedTests(request.plan).filter(
      ({ cell, case: test }) => !request.finished.has(testKey(cell.cell, test.id)),
    );
    for (const [i, { cell, case: test }] of tests.entries()) {
      if (i === stopAt && fault) throw fault;
      if (i === stopAt) return { reason: 'cancelled', notRun: tests.length - i };
      const verdict = verdicts[`${cell.cell} ${test.id}`] ?? verdicts[test.id] ?? 'pass';
      await report(request, { cell: cell.cell, case: test.id, verdict, ...rest });
      ran.push(`${cell.cell} ${test.id}`);
    }
    return { reason: 'complete', notRun: 0 };
  };
  return { runPlan, requests, ran };
}

type Told = Pick<CaseFinished, 'cell' | 'case' | 'verdict'> & Partial<CaseFinished>;

async function report({ journal, onProgress }: RunRequest, told: Told): Promise<void> {
  const at = '2025-01-02T03:04:05.678Z';
  const common = { at, cell: told.cell, case: told.case, attempt: 1 };
  await journal.append({ event: 'case-started', ...common });
  onProgress({ type: 'case-started', cell: told.cell, case: told.case, attempt: 1 });
  const result: CaseFinished = {
    ...{ event: 'case-finished', ...common, milliseconds: 2, world: 'shared', checks: [], transcript: [] },
    ...told,
  };
  await journal.append(result);
  onProgress({ type: 'case-finished', result });
}

/** One command line with a runner of the test's own. */
export async function boltgridWith(
  { runPlan }: RecordedRun,
  cwd: string,
  argv: readonly string[],
  more: Partial<FakeContext> = {},
): Promise<CommandOutcome> {
  const context = fakeContext(cwd, more);
  const run = runCommand(() => Promise.resolve(runPlan)) as Command<never>;
  const code = await main(argv, context, [run, ...COMMANDS.filter(({ name }) => name !== 'run')]);
  return { code, out: context.stdout.text, err: context.stderr.text };
}
