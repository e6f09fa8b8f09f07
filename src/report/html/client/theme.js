// @ts-check
/* global document, window, localStorage */
import { byId } from './dom.js';

const KEY = 'boltgrid-theme';

/** Follows the system until the reader chooses. The choice is kept where the browser lets a page from disk keep anything. */
export function startTheme() {
  const system = window.matchMedia('(prefers-color-scheme: dark)');
  const button = byId('theme');
  let chosen = remembered();
  const dark = () => (chosen === null ? system.matches : chosen === 'dark');
  const show = () => {
    if (chosen === null) delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = chosen;
    button.textContent = dark() ? 'Light' : 'Dark';
    button.setAttribute('aria-label', dark() ? 'Use light colours' : 'Use dark colours');
  };
  button.addEventListener('click', () => {
    chosen = dark() ? 'light' : 'dark';
    remember(chosen);
    show();
  });
  system.addEventListener('change', show);
  button.hidden = false;
  show();
}

/** @returns {'dark' | 'light' | null} */
function remembered() {
  try {
    const value = localStorage.getItem(KEY);
    return value === 'dark' || value === 'light' ? value : null;
  } catch {
    return null;
  }
}

/** @param {string} value */
function remember(value) {
  try {
    localStorage.setItem(KEY, value);
  } catch {
    // Storage is closed to this page; the choice lasts as long as it is open.
  }
}
