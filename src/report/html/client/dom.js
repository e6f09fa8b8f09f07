// @ts-check
/* global document */

/**
 * Makes an element. Text only ever becomes text nodes: nothing of a journal is parsed as markup.
 * @param {string} tag `div`, `div.class.other`
 * @param {Record<string, string | boolean | (() => void)>} attributes functions become click listeners; `false` is left out
 * @param {...(Node | string | undefined | (Node | string | undefined)[])} children
 * @returns {HTMLElement}
 */
export function make(tag, attributes = {}, ...children) {
  const [name = 'div', ...classes] = tag.split('.');
  const element = document.createElement(name);
  if (classes.length > 0) element.className = classes.join(' ');
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener('click', value);
    else if (value !== false) element.setAttribute(key, value === true ? '' : value);
  }
  element.append(...children.flat().flatMap((child) => (child === undefined ? [] : [child])));
  return element;
}

/**
 * @param {string} id
 * @returns {HTMLElement}
 */
export function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no #${id}`);
  return element;
}

/**
 * @template {Element} [E=HTMLElement]
 * @param {string} selector
 * @param {ParentNode} [within]
 * @returns {E[]}
 */
export const all = (selector, within = document) => [
  .../** @type {NodeListOf<E>} */ (within.querySelectorAll(selector)),
];
