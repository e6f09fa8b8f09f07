// @ts-check
/* global document, Blob, Response, DecompressionStream, atob */

/**
 * @typedef {Omit<import('../../schema').ReportResult, 'attempts'> & { rerun: string, attempts: Attempt[] }} Detail
 * @typedef {import('../../schema').ReportAttempt & { decided: boolean, transcript: Entry[] }} Attempt
 * @typedef {import('../../../journal/events').TranscriptEntry} Entry
 * @typedef {{ glyph: string, word: string, colour: string, red: boolean, rank: number, meaning: string }} VerdictWords
 * @typedef {{ case: string, caseId: string, cell: string, verdict: string, telling: boolean }} ShortResult
 * @typedef {Pick<import('../../schema').Report, 'run' | 'cells' | 'cases' | 'requirements' | 'nodes'> &
 *   { verdicts: Record<string, VerdictWords>, results: ShortResult[], setupErrors: SetupErrors[] }} Index
 * @typedef {{ message: string, logTail: string[], perCell: Record<string, number> }} SetupErrors
 */

/** @type {Map<string, Promise<unknown>>} */
const unpacked = new Map();

/**
 * Unpacks a data block of the page, once.
 * @param {string} id
 * @returns {Promise<unknown>}
 */
function block(id) {
  const known = unpacked.get(id);
  if (known) return known;
  const text = document.getElementById(`data-${id}`)?.textContent ?? '';
  const bytes = Uint8Array.from(atob(text.trim()), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  const data = new Response(stream).json();
  unpacked.set(id, data);
  return data;
}

/** @returns {Promise<Index>} */
export const index = async () => /** @type {Index} */ (await block('index'));

/**
 * A result in full: what is red lies together, the rest by cell.
 * @param {string} cell
 * @param {string} id
 * @returns {Promise<Detail | undefined>}
 */
export async function detail(cell, id) {
  const { cells, results } = await index();
  const short = results.find((result) => result.cell === cell && result.case === id);
  if (!short) return undefined;
  const name = short.telling ? 'red' : `cell-${cells.findIndex((planned) => planned.cell === cell)}`;
  const details = /** @type {Detail[]} */ (await block(name));
  return details.find((result) => result.cell === cell && result.case === id);
}
