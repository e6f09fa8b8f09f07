// @ts-check
/* global document */
import { durationText, valueText } from '../../value';
import { copyable } from './copy.js';
import { make } from './dom.js';
import { transcriptList } from './transcript.js';

/**
 * @typedef {import('./data.js').Detail} Detail
 * @typedef {import('./data.js').Index} Index
 */

/**
 * A result in full, the telling things first: the sentence, what was expected and what came, then how it went.
 * @param {Index} index
 * @param {Detail} result
 * @returns {HTMLElement[]}
 */
export function resultBody(index, result) {
  const planned = index.cases.find(({ id }) => id === result.case);
  return [
    make('p.meaning', {}, index.verdicts[result.verdict]?.meaning ?? ''),
    ...marks(result),
    ...rule(index, result, planned?.requirements ?? []),
    ...versus(result),
    ...(result.message === undefined ? [] : [make('p.message', {}, result.message)]),
    facts(result, planned?.location),
    ...checks(index, result),
    ...conversations(index, result),
    ...log(result),
    ...again(result),
  ];
}

/** @param {Detail} result */
function marks({ known, disputed }) {
  return [
    ...(known
      ? [
          make(
            'p.note-box',
            {},
            make('b', {}, 'Known: '),
            known.reason,
            ' (',
            link(known.link, known.link),
            `, expected until ${known.expires})`,
          ),
        ]
      : []),
    ...(disputed
      ? [make('p.note-box', {}, make('b', {}, 'Disputed: '), 'every independent implementation is red here.')]
      : []),
  ];
}

/**
 * The sentence that decided, or those that the case judges.
 * @param {Index} index
 * @param {Detail} result
 * @param {string[]} judged
 */
function rule({ requirements }, { requirement, level }, judged) {
  const ids = requirement === undefined ? judged : [requirement];
  return ids.map((id) => {
    const known = requirements[id];
    return make(
      'div.rule',
      {},
      make(
        'div',
        {},
        link(known?.url, id),
        make(
          'span.where',
          {},
          ` ${(known?.level ?? level).toUpperCase()}${known?.section === undefined ? '' : ` · ${known.section.replaceAll('`', '')}`}`,
        ),
      ),
      known?.sentence === undefined ? undefined : make('blockquote', {}, known.sentence),
    );
  });
}

/** @param {Detail} result */
function versus(result) {
  if (!('expected' in result) && !('got' in result)) return [];
  const side = (/** @type {string} */ name, /** @type {string} */ title, /** @type {unknown} */ value) =>
    make(`div.${name}`, {}, make('h4', {}, title), make('pre', { tabindex: '0' }, pretty(value)));
  return [
    make('div.versus', {}, side('expected', 'Expected', result.expected), side('got', 'Got', result.got)),
  ];
}

/** @param {unknown} value */
const pretty = (value) =>
  typeof value === 'object' && value !== null ? JSON.stringify(value, null, 2) : valueText(value, 8000);

/**
 * @param {Detail} result
 * @param {string | undefined} location
 */
function facts(result, location) {
  /** @type {[string, string | undefined][]} */
  const known = [
    ['Step', result.step],
    ['Charged to', result.blame],
    ['Took', result.attempts.length === 0 ? undefined : durationText(result.milliseconds)],
    [
      'Attempts',
      result.attempts.length > 1
        ? result.attempts.map(({ attempt, verdict, world }) => `${attempt}: ${verdict} (${world})`).join(', ')
        : undefined,
    ],
    ['Defined in', location],
  ];
  return make(
    'dl.facts-list',
    {},
    known.flatMap(([name, value]) =>
      value === undefined ? [] : [make('dt', {}, name), make('dd', {}, value)],
    ),
  );
}

/**
 * @param {Index} index
 * @param {Detail} result
 */
function checks({ requirements }, result) {
  if (result.checks.length === 0) return [];
  const rows = result.checks.map((check) => {
    const observed = check.level === 'may';
    const words = observed ? (check.ok ? '✓ observed' : '– not observed') : check.ok ? '✓ held' : '✗ broken';
    const colour = observed ? 'grey' : check.ok ? 'green' : check.level === 'must' ? 'red' : 'yellow';
    return make(
      'tr',
      {},
      make(`td.v.${colour}`, {}, words),
      make('td', {}, link(requirements[check.requirement]?.url, check.requirement), ` ${check.level}`),
      make('td', {}, 'expected' in check ? valueText(check.expected, 200) : ''),
      make(
        'td',
        {},
        'got' in check ? valueText(check.got, 200) : '',
        check.note === undefined ? '' : ` ${check.note}`,
      ),
    );
  });
  const head = make(
    'tr',
    {},
    ['Check', 'Requirement', 'Expected', 'Got'].map((name) => make('th', { scope: 'col' }, name)),
  );
  return [
    make('h3', {}, 'Checks'),
    make('table.checks', {}, make('thead', {}, head), make('tbody', {}, rows)),
  ];
}

/**
 * @param {Index} index
 * @param {Detail} result
 */
function conversations({ verdicts }, { attempts }) {
  const spoken = attempts.filter(({ transcript }) => transcript.length > 0);
  const [only, ...more] = spoken;
  if (!only) return [];
  if (more.length === 0) return [make('h3', {}, 'Transcript'), transcriptList(only.transcript)];
  return [
    make('h3', {}, 'Transcripts'),
    ...spoken.map(({ attempt, verdict, world, decided, transcript }) =>
      make(
        'details.attempt',
        { open: decided },
        make('summary', {}, `Attempt ${attempt}, ${world}: ${verdicts[verdict]?.word ?? verdict}`),
        transcriptList(transcript),
      ),
    ),
  ];
}

/** @param {Detail} result */
const log = ({ logTail }) =>
  logTail === undefined || logTail.length === 0
    ? []
    : [make('h3', {}, 'End of the node’s log'), make('pre.log', { tabindex: '0' }, logTail.join('\n'))];

/** @param {Detail} result */
const again = ({ rerun }) => [make('h3', {}, 'Run again'), copyable(rerun)];

/**
 * Only https leaves the page; anything else stays text.
 * @param {string | undefined} url
 * @param {string} text
 */
function link(url, text) {
  if (url?.startsWith('https://') !== true) return document.createTextNode(text);
  return make('a', { href: url, rel: 'noopener noreferrer', target: '_blank' }, text);
}
