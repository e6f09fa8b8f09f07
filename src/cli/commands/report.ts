import { join } from 'node:path';
import type { Command } from '../command.ts';
import { coloursFor, printLines } from '../context.ts';
import { shortPath } from '../finish-run.ts';
import { EXPECTATIONS_OPTION, MATRIX_OPTION } from '../project.ts';
import { readRun } from '../read-run.ts';
import type { ReadRunOptions } from '../read-run.ts';
import { LATEST, OUT_OPTION } from '../runs.ts';

const report: Command<ReadRunOptions> = {
  name: 'report',
  description: 'Write the reports of a run anew from its journal, and print its summary.',
  args: [{ name: '[run]', description: 'a folder, a run.jsonl, an id, or latest (the default)' }],
  options: [
    {
      flags: '--spec <folder>',
      description: 'a checkout of the BOLTs or bLIPs: the report shows the sentences',
      many: true,
    },
    OUT_OPTION,
    MATRIX_OPTION,
    EXPECTATIONS_OPTION,
  ],
  examples: [
    ['boltgrid report', 'the latest run, also one that was killed'],
    ['boltgrid report latest --spec ../bolts', 'with the sentences of the BOLTs'],
  ],
  async run(context, [run = LATEST], options) {
    const { folder, report: made, sentences } = await readRun(run, context, options);
    const [{ writeReport }, { summaryLines }] = await Promise.all([
      import('../../report/write.ts'),
      import('../../report/text/summary.ts'),
    ]);
    await writeReport(folder, made, sentences);
    const page = join(folder, 'index.html');
    const colours = coloursFor(context.stdout, context.env);
    printLines(context.stdout, [...summaryLines(made, colours), '', shortPath(context.cwd, page)]);
    return 0;
  },
};

export default report;
