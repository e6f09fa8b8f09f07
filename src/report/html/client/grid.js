// @ts-check
/* global document, window, HTMLInputElement, HTMLElement, HTMLSelectElement, HTMLTableElement, HTMLTableCellElement, ResizeObserver */
import { all } from './dom.js';

/** Each table of verdict buttons is one stop of the Tab key; arrows move within it. */
const tables = () => all('#subjects, table.pairs');

const BUTTONS = 'button.cell, button.square';

/** Rows of visible buttons. @param {HTMLElement} table */
const buttonRows = (table) =>
  all('tbody tr:not([hidden])', table)
    .filter((row) => row.offsetParent !== null)
    .map((row) => all(BUTTONS, row).filter((button) => button.offsetParent !== null))
    .filter((buttons) => buttons.length > 0);

const STEPS = /** @type {Record<string, [rows: number, columns: number]>} */ ({
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  Home: [0, -Infinity],
  End: [0, Infinity],
});

export function startGrid() {
  for (const table of tables()) {
    for (const button of all(BUTTONS, table)) button.tabIndex = -1;
    table.addEventListener('keydown', (event) => move(table, event));
    table.addEventListener('focusin', ({ target }) => {
      if (target instanceof HTMLElement && target.matches(BUTTONS)) makeStop(table, target);
    });
    const scroller = table.parentElement;
    if (scroller) new ResizeObserver(() => fit(scroller, table)).observe(scroller);
    if (table instanceof HTMLTableElement && table.matches('.pairs')) lightHeads(table);
  }
  keepOneStop();
  document.addEventListener('keydown', (event) => {
    const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
    if (event.key !== '/' || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    /** @type {HTMLInputElement | null} */ (document.querySelector('input[name=q]'))?.focus();
  });
}

/** After filtering, the stop may be hidden: the first visible button becomes it. */
export function keepOneStop() {
  for (const table of tables()) {
    const [stop] = all(BUTTONS, table).filter((button) => button.tabIndex === 0);
    if (stop?.offsetParent) continue;
    const first = buttonRows(table)[0]?.[0];
    if (first) makeStop(table, first);
  }
}

/**
 * @param {HTMLElement} table
 * @param {HTMLElement} button
 */
function makeStop(table, button) {
  for (const other of all(BUTTONS, table)) if (other.tabIndex === 0) other.tabIndex = -1;
  button.tabIndex = 0;
}

/**
 * @param {HTMLElement} table
 * @param {KeyboardEvent} event
 */
function move(table, event) {
  const step = STEPS[event.key];
  const from = event.target;
  if (!step || !(from instanceof HTMLElement) || !from.matches(BUTTONS) || event.altKey || event.metaKey)
    return;
  const rows = buttonRows(table);
  const rowAt = rows.findIndex((row) => row.includes(from));
  const row = rows[clamp(rowAt + step[0], rows.length)] ?? [];
  // A row may have a gap (a node is not paired with itself): up and down keep to the column, or the nearest one.
  const to =
    step[0] === 0
      ? row[clamp(row.indexOf(from) + step[1], row.length)]
      : row.toSorted((a, b) => distance(a, from) - distance(b, from))[0];
  event.preventDefault();
  to?.focus();
}

/** @param {HTMLElement} button */
const columnOf = (button) => {
  const cell = button.closest('td');
  return cell instanceof HTMLTableCellElement ? cell.cellIndex : -1;
};

/**
 * @param {HTMLElement} a
 * @param {HTMLElement} b
 */
const distance = (a, b) => Math.abs(columnOf(a) - columnOf(b));

/**
 * @param {number} at
 * @param {number} length
 */
const clamp = (at, length) => Math.min(Math.max(at, 0), length - 1);

/** The row and column of the square that is pointed at stand out. @param {HTMLTableElement} table */
function lightHeads(table) {
  const heads = [...(table.tHead?.rows[0]?.cells ?? [])];
  const light = (/** @type {EventTarget | null} */ target) => {
    const square = target instanceof HTMLElement ? target.closest('button.square') : null;
    const column = square instanceof HTMLElement ? columnOf(square) : -1;
    heads.forEach((head, at) => head.classList.toggle('lit', at === column));
    const row = square?.closest('tr') ?? null;
    for (const each of table.tBodies[0]?.rows ?? []) each.cells[0]?.classList.toggle('lit', each === row);
  };
  table.addEventListener('pointerover', ({ target }) => light(target));
  table.addEventListener('pointerleave', () => light(null));
  table.addEventListener('focusin', ({ target }) => light(target));
  table.addEventListener('focusout', () => light(null));
}

/**
 * Only a grid too wide for the window scrolls in itself; otherwise the page does, under a sticky head.
 * @param {HTMLElement} scroller
 * @param {HTMLElement} table
 */
function fit(scroller, table) {
  scroller.classList.remove('scrolls');
  const wide = Math.max(table.scrollWidth, table.offsetWidth) > scroller.clientWidth + 1;
  scroller.classList.toggle('scrolls', wide);
  scroller.tabIndex = wide ? 0 : -1;
  if (window.scrollX !== 0) window.scrollTo({ left: 0 });
}
