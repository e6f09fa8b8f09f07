import type { JournalEvent } from '../../src/journal/events.ts';
import type { Verdict } from '../../src/core/verdict.ts';
import {
  makeJournal,
  PING_TRANSCRIPT,
  WRONG_PONG,
  type MadeCase,
  type MadeResult,
} from '../report/builder.ts';

/** A run of the size and shape that the page is made for, for browser tests. */

const NODES = ['ldk@0.1.0', 'ldk@0.1.2', 'lnd@0.21.2', 'lnd@0.21.2+zeroconf', 'cln@26.04', 'electrum@4.7.2'];

const SUITES: Readonly<Record<string, { title: string; cases: readonly [slug: string, title: string][] }>> = {
  'bolt01/init': {
    title: 'the init message',
    cases: [
      ['first-message', 'sends init before any other message'],
      ['unknown-even', 'closes on an unknown even feature bit'],
      ['unknown-odd', 'goes on after an unknown odd feature bit'],
      ['bitmaps-combined', 'combines globalfeatures and features'],
      ['networks', 'closes when no common network is offered'],
    ],
  },
  'bolt01/ping': {
    title: 'ping and pong',
    cases: [
      ['asked-length', 'answers with the asked length'],
      ['too-long', 'ignores a ping that asks for 65532 bytes or more'],
      ['ignored-content', 'ignores the content of a ping'],
    ],
  },
  'bolt01/unknown': {
    title: 'messages and records that are not known',
    cases: [
      ['odd-type', 'ignores an unknown message of odd type'],
      ['even-type', 'closes on an unknown message of even type'],
      ['tlv-even', 'fails on an unknown even TLV record in a known stream'],
      ['tlv-order', 'fails on records that are not strictly increasing'],
    ],
  },
  'bolt02/open': {
    title: 'opening a channel',
    cases: [
      ['accept-within', 'accepts a channel within its limits'],
      ['dust-below', 'fails a channel whose dust limit is below 354 satoshis'],
      ['push-above', 'fails a push_msat above the funding amount'],
      ['channel-type', 'answers with the channel type that was asked for'],
      [
        'zero-conf-without',
        'refuses a zero-conf channel type that was not negotiated, and says in its error which of the offered types it would have taken',
      ],
    ],
  },
  'bolt07/queries': {
    title: 'gossip queries',
    cases: [
      ['range-complete', 'ends each range reply with sync_complete'],
      ['unknown-chain', 'answers a query for another chain without entries'],
      ['filter-none', 'sends no gossip before a timestamp filter'],
    ],
  },
  'bolt08/act-one': {
    title: 'act one of the handshake',
    cases: [
      ['bad-version', 'ends the connection on an unknown version byte'],
      ['bad-key', 'ends the connection on a key that is not on the curve'],
      ['bad-tag', 'ends the connection on a wrong tag'],
    ],
  },
  'bolt12/offers': {
    title: 'offers',
    cases: [['expired', 'does not answer an invoice request for an expired offer']],
  },
};

const PARAMETERS = ['zero', 'one', 'largest'];

const SUBJECT_CASES: MadeCase[] = Object.entries(SUITES).flatMap(([suite, { title, cases }]) =>
  cases.flatMap(([slug, caseTitle], at) => {
    const parameters = slug === 'asked-length' ? PARAMETERS.map((name) => `[${name}]`) : [''];
    return parameters.map((parameter) => ({
      id: `${suite}#${slug}${parameter}`,
      suiteTitle: title,
      title: caseTitle,
      level: at === 2 ? ('should' as const) : ('must' as const),
      requirements: [`${suite.replace('/', '-')}-0${at + 1}`],
    }));
  }),
);

const PAIR_CASES: MadeCase[] = ['connect', 'open-and-close', 'pay-both-ways', 'splice'].map((slug) => ({
  id: `pair/channel#${slug}`,
  kind: 'pair',
  suiteTitle: 'a channel between two nodes',
  title: slug.replaceAll('-', ' '),
  requirements: ['bolt02-open-01'],
}));

const PAIRS = ['ldk@0.1.2', 'lnd@0.21.2', 'cln@26.04'].flatMap((a, _, all) =>
  all.map((b) => [a, b] as const),
);

/** What is not a pass, by node and case. */
const DEPARTURES: Readonly<Record<string, Partial<MadeResult> & { verdict: Verdict }>> = {
  'ldk@0.1.0 bolt01/ping#asked-length[largest]': { verdict: 'fail', ...WRONG_PONG },
  'ldk@0.1.2 bolt01/init#networks': {
    verdict: 'warn',
    requirement: 'bolt01-init-05',
    step: 'expect close',
    blame: 'node',
    message: 'bolt01-init-05: expected the connection to be closed, got a pong',
    expected: 'closed',
    got: 'pong',
  },
  'lnd@0.21.2 bolt01/unknown#even-type': {
    verdict: 'timeout',
    requirement: 'bolt01-unknown-02',
    step: 'expect close',
    blame: 'node',
    message: 'nothing within 5000 ms; this connection is dead, while a new one is served',
    transcript: PING_TRANSCRIPT,
  },
  'lnd@0.21.2+zeroconf bolt02/open#dust-below': {
    verdict: 'flaky',
    message: 'failed, then passed alone',
    attempt: 2,
  },
  'cln@26.04 bolt01/unknown#tlv-order': {
    verdict: 'crashed',
    blame: 'node',
    message: 'the node ended or answers nobody; seen at: expect error',
    logTail: [
      '2026-11-20 INFO peer_in WIRE_INIT',
      '2026-11-20 BROKEN lightningd: FATAL SIGNAL 11',
      'common/daemon.c:46 (send_backtrace)',
    ],
    transcript: PING_TRANSCRIPT,
  },
  'cln@26.04 bolt02/open#push-above': {
    verdict: 'setup-error',
    blame: 'setup',
    message: 'the node has no coins: its wallet was not funded within 30 s',
  },
  'electrum@4.7.2 bolt08/act-one#bad-key': {
    verdict: 'harness-error',
    blame: 'harness',
    message: 'suite.undeclared-requirement: bolt08-act-one-09',
  },
};

const SKIPPED: Readonly<Record<string, { verdict: Verdict; message: string }>> = {
  'electrum@4.7.2 bolt07/queries': {
    verdict: 'unsupported',
    message: 'gossip_queries is not offered in init',
  },
  'ldk@0.1.0 bolt02/open': { verdict: 'undrivable', message: 'newAddress: the shell has no wallet' },
  'ldk@0.1.2 bolt02/open': { verdict: 'undrivable', message: 'newAddress: the shell has no wallet' },
};

function subjectResults(node: string): MadeResult[] {
  return SUBJECT_CASES.filter(({ id }) => !id.startsWith('bolt12')).flatMap(
    ({ id, requirements = [''] }): MadeResult[] => {
      const departure = DEPARTURES[`${node} ${id}`];
      const skipped = SKIPPED[`${node} ${id.split('#', 1)[0] ?? ''}`];
      if (departure?.attempt === 2) {
        return [
          { on: node, case: id, ...WRONG_PONG, verdict: 'fail' },
          { on: node, case: id, ...departure },
        ];
      }
      if (departure) return [{ on: node, case: id, ...departure }];
      if (skipped) return [{ on: node, case: id, ...skipped, world: 'none' }];
      const check = {
        requirement: requirements[0] ?? '',
        level: 'must' as const,
        ok: true,
        step: 'check',
        expected: 3,
        got: 3,
      };
      return [{ on: node, case: id, verdict: 'pass', checks: [check], transcript: PING_TRANSCRIPT }];
    },
  );
}

const pairResults = (): MadeResult[] =>
  PAIRS.flatMap(([a, b]) =>
    PAIR_CASES.map(({ id }): MadeResult => {
      const on = `${a} -> ${b}`;
      if (id.endsWith('splice'))
        return {
          on,
          case: id,
          verdict: 'not-negotiated',
          message: `option_splice: ${a} bit 155, ${b} bit 63`,
          world: 'none',
        };
      if (id.endsWith('close') && a.startsWith('lnd') && b.startsWith('cln')) {
        return {
          on,
          case: id,
          verdict: 'fail',
          blame: 'unknown',
          step: 'close',
          requirement: 'bolt02-open-01',
          message: 'no common closing fee',
          expected: 'closed',
          got: 'open',
        };
      }
      return { on, case: id, verdict: 'pass', transcript: PING_TRANSCRIPT };
    }),
  );

export function demoJournal(): JournalEvent[] {
  return makeJournal({
    nodes: NODES,
    pairs: PAIRS,
    upgrades: [['lnd@0.21.2', 'lnd@0.21.2+zeroconf']],
    absent: { 'eclair@0.13.0': 'no Docker on this machine' },
    cases: [...SUBJECT_CASES, ...PAIR_CASES],
    results: [...NODES.flatMap(subjectResults), ...pairResults()],
    notes: ['world 3 was retired: cln@26.04 ended'],
    header: { runId: '2026-11-20-0200-nightly', seed: '7f3a' },
  });
}
