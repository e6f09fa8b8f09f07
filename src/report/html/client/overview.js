// @ts-check
import { make } from './dom.js';

/**
 * @typedef {import('./data.js').Index} Index
 * @typedef {import('./data.js').ShortResult} ShortResult
 */

/**
 * All results of a cell.
 * @param {Index} data
 * @param {string} cell
 */
export function overview(data, cell) {
  const results = data.results.filter((result) => result.cell === cell);
  const rank = (/** @type {string} */ verdict) => data.verdicts[verdict]?.rank ?? 0;
  const sorted = results.toSorted((a, b) => rank(b.verdict) - rank(a.verdict));
  const planned = data.cells.find((each) => each.cell === cell);
  const failed = sorted.filter(({ verdict }) => verdict === 'setup-error');
  return [
    ...(planned?.cannotRun === undefined ? [] : [make('p.note-box', {}, planned.cannotRun)]),
    ...setupErrors(data, cell, failed),
    ...(sorted.length === failed.length
      ? []
      : [
          make('h3', {}, 'Results'),
          list(
            data,
            sorted.filter(({ verdict }) => verdict !== 'setup-error'),
          ),
        ]),
    ...bothFeatures(data, planned?.nodes ?? []),
  ];
}

/**
 * @param {Index} data
 * @param {string} cell
 */
export function overviewPath({ results }, cell) {
  const count = results.filter((result) => result.cell === cell).length;
  return count === 0 ? 'not run here' : `${count} results, the most severe first`;
}

/**
 * @param {Index} data
 * @param {string} verdict
 */
export function verdictWord({ verdicts }, verdict) {
  const words = verdicts[verdict];
  return make(`span.v.${words?.colour ?? 'grey'}`, {}, `${words?.glyph ?? ''} ${words?.word ?? verdict}`);
}

/**
 * @param {Index} data
 * @param {ShortResult[]} results
 */
const list = (data, results) =>
  make(
    'table.list',
    {},
    make(
      'tbody',
      {},
      results.map(({ cell, case: id, verdict }) =>
        make(
          'tr',
          {},
          make(
            'td',
            {},
            make(
              'button',
              { type: 'button', 'data-open-cell': cell, 'data-open-case': id },
              verdictWord(data, verdict),
              make('code', {}, id),
            ),
          ),
        ),
      ),
    ),
  );

/**
 * Identical ones are told once.
 * @param {Index} data
 * @param {string} cell
 * @param {ShortResult[]} failed
 */
function setupErrors(data, cell, failed) {
  const errors = data.setupErrors.filter(({ perCell }) => perCell[cell] !== undefined);
  if (errors.length === 0) return [];
  return [
    make('h3', {}, 'Set-up errors'),
    ...errors.map(({ message, logTail, perCell }) =>
      make(
        'div.note-box.setup',
        {},
        make('b', {}, `${perCell[cell] ?? 0} × `),
        make('span.message', {}, message),
        logTail.length === 0 ? undefined : make('pre.log', { tabindex: '0' }, logTail.join('\n')),
      ),
    ),
    make('details', {}, make('summary', {}, `Their cases: ${failed.length}`), list(data, failed)),
  ];
}

/**
 * Of a pair: what each side offered.
 * @param {Index} data
 * @param {string[]} ids
 */
function bothFeatures({ nodes }, ids) {
  if (ids.length < 2) return [];
  const lines = ids.flatMap((id) => {
    const features = nodes.find((node) => node.id === id)?.features ?? [];
    return [
      make('dt', {}, id),
      make(
        'dd',
        {},
        features.map(({ bit, name }) => (name === undefined ? String(bit) : `${name} (${bit})`)).join(', ') ||
          'never started',
      ),
    ];
  });
  return [make('h3', {}, 'Features of both sides'), make('dl.facts-list', {}, lines)];
}
