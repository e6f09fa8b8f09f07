import { BoltgridError } from '../../core/error.ts';
import type { Command } from '../command.ts';
import { coloursFor, printJson, printLines } from '../context.ts';
import { EXPECTATIONS_OPTION, MATRIX_OPTION } from '../project.ts';
import { readRun } from '../read-run.ts';
import type { ReadRunOptions } from '../read-run.ts';
import { LATEST, OUT_OPTION } from '../runs.ts';

interface ShowOptions extends ReadRunOptions {
  readonly case?: string;
  readonly run?: string;
  readonly json?: true;
}

const show: Command<ShowOptions> = {
  name: 'show',
  description: 'Show what a cell came to; with a case, everything about it: requirement, steps, transcript.',
  args: [
    {
      name: '<cell...>',
      description: "ldk@0.1.2, 'ldk@0.1.0 -> ldk@0.1.2', with a case behind it if wanted",
    },
  ],
  options: [
    { flags: '--case <id>', description: 'the case to show in full' },
    { flags: '--run <run>', description: 'a folder, a run.jsonl, an id, or latest (the default)' },
    {
      flags: '--spec <folder>',
      description: 'a checkout of the BOLTs or bLIPs: shows the sentences',
      many: true,
    },
    OUT_OPTION,
    MATRIX_OPTION,
    EXPECTATIONS_OPTION,
    { flags: '--json', description: 'the results as JSON' },
  ],
  examples: [
    ['boltgrid show ldk@0.1.2', 'all its cases in the latest run'],
    ["boltgrid show 'ldk@0.1.2 bolt01/ping#asked-length'", 'one case in full'],
    ["boltgrid show 'ldk@0.1.0 -> ldk@0.1.2' --case pair/basic#pay", 'one case of a pair'],
  ],
  async run(context, args, options) {
    const { cell, testCase } = splitTarget(args.join(' '), options.case);
    const { report } = await readRun(options.run ?? LATEST, context, options);
    const { cellLines } = await import('../../report/text/cell.ts');
    const colours = coloursFor(context.stdout, context.env);
    // Also for JSON: an unknown cell or case is refused with the nearest name.
    const lines = cellLines(report, cell, colours, testCase === undefined ? {} : { case: testCase });
    if (!options.json) {
      printLines(context.stdout, lines);
      return 0;
    }
    const results = report.results.filter(
      (result) =>
        result.cell === cell && (testCase === undefined || [result.case, result.caseId].includes(testCase)),
    );
    const transcriptOf = (ref: string | undefined) =>
      ref === undefined ? undefined : report.transcripts[ref];
    printJson(context.stdout, {
      runId: report.run.runId,
      cell,
      results: results.map((result) => ({ ...result, transcript: transcriptOf(result.transcriptRef) })),
    });
    return 0;
  },
};

export default show;

/** A cell, and the case behind it where there is one: only cases have a `#`. */
function splitTarget(
  target: string,
  option: string | undefined,
): { cell: string; testCase: string | undefined } {
  const match = /^(?<cell>.+?)\s+(?<testCase>\S+#.+)$/s.exec(target.trim());
  const [cell = target.trim(), inTarget] = match ? [match.groups?.cell, match.groups?.testCase] : [];
  if (inTarget !== undefined && option !== undefined && inTarget !== option) {
    throw new BoltgridError('cli.usage', 'user', `two cases are named: ${inTarget} and ${option}`);
  }
  return { cell, testCase: option ?? inTarget };
}
