/** What a case can come to on a cell. The meaning of each is in docs/verdicts.md. */
export const VERDICTS = [
  'pass',
  'fail',
  'warn',
  'unsupported',
  'undrivable',
  'not-negotiated',
  'timeout',
  'crashed',
  'flaky',
  'disputed',
  'setup-error',
  'harness-error',
  'not-run',
] as const;

export type Verdict = (typeof VERDICTS)[number];

export interface VerdictMeaning {
  /** Severity: when several results are folded into one, the highest rank is shown. */
  readonly rank: number;
  readonly glyph: string;
  readonly word: string;
  /** A name of the palette that terminal and page share. */
  readonly colour: 'green' | 'red' | 'yellow' | 'grey' | 'magenta' | 'blue';
  /** Whether it says something is wrong (a gate looks at it). */
  readonly red: boolean;
  /** How JUnit counts it. */
  readonly junit: 'passed' | 'failure' | 'error' | 'skipped';
}

export const VERDICT_TABLE: Readonly<Record<Verdict, VerdictMeaning>> = {
  pass: { rank: 0, glyph: '✓', word: 'pass', colour: 'green', red: false, junit: 'passed' },
  unsupported: { rank: 1, glyph: '–', word: 'unsupported', colour: 'grey', red: false, junit: 'skipped' },
  'not-negotiated': {
    rank: 2,
    glyph: '∅',
    word: 'not negotiated',
    colour: 'grey',
    red: false,
    junit: 'skipped',
  },
  undrivable: { rank: 3, glyph: '⊘', word: 'undrivable', colour: 'grey', red: false, junit: 'skipped' },
  'not-run': { rank: 4, glyph: '·', word: 'not run', colour: 'grey', red: false, junit: 'skipped' },
  warn: { rank: 5, glyph: '!', word: 'warn', colour: 'yellow', red: false, junit: 'passed' },
  flaky: { rank: 6, glyph: '≈', word: 'flaky', colour: 'yellow', red: true, junit: 'failure' },
  disputed: { rank: 7, glyph: '?', word: 'disputed', colour: 'magenta', red: true, junit: 'error' },
  timeout: { rank: 8, glyph: '◷', word: 'timeout', colour: 'red', red: true, junit: 'error' },
  fail: { rank: 9, glyph: '✗', word: 'fail', colour: 'red', red: true, junit: 'failure' },
  crashed: { rank: 10, glyph: '☠', word: 'crashed', colour: 'red', red: true, junit: 'error' },
  'setup-error': { rank: 11, glyph: '⚒', word: 'set-up error', colour: 'blue', red: true, junit: 'error' },
  'harness-error': {
    rank: 12,
    glyph: '⚠',
    word: 'harness error',
    colour: 'magenta',
    red: true,
    junit: 'error',
  },
};

/** Levels of a requirement (RFC 2119), strongest first. */
export type Level = 'must' | 'should' | 'may';

export const isRed = (verdict: Verdict): boolean => VERDICT_TABLE[verdict].red;

/** The most severe of several verdicts; `not-run` for none. */
export function worst(verdicts: readonly Verdict[]): Verdict {
  return (
    verdicts.reduce<Verdict | undefined>(
      (a, b) => (a === undefined || VERDICT_TABLE[b].rank > VERDICT_TABLE[a].rank ? b : a),
      undefined,
    ) ?? 'not-run'
  );
}
