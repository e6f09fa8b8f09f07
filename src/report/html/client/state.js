// @ts-check
/* global window, history, location */
// Without an extension: the source is TypeScript, in the package it is JavaScript.
import { formatState, parseState } from '../../filter';

/** @typedef {import('../../filter').PageState} PageState */

/** @returns {PageState} */
export const readState = () => parseState(location.hash);

/** @type {((state: PageState) => void)[]} */
const listeners = [];

/** @param {(state: PageState) => void} listener */
export function onState(listener) {
  listeners.push(listener);
}

/**
 * Puts the state into the address and tells everyone.
 * @param {Partial<PageState>} change
 */
export function changeState(change) {
  const next = formatState({ ...readState(), ...change });
  history.replaceState(null, '', next === '' ? location.pathname + location.search : next);
  tell();
}

export function tell() {
  const state = readState();
  for (const listener of listeners) listener(state);
}

window.addEventListener('hashchange', tell);
