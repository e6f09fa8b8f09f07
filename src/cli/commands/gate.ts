import type { Command } from '../command.ts';
import { coloursFor, printJson, printLines } from '../context.ts';
import { runSummary } from '../finish-run.ts';
import { EXPECTATIONS_OPTION, MATRIX_OPTION, readExpectations } from '../project.ts';
import { readRun } from '../read-run.ts';
import type { ReadRunOptions } from '../read-run.ts';
import { LATEST, OUT_OPTION } from '../runs.ts';

interface GateOptions extends ReadRunOptions {
  readonly baseline?: string;
  readonly json?: true;
}

const gate: Command<GateOptions> = {
  name: 'gate',
  description: 'Judge a run as a whole: the exit code says whether all is as expected.',
  args: [{ name: '[run]', description: 'a folder, a run.jsonl, an id, or latest (the default)' }],
  options: [
    {
      flags: '--baseline <run>',
      description: 'count only what is newly red, or red in another way, since this run',
    },
    OUT_OPTION,
    MATRIX_OPTION,
    EXPECTATIONS_OPTION,
    { flags: '--json', description: 'the outcome as JSON' },
  ],
  examples: [
    ['boltgrid gate', 'the latest run against expectations.json'],
    ['boltgrid gate latest --baseline last-night/run.jsonl', 'what got worse since last night'],
  ],
  async run(context, [run = LATEST], options) {
    const { folder, report, partial } = await readRun(run, context, options);
    const baseline =
      options.baseline === undefined ? undefined : await readRun(options.baseline, context, options);
    const { gate: judge } = await import('../../report/gate.ts');
    const outcome = judge(report, {
      expectations: await readExpectations(context, options),
      partial,
      ...(baseline && { baseline: baseline.report }),
    });
    const colours = coloursFor(context.stdout, context.env);
    if (options.json)
      printJson(context.stdout, {
        ...runSummary(folder, report, outcome),
        stale: outcome.stale,
        lines: outcome.lines,
      });
    else
      printLines(context.stdout, [
        ...outcome.lines.slice(0, -1),
        ...outcome.lines.slice(-1).map(colours.bold),
      ]);
    return outcome.exitCode;
  },
};

export default gate;
