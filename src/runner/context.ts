import { BoltgridError } from '../core/error.ts';
import { connectPeer, dialRaw } from '../peer/connect.ts';
import { listenForNode } from '../peer/listener.ts';
import type { CommonContext, PairContext, SubjectContext } from '../suite/types.ts';
import { caseNode } from './case-node.ts';
import { chainVerbs } from './chain-verbs.ts';
import { eventually } from './eventually.ts';
import type { CaseEvidence } from './evidence.ts';
import type { Links } from './links.ts';
import type { Seat } from './miner.ts';
import type { CaseRun } from './run-case.ts';

export interface ContextParts {
  readonly run: CaseRun;
  readonly seat: Seat;
  readonly links: Links;
  readonly evidence: CaseEvidence;
  readonly secret: (label: string) => Uint8Array;
  readonly signal: AbortSignal;
}

/** What the body of a case is called with. */
export function buildContext(parts: ContextParts): SubjectContext | PairContext {
  const { run, seat, links, evidence, secret, signal } = parts;
  const { world, test } = run;
  const [first, second] = world.nodes;
  if (!first) throw new BoltgridError('runner.no-node', 'harness', 'a world without nodes');
  const wait: CommonContext['eventually'] = (what, read, until, options) =>
    eventually({ world, evidence, signal }, what, read, until, options);
  const common: CommonContext = {
    check: (requirement, ok, given) => {
      evidence.check(requirement, ok, given);
    },
    eventually: wait,
    secret,
    chain: chainVerbs({ world, mode: test.chain, seat, eventually: wait, signal }),
    signal,
  };
  let connections = 0;
  const peerKey = (): Uint8Array => secret(`peer ${connections++}`);
  if (test.kind === 'pair') {
    if (!second) throw new BoltgridError('runner.no-node', 'harness', 'a pair needs two nodes');
    const nodes = { a: first, b: second };
    return {
      ...common,
      a: caseNode(world, first, test.chain),
      b: caseNode(world, second, test.chain),
      connect: (to, options = {}) => connectPeer(nodes[to].running, options.key ?? peerKey(), options, links),
    } satisfies PairContext;
  }
  return {
    ...common,
    node: caseNode(world, first, test.chain),
    connect: (options = {}) => connectPeer(first.running, options.key ?? peerKey(), options, links),
    dial: () => dialRaw(first.running, links),
    listen: () => listenForNode(secret(`listener ${connections++}`), links, first.running.back),
  } satisfies SubjectContext;
}
