import { resolve } from 'node:path';
import { matchesPattern } from '../../core/pattern.ts';
import { cleanText } from '../../core/text.ts';
import { select } from '../../matrix/selection.ts';
import type { Colours } from '../../report/text/colours.ts';
import type { Counts, DocumentCoverage, Standing } from '../../spec/coverage.ts';
import type { Command } from '../command.ts';
import { coloursFor, printJson, printLines } from '../context.ts';
import { table } from '../images/table.ts';
import { sentencesOf } from '../read-run.ts';

interface CoverageOptions {
  readonly document?: readonly string[];
  readonly missing?: true;
  readonly spec?: readonly string[];
  readonly json?: true;
}

type Sentences = ReadonlyMap<string, string>;

export const coverageCommand: Command<CoverageOptions> = {
  name: 'coverage',
  description: 'Say how much of each BOLT and bLIP the cases were shown to judge, and what they leave out.',
  options: [
    { flags: '--document <name>', description: 'only this one: bolt02, or blip*', many: true },
    { flags: '--missing', description: 'list each MUST that a case could judge and none does' },
    {
      flags: '--spec <folder>',
      description: 'a checkout of the BOLTs or bLIPs: shows the sentences',
      many: true,
    },
    { flags: '--json', description: 'documents[] with counts, and how each requirement stands' },
  ],
  examples: [
    ['boltgrid spec coverage', 'all documents'],
    ['boltgrid spec coverage --document bolt02 --missing --spec ../bolts', 'what is still to be written'],
  ],
  async run(context, _, options) {
    const { coverage } = await import('../../spec/coverage.ts');
    const chosen = select(
      'document',
      options.document,
      coverage(),
      ({ document }) => document,
      matchesPattern,
    );
    const sentences = await sentencesOf((options.spec ?? []).map((folder) => resolve(context.cwd, folder)));
    const list = options.missing ? await missing(chosen) : undefined;
    if (options.json) {
      printJson(context.stdout, {
        documents: chosen.map(({ standings, ...counts }) => ({
          ...counts,
          requirements: standings
            .filter((standing) => !list || list.includes(standing))
            .map((standing) => asJson(standing, sentences)),
        })),
      });
    } else {
      const colours = coloursFor(context.stdout, context.env);
      printLines(
        context.stdout,
        list ? missingLines(list, sentences, colours) : await tableLines(chosen, colours),
      );
    }
    return 0;
  },
};

async function missing(documents: readonly DocumentCoverage[]): Promise<Standing[]> {
  const { isMissing } = await import('../../spec/coverage.ts');
  return documents
    .flatMap(({ standings }) => standings)
    .filter((standing) => standing.requirement.level === 'must' && isMissing(standing));
}

const asJson = ({ requirement, cases, invisible }: Standing, sentences: Sentences): object => ({
  id: requirement.id,
  level: requirement.level,
  section: requirement.section.at(-1),
  sentence: sentences.get(requirement.id),
  cases,
  invisible,
});

function missingLines(list: readonly Standing[], sentences: Sentences, colours: Colours): string[] {
  return [
    ...list.flatMap(({ requirement: { id, section } }) => {
      const sentence = sentences.get(id);
      return [
        `${colours.bold(id)}  ${colours.dim(section.slice(1).join(' / '))}`,
        ...(sentence === undefined ? [] : [`    ${cleanText(sentence)}`]),
      ];
    }),
    '',
    list.length === 1 ? '1 MUST that no case judges' : `${list.length} MUSTs that no case judges`,
  ];
}

const HEADS = ['document', 'covered of visible', 'of all', 'MUST', 'SHOULD', 'MAY', 'invisible'];

async function tableLines(documents: readonly DocumentCoverage[], colours: Colours): Promise<string[]> {
  const { addCounts, percent } = await import('../../spec/coverage.ts');
  const row = (name: string, levels: DocumentCoverage['levels'], judged: Counts, invisible: string) => [
    name,
    `${judged.covered}/${judged.visible} ${percent(judged.covered, judged.visible)}`,
    `${judged.covered}/${judged.all} ${percent(judged.covered, judged.all)}`,
    ...[levels.must, levels.should, levels.may].map(
      ({ covered, visible, all }) => `${covered}/${visible}/${all}`,
    ),
    invisible,
  ];
  const invisibleOf = ({ all, visible }: Counts): string => `${all - visible} ${percent(all - visible, all)}`;
  const allOf = (level: keyof DocumentCoverage['levels']): Counts =>
    addCounts(documents.map(({ levels }) => levels[level]));
  const total = addCounts(documents.map(({ judged }) => judged));
  return [
    ...table(
      HEADS,
      [
        ...documents.map(({ document, levels, judged, reviewed }) =>
          row(document, levels, judged, reviewed ? invisibleOf(judged) : 'not reviewed'),
        ),
        row(
          'all',
          { must: allOf('must'), should: allOf('should'), may: allOf('may') },
          total,
          invisibleOf(total),
        ),
      ],
      colours,
    ),
    '',
    colours.dim('MUST, SHOULD and MAY: covered/visible/all. All other columns are of MUST and SHOULD.'),
  ];
}
