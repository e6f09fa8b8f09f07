import { groupBy } from '../../core/collections.ts';
import { cleanText } from '../../core/text.ts';
import {
  addCounts,
  isCovered,
  isMissing,
  LEVELS,
  percent,
  type Counts,
  type DocumentCoverage,
  type Standing,
} from '../../spec/coverage.ts';
import { INVISIBLE_REASONS, type InvisibleReason } from '../../spec/invisible.ts';
import { isJudged, judgedOnCells, type JudgedOnCells } from '../coverage.ts';
import { formatState, NO_FILTER } from '../filter.ts';
import { describeRequirement } from '../links.ts';
import type { Report } from '../schema.ts';
import { documentName } from './document-name.ts';
import { verdictView } from './view-verdict.ts';

/** Of requirements, where a checkout of the documents is at hand. */
export type Sentences = ReadonlyMap<string, string>;

/** Everything the template names. Absent is `null`: the template is strict and throws on what is not there. */
export function coverageView(
  report: Report,
  documents: readonly DocumentCoverage[],
  sentences: Sentences,
): Record<string, unknown> {
  const { run, summary } = report;
  const absent = new Set(summary.notHere.cells);
  const cells = report.cells.filter(({ kind, cell }) => kind === 'subject' && !absent.has(cell));
  const view = new DocumentView(report, cells, judgedOnCells(report, documents), sentences);
  return {
    title: `boltgrid ${run.startedAt.slice(0, 10)}: coverage`,
    run: { ...run, date: `${run.startedAt.slice(0, 10)} ${run.startedAt.slice(11, 16)} UTC` },
    sources: Object.entries(run.spec).map(([name, { commit }]) => ({ name, commit: commit.slice(0, 10) })),
    rows: documents.map((each) => ({
      id: each.document,
      name: documentName(each.document),
      ...numbers(each.judged),
      levels: LEVELS.map((level) => levelText(each.levels[level])),
      invisible: each.reviewed ? invisibleText(each.judged) : null,
    })),
    total: totals(documents),
    documents: documents.map((each) => view.of(each)),
  };
}

function totals(documents: readonly DocumentCoverage[]): object {
  const judged = addCounts(documents.map((each) => each.judged));
  return {
    ...numbers(judged),
    levels: LEVELS.map((level) => levelText(addCounts(documents.map(({ levels }) => levels[level])))),
    invisible: invisibleText(judged),
  };
}

const numbers = ({ all, visible, covered }: Counts): object => ({
  ...{ all, visible, covered },
  ofVisible: percent(covered, visible),
  ofAll: percent(covered, all),
  // An attribute of an SVG, because the page's policy allows no inline style.
  width: visible === 0 ? '0' : ((100 * covered) / visible).toFixed(1),
});

const levelText = ({ all, visible, covered }: Counts): string =>
  all === 0 ? '–' : `${covered}/${visible}/${all}`;

const invisibleText = ({ all, visible }: Counts): string =>
  `${all - visible} · ${percent(all - visible, all)}`;

/** What is shown of one document. */
class DocumentView {
  readonly #report: Report;
  readonly #cells: Report['cells'];
  readonly #judged: JudgedOnCells;
  readonly #sentences: Sentences;

  constructor(report: Report, cells: Report['cells'], judged: JudgedOnCells, sentences: Sentences) {
    this.#report = report;
    this.#cells = cells;
    this.#judged = judged;
    this.#sentences = sentences;
  }

  of({ document, reviewed, judged, standings }: DocumentCoverage): object {
    const covered = standings.filter(isCovered);
    const missing = standings.filter(isMissing);
    const invisible = standings.filter((standing) => standing.invisible && !isCovered(standing));
    return {
      id: document,
      name: documentName(document),
      reviewed,
      ...numbers(judged),
      columns: this.#cells.map(({ cell, nodes: [id = ''] }) => ({
        cell,
        id,
        held: this.#held(cell, covered),
      })),
      rows: covered.map((standing) => this.#coveredRow(standing)),
      missing: { count: missing.length, sections: this.#sections(missing) },
      invisible: { count: invisible.length, reasons: this.#reasons(invisible) },
    };
  }

  #coveredRow(standing: Standing): object {
    const { id } = standing.requirement;
    return {
      ...this.#requirement(standing),
      inGrid: `index.html${formatState({ filter: { ...NO_FILTER, text: id }, shown: undefined })}`,
      cases: standing.cases.join(', '),
      cells: this.#cells.map(({ cell }) => {
        const judged = this.#judged.get(cell)?.get(id);
        if (!judged) return { cell, planned: false };
        const shown = { cell, case: judged.case };
        return {
          ...{ cell, planned: true },
          ...verdictView(judged.verdict),
          case: judged.case,
          href: `index.html${formatState({ filter: NO_FILTER, shown })}`,
        };
      }),
    };
  }

  /** `61/64`: kept, of those that the node was judged by. */
  #held(cell: string, covered: readonly Standing[]): string | null {
    const verdicts = covered.flatMap(
      ({ requirement: { id } }) => this.#judged.get(cell)?.get(id)?.verdict ?? [],
    );
    const judged = verdicts.filter(isJudged);
    return judged.length === 0
      ? null
      : `${judged.filter((verdict) => verdict === 'pass').length}/${judged.length}`;
  }

  #sections(standings: readonly Standing[]): object[] {
    return [...groupBy(standings, ({ requirement }) => requirement.anchor)].map(([, group]) => {
      const requirements = group.map((standing) => this.#requirement(standing));
      const [first] = requirements;
      return { section: first?.section ?? null, url: first?.url ?? null, requirements };
    });
  }

  #reasons(standings: readonly Standing[]): object[] {
    const byReason = groupBy(standings, ({ invisible }) => invisible?.reason);
    return (Object.keys(INVISIBLE_REASONS) as InvisibleReason[]).flatMap((reason) => {
      const group = byReason.get(reason) ?? [];
      if (group.length === 0) return [];
      return {
        reason,
        meaning: INVISIBLE_REASONS[reason],
        requirements: group.map((standing) => ({
          ...this.#requirement(standing),
          because: standing.invisible?.because ?? '',
        })),
      };
    });
  }

  #requirement({ requirement }: Standing): {
    readonly id: string;
    readonly level: string;
    readonly url: string | null;
    readonly section: string | null;
    readonly sentence: string | null;
  } {
    const { id, level } = requirement;
    const { url, section, sentence } = describeRequirement(
      id,
      this.#report.run.spec,
      requirement,
      this.#sentences.get(id),
    );
    return {
      id,
      level,
      url: url ?? null,
      section: section ?? null,
      sentence: sentence === undefined ? null : cleanText(sentence),
    };
  }
}
