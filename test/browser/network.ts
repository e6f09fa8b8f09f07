import type { Verdict } from '../../src/core/verdict.ts';
import { journalEvent, type JournalEvent } from '../../src/journal/events.ts';
import {
  makeJournal,
  PING_TRANSCRIPT,
  WRONG_PONG,
  type MadeCase,
  type MadeResult,
} from '../report/builder.ts';

/** A run over the nodes of the network: fifteen of them, and every ordered pair. */

export const NETWORK_NODES = [
  ...['ldk@0.1.0', 'ldk@0.1.2'],
  ...['lnd@0.18.5', 'lnd@0.19.3', 'lnd@0.20.2', 'lnd@0.21.2', 'lnd@0.21.2+zeroconf'],
  ...['cln@25.09', 'cln@25.12', 'cln@26.06'],
  ...['eclair@0.13.1', 'eclair@0.14.0'],
  ...['ldk-node@0.6.2', 'ldk-node@0.7.1'],
  'electrum@4.8.3',
];

const IMAGES: Readonly<Record<string, (version: string) => string>> = {
  lnd: (version) => `lightninglabs/lnd:v${version}-beta`,
  cln: (version) => `elementsproject/lightningd:v${version}`,
  eclair: (version) => `acinq/eclair:release-${version}`,
  'ldk-node': (version) => `boltgrid/ldk-node:${version}-9c067e7167d9`,
  electrum: (version) => `boltgrid/electrum:${version}-0a170cf21cfc`,
};

const REPORTED: Readonly<Record<string, (version: string) => string>> = {
  lnd: (version) => `${version}-beta commit=v${version}-beta`,
  cln: (version) => `CLN v${version}`,
  eclair: (version) => `${version}-3f1a2b7`,
};

const FLAGS = [
  '/bin/lnd',
  '--bitcoin.regtest',
  '--bitcoin.node=bitcoind',
  '--bitcoind.rpchost=10.88.0.2:18443',
  '--bitcoind.rpcpass=(masked)',
  '--protocol.option-scid-alias',
];

const SUITES: Readonly<Record<string, readonly string[]>> = {
  'bolt01/init': ['first-message', 'unknown-even', 'unknown-odd', 'networks'],
  'bolt01/ping': ['asked-length', 'too-long', 'ignored-content'],
  'bolt02/open': ['accept-within', 'dust-below', 'push-above', 'channel-type', 'zero-conf'],
  'bolt02/close': ['fee-range', 'anysegwit', 'pending-htlc'],
  'bolt07/queries': ['range-complete', 'unknown-chain', 'filter-none'],
  'bolt08/act-one': ['bad-version', 'bad-key', 'bad-tag'],
};

const SUBJECT_CASES: MadeCase[] = Object.entries(SUITES).flatMap(([suite, slugs]) =>
  slugs.map((slug) => ({ id: `${suite}#${slug}`, title: slug.replaceAll('-', ' ') })),
);

const PAIR_CASES: MadeCase[] = [
  ...[
    'connect',
    'open',
    'open-private',
    'pay[a-to-b]',
    'pay[b-to-a]',
    'hold',
    'reconnect',
    'close',
    'force-close',
  ],
  ...['anchors', 'zero-conf', 'splice'],
].map((slug) => ({
  id: `pair/channel#${slug}`,
  kind: 'pair',
  title: slug.replaceAll('-', ' '),
  requirements: ['bolt02-open-01'],
}));

/** A fixed pseudo-random number for a text, so that the picture is the same each time. */
function roll(text: string): number {
  let hash = 2166136261;
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 16777619);
  hash ^= hash >>> 15;
  return ((Math.imul(hash, 2246822519) >>> 0) % 1000) / 1000;
}

function verdictOf(on: string, id: string): Partial<MadeResult> & { verdict: Verdict } {
  const chance = roll(`${on} ${id}`);
  if (id.endsWith('splice')) return { verdict: 'not-negotiated', message: 'option_splice', world: 'none' };
  if (on.startsWith('electrum') && id.startsWith('bolt07')) return { verdict: 'unsupported', world: 'none' };
  if (on.includes('eclair@0.13.1 -> cln')) return { verdict: 'fail', ...WRONG_PONG, blame: 'unknown' };
  if (on.includes('electrum') && id.endsWith('force-close')) return { verdict: 'undrivable', world: 'none' };
  if (chance > 0.996)
    return { verdict: 'crashed', message: 'the node ended', logTail: ['last words\nof two lines'] };
  if (chance > 0.99) return { verdict: 'timeout', message: 'nothing within 5000 ms' };
  if (chance > 0.98) return { verdict: 'fail', ...WRONG_PONG };
  if (chance > 0.965) return { verdict: 'warn', message: 'a should was broken' };
  return { verdict: 'pass', ...(chance < 0.1 && { transcript: PING_TRANSCRIPT }) };
}

export const BITCOIND_FAILED =
  'bitcoind did not start: it ended with code 1 within 2 s.\nError: Cannot obtain a lock on directory /data\nShutdown: done';

export interface NetworkOptions {
  /** Those that cannot run, with the reason. */
  readonly absent?: (node: string) => string | undefined;
  /** Cells whose set-up fails. */
  readonly broken?: (cell: string) => boolean;
}

export function networkJournal({
  absent = () => undefined,
  broken = () => false,
}: NetworkOptions = {}): JournalEvent[] {
  const pairs = NETWORK_NODES.flatMap((a) =>
    NETWORK_NODES.filter((b) => b !== a).map((b) => [a, b] as const),
  );
  const here = NETWORK_NODES.filter((node) => absent(node) === undefined);
  const results = [
    ...here.flatMap((on) => SUBJECT_CASES.map(({ id }) => ({ on, case: id }))),
    ...pairs
      .filter((pair) => pair.every((node) => here.includes(node)))
      .flatMap(([a, b]) => PAIR_CASES.map(({ id }) => ({ on: `${a} -> ${b}`, case: id }))),
  ].map(({ on, case: id }): MadeResult => {
    if (!broken(on)) return { on, case: id, ...verdictOf(on, id) };
    const log = ['[init] chain: bitcoind', 'Error: Cannot obtain a lock\nShutdown: done'];
    return { on, case: id, verdict: 'setup-error', blame: 'setup', message: BITCOIND_FAILED, logTail: log };
  });
  const events = makeJournal({
    nodes: NETWORK_NODES,
    pairs,
    cases: [...SUBJECT_CASES, ...PAIR_CASES],
    results,
    header: { runId: '20261120-020000-7f3a', seed: 'boltgrid' },
  });
  return events
    .flatMap((event) => journalEvent.parse(withIdentity(withReasons(event, absent))))
    .filter((event) => {
      return event.event !== 'node-started' || here.includes(event.identity.id);
    });
}

function withReasons(event: JournalEvent, absent: (node: string) => string | undefined): JournalEvent {
  if (event.event !== 'header') return event;
  const cells = event.cells.map((cell) => {
    const reasons = cell.nodes.flatMap((node) => {
      const reason = absent(node);
      return reason === undefined ? [] : [cell.kind === 'subject' ? reason : `${node}: ${reason}`];
    });
    return reasons.length === 0 ? cell : { ...cell, cannotRun: reasons.join('; '), world: 'docker' as const };
  });
  return { ...event, cells };
}

function withIdentity(event: JournalEvent): JournalEvent {
  if (event.event !== 'node-started') return event;
  const { implementation, version, build } = event.identity;
  const image = IMAGES[implementation]?.(version);
  const identity = {
    ...event.identity,
    reported: REPORTED[implementation]?.(version) ?? event.identity.reported,
    ...(image !== undefined && { image: { reference: image, digest: build } }),
    ...(implementation === 'lnd' && { argv: FLAGS }),
    ...(implementation === 'ldk' && { note: 'The npm package, with a shell of ours around it.' }),
  };
  return { ...event, identity, startMs: implementation === 'lnd' ? 21_400 : 3_120 };
}
