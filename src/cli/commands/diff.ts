import type { Command } from '../command.ts';
import { coloursFor, printJson, printLines } from '../context.ts';
import { EXPECTATIONS_OPTION, MATRIX_OPTION } from '../project.ts';
import { readRun } from '../read-run.ts';
import type { ReadRunOptions } from '../read-run.ts';
import { OUT_OPTION } from '../runs.ts';

interface DiffOptions extends ReadRunOptions {
  readonly all?: true;
  readonly json?: true;
}

const diff: Command<DiffOptions> = {
  name: 'diff',
  description: 'Compare two runs case by case: added, removed, changed, unchanged.',
  args: [
    { name: '<before>', description: 'a folder, a run.jsonl, an id, or latest' },
    { name: '<after>', description: 'the same' },
  ],
  options: [
    { flags: '--all', description: 'also what is unchanged' },
    OUT_OPTION,
    MATRIX_OPTION,
    EXPECTATIONS_OPTION,
    { flags: '--json', description: 'the comparison as JSON' },
  ],
  examples: [['boltgrid diff 20250102-030405-x7f2 latest', 'what changed since an earlier run']],
  async run(context, args, options) {
    const [before = '', after = ''] = args;
    const [a, b] = [await readRun(before, context, options), await readRun(after, context, options)];
    const { diff: compare } = await import('../../report/diff.ts');
    const compared = compare(a.report, b.report);
    if (options.json) {
      printJson(context.stdout, compared);
      return 0;
    }
    const { diffLines } = await import('../../report/text/diff.ts');
    const colours = coloursFor(context.stdout, context.env);
    printLines(context.stdout, diffLines(compared, colours, { all: options.all === true }));
    return 0;
  },
};

export default diff;
