// @ts-check
/* global document, navigator, window, HTMLElement */
import { all, make } from './dom.js';

/** Buttons of the page that copy what stands beside them. They are hidden where there is no script to do so. */
export function startCopy() {
  for (const button of all('[data-copy]')) button.hidden = false;
  document.addEventListener('click', ({ target }) => {
    const button = target instanceof HTMLElement ? target.closest('[data-copy]') : null;
    const source = button?.parentElement?.querySelector('code, pre');
    if (button instanceof HTMLElement && source) copy(button, source);
  });
}

/**
 * A command or the like, with a button that copies it.
 * @param {string} text
 */
export const copyable = (text) =>
  make('div.command', {}, make('pre', {}, text), make('button', { type: 'button', 'data-copy': '' }, 'Copy'));

/**
 * @param {HTMLElement} button
 * @param {Element} source
 */
function copy(button, source) {
  void navigator.clipboard.writeText(source.textContent ?? '').then(
    () => (button.textContent = 'Copied'),
    // No clipboard for this page: select the text, so that one key copies it.
    () => window.getSelection()?.selectAllChildren(source),
  );
}
