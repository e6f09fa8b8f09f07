// @ts-check
/* global document, HTMLElement */
import { detail, index } from './data.js';
import { all, byId, make } from './dom.js';
import { overview, overviewPath, verdictWord } from './overview.js';
import { resultBody } from './result.js';
import { changeState, onState, readState } from './state.js';

/**
 * @typedef {import('../../filter').Shown} Shown
 * @typedef {import('./data.js').Index} Index
 */

const panel = byId('panel');
/** What was pressed, to which the focus returns. @type {HTMLElement | null} */
let opener = null;
/** Counts what was asked for, so that a slow answer does not replace a later one. */
let asked = 0;

export function startPanel() {
  document.addEventListener('click', ({ target }) => {
    const button = target instanceof HTMLElement ? target.closest('[data-open-cell]') : null;
    if (!(button instanceof HTMLElement)) return;
    if (!panel.contains(button)) opener = button;
    changeState({
      shown: { cell: button.dataset['openCell'] ?? '', case: button.dataset['openCase'] ?? '' },
    });
  });
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && !panel.hidden && !document.querySelector(':popover-open')) close();
  });
  let key = '';
  onState(({ shown }) => {
    const next = shown ? `${shown.cell}\u0000${shown.case}` : '';
    if (next === key) return;
    key = next;
    if (shown) void open(shown);
    else hide();
  });
}

const close = () => changeState({ shown: undefined });

function hide() {
  asked++;
  panel.hidden = true;
  markCurrent(undefined);
  opener?.focus();
}

/** @param {Shown} shown */
async function open(shown) {
  const turn = ++asked;
  const data = await index();
  const planned = data.cells.find(({ cell }) => cell === shown.cell);
  const content =
    planned === undefined
      ? missing(shown)
      : shown.case === '' || planned.cannotRun !== undefined
        ? [head('', shown.cell, overviewPath(data, shown.cell)), ...overview(data, shown.cell)]
        : await single(data, shown);
  if (turn !== asked) return;
  panel.replaceChildren(...content);
  panel.hidden = false;
  panel.scrollTop = 0;
  markCurrent(shown);
  panel.querySelector('h2')?.focus({ preventScroll: true });
}

/** @param {Shown | undefined} shown */
function markCurrent(shown) {
  for (const old of all('[data-open-cell][aria-current]:not(.panel *)')) old.removeAttribute('aria-current');
  if (!shown) return;
  const caseId = shown.case.replace(/\[[^\]]*\]$/, '');
  for (const button of all('button.cell, button.square')) {
    if (button.dataset['openCell'] !== shown.cell) continue;
    const ofCase = button.dataset['openCase'];
    if (ofCase === undefined || ofCase.replace(/\[[^\]]*\]$/, '') === caseId)
      button.setAttribute('aria-current', 'true');
  }
}

/** @param {Shown} shown */
const missing = (shown) => [
  head('', 'Not in this report', `${shown.cell} ${shown.case}`),
  make('p.meaning', {}, 'The address names a result that this report does not have.'),
];

/**
 * @param {string | HTMLElement} above
 * @param {string} title
 * @param {string} path
 * @param {HTMLElement[]} tools
 */
const head = (above, title, path, tools = []) =>
  make(
    'div.panel-head',
    {},
    make(
      'div',
      {},
      above,
      make('h2', { id: 'panel-title', tabindex: '-1' }, title),
      make('div.path', {}, make('code', {}, path)),
    ),
    make(
      'div.panel-tools',
      {},
      ...tools,
      make('button', { type: 'button', 'aria-label': 'Close', title: 'Close (Escape)', onclick: close }, '✕'),
    ),
  );

/**
 * @param {Index} data
 * @param {Shown} shown
 */
async function single(data, shown) {
  const result = await detail(shown.cell, shown.case);
  if (!result) return missing(shown);
  const planned = data.cases.find(({ id }) => id === shown.case);
  const siblings = data.results.filter(({ cell, caseId }) => cell === shown.cell && caseId === result.caseId);
  const verdict = make(
    'div.verdict',
    {},
    verdictWord(data, result.verdict),
    make('span.on', {}, `on ${shown.cell}`),
  );
  return [
    head(verdict, planned?.title ?? shown.case, shown.case, steps(shown)),
    ...(siblings.length > 1 ? [parameters(data, shown, siblings)] : []),
    ...resultBody(data, result),
  ];
}

/**
 * The case's parameters, each a result of its own.
 * @param {Index} data
 * @param {Shown} shown
 * @param {import('./data.js').ShortResult[]} siblings
 */
const parameters = (data, shown, siblings) =>
  make(
    'div.runs',
    { role: 'group', 'aria-label': 'Parameters' },
    siblings.map(({ case: id, caseId, verdict }) =>
      make(
        'button',
        {
          type: 'button',
          'data-open-cell': shown.cell,
          'data-open-case': id,
          ...(id === shown.case && { 'aria-current': 'true' }),
        },
        verdictWord(data, verdict),
        ` ${id.slice(caseId.length).replace(/^\[|\]$/g, '')}`,
      ),
    ),
  );

/**
 * To the neighbours in the grid as it is filtered.
 * @param {Shown} shown
 */
function steps(shown) {
  const buttons = all('#subjects button.cell').filter(
    (button) => button.offsetParent !== null && button.dataset['openCell'] === shown.cell,
  );
  const caseId = shown.case.replace(/\[[^\]]*\]$/, '');
  const at = buttons.findIndex((button) => button.dataset['openCase']?.replace(/\[[^\]]*\]$/, '') === caseId);
  if (at < 0) return [];
  const step = (
    /** @type {HTMLElement | undefined} */ button,
    /** @type {string} */ label,
    /** @type {string} */ glyph,
  ) =>
    make(
      'button',
      {
        type: 'button',
        'aria-label': label,
        title: label,
        disabled: button === undefined,
        onclick: () => {
          opener = button ?? opener;
          changeState({
            shown: { cell: readState().shown?.cell ?? '', case: button?.dataset['openCase'] ?? '' },
          });
          button?.scrollIntoView({ block: 'nearest' });
        },
      },
      glyph,
    );
  return [
    step(buttons[at - 1], 'Previous case of this node', '↑'),
    step(buttons[at + 1], 'Next case of this node', '↓'),
  ];
}
