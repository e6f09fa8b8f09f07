// @ts-check
/* global document, FormData, HTMLInputElement, HTMLSelectElement */
import { isFiltering, NO_FILTER, showsNodes, showsRow, wantsVerdict } from '../../filter';
import { all, byId } from './dom.js';
import { changeState, onState, readState } from './state.js';

/** @typedef {import('../../filter').Filter} Filter */

const form = /** @type {HTMLFormElement} */ (byId('filters'));
const columns = all('#subjects thead th.node').map((th) => ({
  cell: th.dataset['cell'] ?? '',
  nodes: [th.dataset['nodes'] ?? ''],
}));
const nodesOf = new Map(columns.map(({ cell, nodes }) => [cell, nodes]));

const rows = all('#subjects tr.case').map((element) => ({
  element,
  text: element.dataset['search'] ?? '',
  suite: element.dataset['suite'] ?? '',
  level: element.dataset['level'] ?? '',
  cells: all('button.cell', element).map((button) => ({
    nodes: nodesOf.get(button.dataset['openCell'] ?? '') ?? [],
    verdict: button.dataset['verdict'] ?? '',
    red: button.dataset['red'] === 'true',
  })),
}));

export function startFilters() {
  form.addEventListener('input', () => changeState({ filter: readForm() }));
  form.addEventListener('submit', (event) => event.preventDefault());
  byId('clear').addEventListener('click', () => changeState({ filter: NO_FILTER }));
  for (const fold of all('button.fold')) fold.addEventListener('click', () => toggleSuite(fold));
  onState(({ filter }) => {
    writeForm(filter);
    apply(filter);
  });
}

/** @returns {Filter} */
function readForm() {
  const data = new FormData(form);
  const list = (/** @type {string} */ name) => data.getAll(name).map(String);
  return {
    text: String(data.get('q') ?? ''),
    verdicts: list('verdict'),
    nodes: list('node'),
    suite: String(data.get('suite') ?? ''),
    levels: list('level'),
    redOnly: data.get('red') === '1',
  };
}

/** @param {Filter} filter */
function writeForm(filter) {
  const chosen = {
    verdict: filter.verdicts,
    node: filter.nodes,
    level: filter.levels,
    red: filter.redOnly ? ['1'] : [],
  };
  for (const element of form.elements) {
    if (element instanceof HTMLInputElement && element.type === 'checkbox') {
      element.checked = (chosen[/** @type {keyof typeof chosen} */ (element.name)] ?? []).includes(
        element.value,
      );
    } else if (element instanceof HTMLInputElement && element.value !== filter.text) {
      element.value = filter.text;
    } else if (element instanceof HTMLSelectElement) {
      element.value = filter.suite;
    }
  }
  const pick = /** @type {HTMLDetailsElement | null} */ (form.querySelector('.pick'));
  if (pick && filter.nodes.length > 0) pick.open = true;
}

/** @param {Filter} filter */
function apply(filter) {
  let shown = 0;
  for (const row of rows) {
    const visible = showsRow(filter, row);
    row.element.hidden = !visible;
    if (visible) shown++;
  }
  for (const suite of all('#subjects tbody.suite'))
    suite.hidden = all('tr.case', suite).every((row) => row.hidden);
  hideEmptyDocuments();
  showColumns(filter);
  showSquares(filter);
  byId('clear').hidden = !isFiltering(filter);
  byId('shown').textContent = isFiltering(filter) ? `${shown} of ${rows.length} cases shown` : '';
  const empty = document.getElementById('empty');
  if (empty) empty.hidden = shown > 0;
}

function hideEmptyDocuments() {
  for (const head of all('#subjects tbody.document')) {
    let hidden = true;
    for (
      let next = head.nextElementSibling;
      next?.classList.contains('suite');
      next = next.nextElementSibling
    ) {
      hidden &&= /** @type {HTMLElement} */ (next).hidden === true;
    }
    head.hidden = hidden;
  }
}

/** @param {Filter} filter */
function showColumns(filter) {
  let count = 0;
  const visible = new Map(columns.map(({ cell, nodes }) => [cell, showsNodes(filter, nodes)]));
  for (const shown of visible.values()) count += shown ? 1 : 0;
  for (const element of all('#subjects th.node, #subjects td[data-cell]')) {
    element.hidden = visible.get(element.dataset['cell'] ?? '') === false;
  }
  const grid = document.getElementById('subjects');
  grid?.style.setProperty('--columns', String(Math.max(1, count)));
}

/** Pairs and upgrades: a square stays when its nodes and one of its verdicts are wanted. @param {Filter} filter */
function showSquares(filter) {
  for (const square of all('button.square')) {
    const verdicts = (square.dataset['verdicts'] ?? '').split(' ');
    const wanted = verdicts.some((verdict) => wantsVerdict(filter, { verdict, red: RED.has(verdict) }));
    square.hidden = !wanted || !showsNodes(filter, (square.dataset['nodes'] ?? '').split(' '));
  }
}

/** Filled from the index, which knows what each verdict means. @type {Set<string>} */
const RED = new Set();

/** @param {Record<string, { red: boolean }>} verdicts */
export function learnVerdicts(verdicts) {
  for (const [verdict, { red }] of Object.entries(verdicts)) if (red) RED.add(verdict);
  apply(readState().filter);
}

/** @param {HTMLElement} fold */
function toggleSuite(fold) {
  const suite = fold.closest('tbody');
  const folded = suite?.classList.toggle('folded') ?? false;
  fold.setAttribute('aria-expanded', String(!folded));
}
