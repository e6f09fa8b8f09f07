/**
 * What the page shows, as it stands in the fragment of its address: `#q=ping&verdict=fail,timeout&node=ldk@0.1.2&red=1`. Pure, and
 * shared by the page's script and the tests.
 */
export interface Filter {
  /** Words that all must occur in a row's text. */
  readonly text: string;
  readonly verdicts: readonly string[];
  readonly nodes: readonly string[];
  /** A suite (`bolt01/ping`) or a document (`bolt01`); empty for all. */
  readonly suite: string;
  readonly levels: readonly string[];
  readonly redOnly: boolean;
}

/** The result that the panel shows; without a case, the cell as a whole. */
export interface Shown {
  readonly cell: string;
  readonly case: string;
}

export interface PageState {
  readonly filter: Filter;
  readonly shown: Shown | undefined;
}

export interface FilteredRow {
  /** Title, ids, requirements, in lower case. */
  readonly text: string;
  readonly suite: string;
  readonly level: string;
  readonly cells: readonly {
    readonly nodes: readonly string[];
    readonly verdict: string;
    readonly red: boolean;
  }[];
}

export const NO_FILTER: Filter = { text: '', verdicts: [], nodes: [], suite: '', levels: [], redOnly: false };

export function parseState(fragment: string): PageState {
  const params = new URLSearchParams(fragment.replace(/^#/, ''));
  const list = (name: string): string[] => params.getAll(name).filter((item) => item !== '');
  const cell = params.get('cell');
  return {
    filter: {
      text: params.get('q') ?? '',
      verdicts: list('verdict'),
      nodes: list('node'),
      suite: params.get('suite') ?? '',
      levels: list('level'),
      redOnly: params.get('red') === '1',
    },
    shown: cell === null ? undefined : { cell, case: params.get('case') ?? '' },
  };
}

/** The inverse of `parseState`; empty when there is nothing to say. */
export function formatState({ filter, shown }: PageState): string {
  const params = new URLSearchParams();
  if (filter.text !== '') params.set('q', filter.text);
  for (const verdict of filter.verdicts) params.append('verdict', verdict);
  for (const node of filter.nodes) params.append('node', node);
  if (filter.suite !== '') params.set('suite', filter.suite);
  for (const level of filter.levels) params.append('level', level);
  if (filter.redOnly) params.set('red', '1');
  if (shown) {
    params.set('cell', shown.cell);
    if (shown.case !== '') params.set('case', shown.case);
  }
  const text = params.toString();
  return text === '' ? '' : `#${text}`;
}

export const isFiltering = (filter: Filter): boolean => formatState({ filter, shown: undefined }) !== '';

/** A node is shown when no node was chosen, or it was. A pair is shown when one of its nodes was. */
export const showsNodes = ({ nodes }: Filter, ofCell: readonly string[]): boolean =>
  nodes.length === 0 || ofCell.some((node) => nodes.includes(node));

/** A row is shown when its own facts match and at least one of its visible cells has a wanted verdict. */
export function showsRow(filter: Filter, row: FilteredRow): boolean {
  if (filter.suite !== '' && row.suite !== filter.suite && !row.suite.startsWith(`${filter.suite}/`))
    return false;
  if (filter.levels.length > 0 && !filter.levels.includes(row.level)) return false;
  const words = filter.text.toLowerCase().split(/\s+/);
  if (!words.every((word) => row.text.includes(word))) return false;
  if (filter.verdicts.length === 0 && !filter.redOnly) return true;
  return row.cells.some((cell) => showsNodes(filter, cell.nodes) && wantsVerdict(filter, cell));
}

export const wantsVerdict = (
  { verdicts, redOnly }: Filter,
  { verdict, red }: { readonly verdict: string; readonly red: boolean },
): boolean => (verdicts.length === 0 || verdicts.includes(verdict)) && (!redOnly || red);
