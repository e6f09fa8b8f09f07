// @ts-check
/* global document, HTMLAnchorElement, HTMLElement */

/** Links within the page: the address keeps the filters, so it does not take up where the reader went. */
export function startJumps() {
  document.addEventListener('click', (event) => {
    const link = event.target instanceof HTMLElement ? event.target.closest('a[data-jump]') : null;
    if (!(link instanceof HTMLAnchorElement)) return;
    const place = document.getElementById(link.hash.slice(1));
    if (!place) return;
    event.preventDefault();
    place.scrollIntoView({ block: 'start' });
    place.focus({ preventScroll: true });
  });
}
