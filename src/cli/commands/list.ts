import { matchesCase, matchesSuite, select } from '../../matrix/selection.ts';
import type { LoadedSuite } from '../../suite/load.ts';
import type { Level } from '../../core/verdict.ts';
import type { Needs, TestCase } from '../../suite/types.ts';
import type { Command } from '../command.ts';
import { coloursFor, printJson, printLines } from '../context.ts';
import { matrixFile, MATRIX_OPTION } from '../project.ts';
import type { ProjectOptions } from '../project.ts';
import { SELECT_OPTIONS } from '../select.ts';

interface ListOptions extends ProjectOptions {
  readonly suite?: readonly string[];
  readonly case?: readonly string[];
  readonly json?: true;
}

const list: Command<ListOptions> = {
  name: 'list',
  description: 'List the suites and cases that the matrix names.',
  options: [
    ...SELECT_OPTIONS.filter(({ flags }) => /^--(suite|case) /.test(flags)),
    MATRIX_OPTION,
    { flags: '--json', description: 'cases[] with id, suite, title, level, requirements, needs' },
  ],
  examples: [
    ['boltgrid list --suite bolt01', 'the cases of BOLT 1'],
    ['boltgrid list --json', 'all cases, for other programs'],
  ],
  async run(context, _, options) {
    const [{ loadSources }, { askNothing }, { levelOf }] = await Promise.all([
      import('../../matrix/sources.ts'),
      import('../../matrix/here.ts'),
      import('../../suite/suite.ts'),
    ]);
    const { suites } = await loadSources(matrixFile(context, options), {
      here: askNothing(),
      cwd: context.cwd,
    });
    const cases = chosenCases(suites, options, levelOf);
    const colours = coloursFor(context.stdout, context.env);
    if (options.json) printJson(context.stdout, { cases });
    else {
      printLines(context.stdout, [
        ...cases.map(({ id, level, title }) => `${colours.bold(id)}  ${colours.dim(level)}  ${title}`),
        '',
        `${new Set(cases.map(({ caseId }) => caseId)).size} cases`,
      ]);
    }
    return 0;
  },
};

export default list;

interface ListedCase {
  readonly id: string;
  /** Without its parameter: what is counted. */
  readonly caseId: string;
  readonly suite: string;
  readonly kind: TestCase['kind'];
  readonly title: string;
  readonly level: Level;
  readonly requirements: readonly string[];
  readonly needs: Needs;
  readonly chain: TestCase['chain'];
  readonly formerly: readonly string[];
  readonly location: string;
}

function chosenCases(
  suites: readonly LoadedSuite[],
  options: ListOptions,
  levelOf: (test: TestCase) => Level,
): ListedCase[] {
  const chosen = select('suite', options.suite, suites, ({ suite }) => suite.id, matchesSuite);
  const tests = chosen.flatMap(({ suite }) => suite.tests);
  return select('case', options.case, tests, ({ id }) => id, matchesCase).map((test) => {
    const { id, caseId, suite, kind, title, requirements, needs, chain, formerly, location } = test;
    return {
      id,
      caseId,
      suite,
      kind,
      title,
      level: levelOf(test),
      requirements,
      needs,
      chain,
      formerly,
      location,
    };
  });
}
