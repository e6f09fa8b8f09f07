import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Chain } from '../../src/chain/chain.ts';
import { startMemoryChain } from '../../src/chain/memory.ts';
import type { CaseFinished } from '../../src/journal/events.ts';
import { unmetNeeds } from '../../src/runner/needs.ts';
import { runCase } from '../../src/runner/run-case.ts';
import { World } from '../../src/runner/world.ts';
import { subjectTests } from '../mutants/all.ts';
import { PlayingNode } from './playing-node.ts';
import { recordedNodes, type RecordedCase, type RecordedEntry, type RecordedNode } from './recorded.ts';

/** A recorded silence is waited out; no other deadline is met, so that one may be long. */
const ANSWER_MS = { silent: 2_000, other: 20_000 };
const tests = new Map((await subjectTests()).map((each) => [each.id, each]));

let chain: Chain;
beforeAll(async () => {
  chain = await startMemoryChain();
});
afterAll(() => chain.close());

describe.concurrent.each(recordedNodes.map((node) => [node.node, node] as const))(
  '%s, played back',
  (_, node) => {
    test.each(replayable(node))('%s', async (_, recorded) => {
      const { result, departures } = await replay(node, recorded);
      expect(departures).toEqual([]);
      const { verdict, requirement, step } = recorded;
      expect(result, result.message).toMatchObject({
        verdict,
        ...(requirement !== undefined && { requirement }),
        ...(step !== undefined && { step }),
      });
    });
  },
);

describe('a recording that was changed', () => {
  const [node] = recordedNodes;
  const caseOf = (id: string): Recorded =>
    replayable(node!).find(([each]) => each === id)?.[1] ?? expect.fail(`${id} is not kept`);

  test('comes to another verdict by what the node says', async () => {
    const { result } = await replay(node!, changed(caseOf('bolt01/ping#zeros[a-block]'), 'in', '0013000101'));
    expect(result).toMatchObject({ verdict: 'warn', requirement: 'bolt01-ping-06' });
  });

  test('is noticed by what we say', async () => {
    const { departures } = await replay(node!, changed(caseOf('bolt01/ping#zeros[a-block]'), 'out', '0010'));
    expect(departures).toEqual([
      expect.stringMatching(/^connection 0: TypeError: heard \w+ instead of 0010$/),
    ]);
  });
});

type Recorded = RecordedCase & { readonly seed: string; readonly features: readonly number[] };

/** Cases of one node: those of pairs need two, and their control operations. */
function replayable(node: RecordedNode): [string, Recorded][] {
  return node.runs.flatMap(({ seed, features, cases }) =>
    cases
      .filter(({ cell }) => cell === node.node)
      .map((each): [string, Recorded] => [each.case, { ...each, seed, features }]),
  );
}

/** The case as it is now, against the node as it was. The seed, the cell and the attempt make our keys those of then. */
async function replay(
  node: RecordedNode,
  recorded: Recorded,
): Promise<{ result: CaseFinished; departures: readonly string[] }> {
  const testCase = tests.get(recorded.case);
  if (!testCase) throw new TypeError(`there is no case ${recorded.case} any more`);
  const playing = await PlayingNode.start(node, recorded);
  const { running } = playing;
  const features = new Set(recorded.features);
  const control = { ...running, addressFrom: () => running.announced, features };
  const answerMs = recorded.silent ? ANSWER_MS.silent : ANSWER_MS.other;
  const world = new World({
    name: 'played back',
    chain,
    nodes: [{ running, control, features, answerMs, blockMs: 0 }],
    end: () => Promise.resolve(),
  });
  expect(unmetNeeds(testCase, world.nodes)).toBeUndefined();
  const { seed, attempt } = recorded;
  const cell = { kind: testCase.kind, nodes: [node.node] };
  const { signal } = new AbortController();
  const result = await runCase({ test: testCase, cell, attempt, alone: false, world, seed, signal });
  await playing.stop();
  return { result, departures: playing.departures };
}

/** With another last message in one direction. */
function changed(recorded: Recorded, dir: RecordedEntry['dir'], hex: string): Recorded {
  const at = recorded.transcript.findLastIndex((entry) => entry.dir === dir);
  return {
    ...recorded,
    transcript: recorded.transcript.map((entry, i) => (i === at ? { ...entry, hex } : entry)),
  };
}
