// @ts-check
import { make } from './dom.js';
import { durationText, valueText } from '../../value';

/** @typedef {import('./data.js').Entry} Entry */

const WAYS = { in: '← node', out: '→ node', note: '' };

/**
 * Everything that was said, in order; fields and bytes of a message open on demand.
 * @param {Entry[]} entries
 * @returns {HTMLElement}
 */
export function transcriptList(entries) {
  const links = new Set(entries.map(({ link }) => link).filter((link) => link >= 0)).size;
  return make(
    'ol.talk',
    {},
    entries.map((entry) =>
      make(`li.${entry.dir}`, {}, entry.dir === 'note' ? note(entry, links) : message(entry, links)),
    ),
  );
}

/**
 * @param {Entry} entry
 * @param {number} links
 */
const note = (entry, links) =>
  make(
    'div.row',
    {},
    make('span.at', {}, when(entry)),
    make('span.aside-cell', {}, linkName(entry, links), entry.text ?? ''),
  );

/**
 * @param {Entry} entry
 * @param {number} links
 */
function message(entry, links) {
  const name = entry.name ?? (entry.type === undefined ? 'bytes' : `message ${entry.type}`);
  const fields = entry.fields;
  const brief =
    fields === undefined
      ? (entry.text ?? '')
      : isRecord(fields)
        ? recordBrief(fields)
        : valueText(fields, 160);
  return make(
    'details',
    {},
    make(
      'summary.row',
      {},
      make('span.at', {}, when(entry)),
      make('span.way', {}, WAYS[entry.dir]),
      make('span.brief', {}, make('b', {}, name), ' ', linkName(entry, links), brief),
      make('span.size', {}, entry.length === undefined ? '' : `${entry.length} B`),
    ),
    make('div.inside', {}, inside(entry)),
  );
}

/**
 * @param {Entry} entry
 * @returns {(HTMLElement | undefined)[]}
 */
function inside({ fields, text, hex, length, type }) {
  const cut = hex !== undefined && length !== undefined && hex.length / 2 < length;
  return [
    text === undefined ? undefined : make('p', {}, text),
    isRecord(fields)
      ? make(
          'dl',
          {},
          Object.entries(fields).flatMap(([key, value]) => [
            make('dt', {}, key),
            make('dd', {}, valueText(value === '' ? '∅' : value, 4000)),
          ]),
        )
      : fields === undefined
        ? undefined
        : make('p', {}, valueText(fields, 4000)),
    hex === undefined
      ? undefined
      : make(
          'details.hex',
          {},
          make('summary', {}, `Bytes${type === undefined ? '' : ` (type ${type})`}`),
          make('pre', {}, spaced(hex) + (cut ? ' …' : '')),
        ),
  ];
}

/** @param {Entry} entry */
const when = ({ at }) => durationText(at);

/**
 * @param {Entry} entry
 * @param {number} links
 */
const linkName = ({ link }, links) => (links > 1 && link >= 0 ? `[connection ${link + 1}] ` : '');

/** @param {string} hex */
const spaced = (hex) => hex.replace(/(.{8})/g, '$1 ').trim();

/** @param {Record<string, unknown>} fields */
const recordBrief = (fields) =>
  Object.entries(fields)
    .map(([key, value]) => `${key}: ${valueText(value === '' ? '∅' : value, 40)}`)
    .join(', ')
    .slice(0, 240);

/**
 * @param {unknown} value
 * @returns {value is Record<string, unknown>}
 */
const isRecord = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
