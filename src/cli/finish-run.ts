import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Plan } from '../matrix/plan.ts';
import type { CellTally } from './progress/tally.ts';
import type { Report, ReportResult } from '../report/schema.ts';
import type { GateOutcome } from '../report/gate.ts';
import { coloursFor, printJson, printLines } from './context.ts';
import type { CliContext, Output } from './context.ts';
import { readExpectations } from './project.ts';
import { missingImageLines } from './missing-images.ts';
import { reportOfFolder } from './read-run.ts';
import type { ReadRunOptions } from './read-run.ts';
import { pointLatest } from './runs.ts';

export interface FinishOptions extends ReadRunOptions {
  readonly json?: true;
}

/** Writes the reports of a run, tells what it came to, and gives the exit code. */
export async function finishRun(
  { folder, plan }: { readonly folder: string; readonly plan: Plan },
  left: readonly CellTally[],
  context: CliContext,
  options: FinishOptions,
): Promise<number> {
  const [{ gate }, { writeReport }] = await Promise.all([
    import('../report/gate.ts'),
    import('../report/write.ts'),
  ]);
  const { report, partial, sentences } = await reportOfFolder(folder, context, options);
  await writeReport(folder, report, sentences);
  await pointLatest(folder);
  const outcome = gate(report, { expectations: await readExpectations(context, options), partial });
  if (options.json) printJson(context.stdout, runSummary(folder, report, outcome));
  await tell(options.json ? context.stderr : context.stdout, {
    folder,
    report,
    outcome,
    left,
    plan,
    context,
    options,
  });
  return outcome.exitCode;
}

export function runSummary(folder: string, { run, summary }: Report, outcome: GateOutcome): object {
  const brief = ({ cell, case: id, verdict, requirement, step, message }: ReportResult): object => ({
    cell,
    case: id,
    verdict,
    requirement,
    step,
    message,
  });
  return {
    runId: run.runId,
    folder,
    page: join(folder, 'index.html'),
    planHash: run.planHash,
    finished: run.finished,
    exitCode: outcome.exitCode,
    summary,
    unexpected: [...outcome.harness, ...outcome.unexpected].map(brief),
    known: outcome.known.map(brief),
  };
}

interface Told {
  readonly folder: string;
  readonly report: Report;
  readonly outcome: GateOutcome;
  readonly left: readonly CellTally[];
  readonly plan: Plan;
  readonly context: CliContext;
  readonly options: FinishOptions;
}

async function tell(
  output: Output,
  { folder, report, outcome, left, plan, context, options }: Told,
): Promise<void> {
  const { summaryLines } = await import('../report/text/summary.ts');
  const colours = coloursFor(output, context.env);
  const command = commandLine(context.env, options);
  const page = join(folder, 'index.html');
  const [first] = [...outcome.harness, ...outcome.unexpected];
  printLines(output, [
    ...summaryLines(report, colours),
    '',
    ...outcome.lines
      .slice(-1)
      .map((line) => colours.bold(outcome.ok ? colours.green(line) : colours.red(line))),
    ...outcome.lines.filter((line) => line.startsWith('expectation ')),
    ...leftLines(report, left, command('run')),
    `report     ${shortPath(context.cwd, page)}`,
    `           ${pathToFileURL(page).href}`,
    ...(first ? [`look at it ${command('show')} '${first.cell} ${first.case}'`] : []),
    ...missingImageLines(plan, command('run')),
  ]);
}

function leftLines({ run }: Report, left: readonly CellTally[], command: string): string[] {
  if (left.length === 0) return [];
  const cells = left.map(({ cell, planned, done }) => `${cell} (${planned - done})`).join(', ');
  const count = left.reduce((sum, { planned, done }) => sum + planned - done, 0);
  return [`not run    ${count} of ${cells}`, `go on with ${command} --resume ${run.runId}`];
}

/** How the user called boltgrid, with the options that say where things are, so that a line can be pasted. */
function commandLine(env: CliContext['env'], { out, matrix }: FinishOptions): (command: string) => string {
  const places = [
    ...(out === undefined ? [] : ['--out', out]),
    ...(matrix === undefined ? [] : ['--matrix', matrix]),
  ];
  return (command) => [programName(env), command, ...places.map(shellWord)].join(' ');
}

function programName(env: CliContext['env']): string {
  if (env.npm_lifecycle_event === 'start' || env.npm_lifecycle_event === 'boltgrid')
    return 'npm run boltgrid --';
  return env.npm_command === 'exec' ? 'npx boltgrid' : 'boltgrid';
}

const shellWord = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;

/** Relative where that is shorter. */
export function shortPath(cwd: string, path: string): string {
  const short = relative(cwd, path);
  return short === '' || short.startsWith('..') ? path : short;
}
