// @ts-check
/* global document, window, HTMLInputElement, HTMLElement, HTMLSelectElement, ResizeObserver */
import { all, byId } from './dom.js';

/** Rows of visible verdict buttons: the grid is one stop of the Tab key, arrows move within it. */
const buttonRows = () =>
  all('#subjects tr.case:not([hidden])')
    .filter((row) => row.offsetParent !== null)
    .map((row) => all('button.cell', row).filter((button) => button.offsetParent !== null))
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
  const grid = document.getElementById('subjects');
  if (grid) {
    grid.addEventListener('keydown', move);
    grid.addEventListener('focusin', ({ target }) => {
      if (target instanceof HTMLElement && target.matches('button.cell')) makeStop(target);
    });
    keepOneStop();
    new ResizeObserver(() => fit(grid)).observe(byId('scroller'));
  }
  document.addEventListener('keydown', (event) => {
    const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
    if (event.key !== '/' || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    /** @type {HTMLInputElement | null} */ (document.querySelector('input[name=q]'))?.focus();
  });
}

/** After filtering, the stop may be hidden: the first visible button becomes it. */
export function keepOneStop() {
  const stop = /** @type {HTMLElement | null} */ (
    document.querySelector('#subjects button.cell[tabindex="0"]')
  );
  if (stop?.offsetParent) return;
  const first = buttonRows()[0]?.[0];
  if (first) makeStop(first);
}

/** @param {HTMLElement} button */
function makeStop(button) {
  for (const other of all('#subjects button.cell[tabindex="0"]')) other.tabIndex = -1;
  button.tabIndex = 0;
}

/** @param {KeyboardEvent} event */
function move(event) {
  const step = STEPS[event.key];
  const from = event.target;
  if (
    !step ||
    !(from instanceof HTMLElement) ||
    !from.matches('button.cell') ||
    event.altKey ||
    event.metaKey
  )
    return;
  const rows = buttonRows();
  const rowAt = rows.findIndex((row) => row.includes(from));
  const row = rows[clamp(rowAt + step[0], rows.length)] ?? [];
  const columnAt = (rows[rowAt] ?? []).indexOf(from);
  const to = row[clamp(columnAt + step[1], row.length)];
  event.preventDefault();
  to?.focus();
}

/**
 * @param {number} at
 * @param {number} length
 */
const clamp = (at, length) => Math.min(Math.max(at, 0), length - 1);

/** Only a grid too wide for the window scrolls in itself; otherwise the page does, under a sticky head. @param {HTMLElement} grid */
function fit(grid) {
  const scroller = byId('scroller');
  scroller.classList.remove('scrolls');
  const scrolls = grid.scrollWidth > scroller.clientWidth + 1 || grid.offsetWidth > scroller.clientWidth + 1;
  scroller.classList.toggle('scrolls', scrolls);
  if (scrolls) scroller.tabIndex = 0;
  else scroller.removeAttribute('tabindex');
  if (window.scrollX !== 0) window.scrollTo({ left: 0 });
}
