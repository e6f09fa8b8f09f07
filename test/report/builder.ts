import { cellId, type Cell } from '../../src/core/ids.ts';
import type { Verdict } from '../../src/core/verdict.ts';
import {
  journalEvent,
  type CaseFinished,
  type JournalEvent,
  type JournalHeader,
  type TranscriptEntry,
} from '../../src/journal/events.ts';
import type { PlannedCase } from '../../src/matrix/plan.ts';

/** Journals made by hand: every event goes through the journal's own schema, nothing through the runner. */

export const STARTED_AT = '2026-11-20T02:00:00.000Z';
const BOLTS_COMMIT = '5a1b2c3d4e5f60718293a4b5c6d7e8f901234567';

export interface MadeCase extends Partial<PlannedCase> {
  readonly id: string;
}

export interface MadeResult extends Partial<Omit<CaseFinished, 'event' | 'cell' | 'case' | 'verdict'>> {
  readonly on: string;
  readonly case: string;
  readonly verdict: Verdict;
}

export interface MadeJournal {
  readonly nodes?: readonly string[];
  readonly pairs?: readonly (readonly [string, string])[];
  readonly upgrades?: readonly (readonly [string, string])[];
  /** Planned, but not to be run on this machine, with the reason. */
  readonly absent?: Readonly<Record<string, string>>;
  readonly cases: readonly MadeCase[];
  readonly results?: readonly MadeResult[];
  readonly header?: Partial<JournalHeader>;
  readonly notes?: readonly string[];
  /** `false` for a journal that breaks off. */
  readonly footer?: 'complete' | 'cancelled' | 'fail-fast' | 'fault' | false;
}

export function makeJournal(made: MadeJournal): JournalEvent[] {
  const {
    nodes = [],
    pairs = [],
    upgrades = [],
    absent = {},
    results = [],
    notes = [],
    footer = 'complete',
  } = made;
  const cells: Cell[] = [
    ...[...nodes, ...Object.keys(absent)].map((node): Cell => ({ kind: 'subject', nodes: [node] })),
    ...pairs.map((pair): Cell => ({ kind: 'pair', nodes: pair })),
    ...upgrades.map((pair): Cell => ({ kind: 'upgrade', nodes: pair })),
  ];
  const events: unknown[] = [
    {
      event: 'header',
      v: 1,
      boltgrid: '0.1.0',
      runId: 'run-1',
      planHash: 'a'.repeat(64),
      seed: 'seed-1',
      startedAt: STARTED_AT,
      spec: { bolts: { repository: 'lightning/bolts', commit: BOLTS_COMMIT } },
      cases: made.cases.map(plannedCase),
      cells: cells.map((cell) => ({
        cell: cellId(cell),
        kind: cell.kind,
        nodes: [...cell.nodes],
        ...(cell.nodes.some((node) => node in absent) && {
          cannotRun: absent[cell.nodes.find((node) => node in absent) ?? ''],
        }),
      })),
      ...made.header,
    },
    ...nodes.map(nodeStarted),
    ...results.flatMap(attempt),
    ...notes.map((text) => ({ event: 'noted', at: STARTED_AT, level: 'warning', text })),
    ...(footer === false
      ? []
      : [{ event: 'footer', at: STARTED_AT, reason: footer, notRun: 0, milliseconds: 41_250 }]),
  ];
  return events.map((event) => journalEvent.parse(event));
}

export function plannedCase(made: MadeCase): PlannedCase {
  const caseId = made.caseId ?? made.id.replace(/\[.*\]$/, '');
  const suite = made.suite ?? caseId.split('#', 1)[0] ?? caseId;
  return {
    caseId,
    suite,
    suiteTitle: `title of ${suite}`,
    title: `title of ${caseId}`,
    kind: 'subject',
    level: 'must',
    requirements: [`${suite.replace('/', '-')}-01`],
    formerly: [],
    location: `suites/${suite}.ts:12`,
    ...made,
  };
}

export function nodeStarted(id: string): unknown {
  const [, implementation = '', version = '', profile = 'default'] =
    /^([^@]+)@([^+]+)(?:\+(.*))?$/.exec(id) ?? [];
  return {
    event: 'node-started',
    at: STARTED_AT,
    identity: {
      ...{ id, implementation, version, profile },
      build: `sha256:${Buffer.from(id).toString('hex').padEnd(64, '0').slice(0, 64)}`,
      reported: `${implementation} v${version}`,
      publicKey: `02${Buffer.from(id).toString('hex').padEnd(64, '1').slice(0, 64)}`,
    },
    features: [0, 5, 8, 14, 17, 19, 25, 27, 45, 51],
    startMs: 812,
  };
}

function attempt({ on, ...result }: MadeResult): unknown[] {
  const number = result.attempt ?? 1;
  return [
    { event: 'case-started', at: STARTED_AT, cell: on, case: result.case, attempt: number },
    {
      event: 'case-finished',
      at: STARTED_AT,
      cell: on,
      attempt: number,
      milliseconds: 12.5,
      world: number === 1 ? 'shared' : 'alone',
      checks: [],
      transcript: [],
      ...result,
    },
  ];
}

/** A short conversation: both inits, a ping, a pong. */
export const PING_TRANSCRIPT: TranscriptEntry[] = [
  { at: 0, link: 0, dir: 'note', text: 'connected, handshake done' },
  {
    at: 1.2,
    link: 0,
    dir: 'in',
    type: 16,
    name: 'init',
    length: 12,
    hex: '00100000000822aaa28a',
    fields: { globalfeatures: '', features: '22aaa28a' },
  },
  {
    at: 1.6,
    link: 0,
    dir: 'out',
    type: 16,
    name: 'init',
    length: 12,
    hex: '001000000008a8a2020a',
    fields: { globalfeatures: '', features: 'a8a2020a' },
  },
  {
    at: 2.1,
    link: 0,
    dir: 'out',
    type: 18,
    name: 'ping',
    length: 6,
    hex: '0012fffb0000',
    fields: { num_pong_bytes: 65531, ignored: '' },
  },
  {
    at: 3.4,
    link: 0,
    dir: 'in',
    type: 19,
    name: 'pong',
    length: 4,
    hex: '00130000',
    fields: { ignored: '' },
  },
];

/** What the node did wrong in most examples: a pong of the wrong length. */
export const WRONG_PONG = {
  requirement: 'bolt01-ping-07',
  step: 'check bolt01-ping-07',
  blame: 'node',
  message: 'bolt01-ping-07: expected 65531, got 0',
  expected: 65531,
  got: 0,
  transcript: PING_TRANSCRIPT,
};
