import type { JournalEvent } from '../../src/journal/events.ts';
import { makeJournal, type MadeResult } from './builder.ts';

/** What a node could say to break a report. Every one of these stands in every text of the journal below. */
export const HOSTILE_TEXTS: readonly string[] = [
  '</script><script>globalThis.hacked = 1</script>',
  '"><img src=x onerror="globalThis.hacked=1">',
  "' onmouseover='globalThis.hacked=1",
  '{{constructor}} {{{script}}} {{#each this}}',
  ']]><!-- <![CDATA[ &lt; &#x3c;script&#x3e;',
  '\u001b[31mred\u001b[0m \u001b]8;;http://evil.example\u0007link\u001b]8;;\u0007 \u009b2J',
  'abc\u202egnp.exe\u2066 \u200f',
  'lone \ud800 surrogate \udfff, \ufffe \uffff, nul \u0000, \u0008, del \u007f',
  '`code` **bold** [link](javascript:alert(1)) | cell | @everyone #1\n# heading\n```',
  "'; rm -rf / #$(id)`id`",
  '__proto__',
  'x'.repeat(20_000),
];

const ALL = HOSTILE_TEXTS.join(' ');

export const HOSTILE_CASE = `evil/suite#case${HOSTILE_TEXTS[1] ?? ''}`;
const PASSING_CASE = `evil/suite#pass${HOSTILE_TEXTS[0] ?? ''}`;

export function hostileJournal(): JournalEvent[] {
  const fields = JSON.parse(
    JSON.stringify({ alias: ALL, [ALL.slice(0, 300)]: [ALL], nested: { a: ALL } }).replace(
      '"nested"',
      '"__proto__"',
    ),
  ) as unknown;
  const said: Omit<MadeResult, 'on' | 'case' | 'verdict'> = {
    requirement: ALL.slice(0, 120),
    step: ALL,
    blame: ALL,
    message: ALL,
    expected: { [ALL.slice(0, 200)]: ALL },
    got: ALL,
    checks: [
      {
        requirement: ALL.slice(0, 120),
        level: 'must',
        ok: false,
        step: ALL,
        expected: ALL,
        got: ALL,
        note: ALL,
      },
    ],
    logTail: [...HOSTILE_TEXTS],
    transcript: [
      { at: 0, link: 0, dir: 'note', text: ALL },
      { at: 1, link: 1, dir: 'in', type: 16, name: ALL, length: 4, hex: '0010', fields },
      { at: 2, link: 0, dir: 'out', type: 17, text: ALL, fields: ALL },
    ],
  };
  const node = 'evil@1.0';
  const events = makeJournal({
    nodes: [node, 'good@1.0'],
    pairs: [[node, 'good@1.0']],
    cases: [
      {
        id: HOSTILE_CASE,
        caseId: HOSTILE_CASE,
        suite: 'evil/suite',
        title: ALL,
        suiteTitle: ALL,
        location: ALL,
        requirements: [ALL.slice(0, 120)],
      },
      { id: PASSING_CASE, caseId: PASSING_CASE, suite: 'evil/suite', title: ALL },
      { id: 'pair/evil#case', kind: 'pair', title: ALL },
    ],
    results: [
      { on: node, case: HOSTILE_CASE, verdict: 'fail', ...said },
      { on: node, case: PASSING_CASE, verdict: 'pass', ...said },
      { on: 'good@1.0', case: HOSTILE_CASE, verdict: 'unsupported', message: ALL },
      { on: `${node} -> good@1.0`, case: 'pair/evil#case', verdict: 'crashed', ...said },
    ],
    notes: [ALL],
    header: {
      runId: `run ${HOSTILE_TEXTS[0] ?? ''}`,
      seed: HOSTILE_TEXTS[9] ?? '',
      boltgrid: HOSTILE_TEXTS[1] ?? '',
      spec: { bolts: { repository: 'javascript:alert(1)', commit: HOSTILE_TEXTS[0] ?? '' } },
    },
  });
  for (const event of events) {
    if (event.event !== 'node-started' || event.identity.id !== node) continue;
    Object.assign(event.identity, { reported: ALL, note: ALL, build: ALL, publicKey: ALL });
  }
  return events;
}
