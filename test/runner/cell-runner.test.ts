import { expect, test } from 'vitest';
import type { Chain } from '../../src/chain/chain.ts';
import { BoltgridError } from '../../src/core/error.ts';
import type { CaseFinished } from '../../src/journal/events.ts';
import { CellRunner } from '../../src/runner/cell-runner.ts';
import { KeptWorlds } from '../../src/runner/kept-worlds.ts';
import { World, type WorldNode } from '../../src/runner/world.ts';
import { loadSuites } from '../../src/suite/load.ts';
import type { ChainMode, TestCase } from '../../src/suite/types.ts';
import { fixture } from '../nodes/drivers.ts';

const CHAIN_DIED = new BoltgridError('chain.died', 'setup', 'bitcoind ended, with code 1', {
  details: { logTail: ['no space left on device'] },
});

/** A runner of one cell on worlds that are made here, and what comes of its cases. */
function runnerOn(worldOf: () => World, tests: ReadonlyMap<string, TestCase>, cases: readonly string[]) {
  const finished: CaseFinished[] = [];
  const runner = new CellRunner(
    {
      setup: { suites: [], seed: 'seed', runFolder: '/nowhere', keep: false },
      tests,
      tell: (message) => {
        if (message.type === 'event' && message.event.event === 'case-finished') finished.push(message.event);
      },
      signal: new AbortController().signal,
      groundOf: () => ({ start: () => Promise.resolve(worldOf()), end: () => Promise.resolve() }),
      kept: new KeptWorlds(() => undefined),
    },
    {
      id: 0,
      cell: { cell: 'some@1', kind: 'subject', nodes: [], world: 'docker' },
      nodes: [],
      cases,
      expected: {},
      isolate: false,
      attempt: 1,
    },
  );
  return { runner, finished };
}

test('a cell whose worlds die before any of its cases can begin is given up, and says why', async () => {
  const [faults] = await loadSuites([fixture('suites/faults/faults.ts')]);
  const tests = new Map(faults?.suite.tests.map((one) => [one.id, one]));
  const cases = [...tests.keys()].filter((id) => id.includes('passes'));
  let worlds = 0;
  let ended = 0;
  const worldOf = (): World => {
    worlds += 1;
    return new World({
      name: 'world',
      chain: {} as Chain,
      nodes: [],
      chainLost: Promise.resolve(CHAIN_DIED),
      end: () => {
        ended += 1;
        return Promise.resolve();
      },
    });
  };
  const { runner, finished } = runnerOn(worldOf, tests, cases);
  await runner.run();
  expect(finished.map(({ case: id, verdict }) => [id, verdict])).toEqual(
    cases.map((id) => [id, 'setup-error']),
  );
  expect(finished[0]).toMatchObject({
    blame: 'setup',
    message: 'bitcoind ended, with code 1',
    logTail: ['no space left on device'],
  });
  expect(ended).toBe(worlds);
});

test('cases that touch no chain come first, and a world that many channels were left in is retired', async () => {
  const runs: string[][] = [];
  const one = (chain: ChainMode, index: number): TestCase =>
    ({
      id: `${chain}${index}`,
      kind: 'subject',
      chain,
      requirements: ['bolt01-ping-08'],
      needs: {},
      deadlineMs: 1000,
      run: () => {
        runs.at(-1)?.push(chain);
        return Promise.resolve();
      },
    }) as unknown as TestCase;
  const all = Array.from({ length: 400 }, (_, index) => one(index % 8 === 0 ? 'none' : 'confirm', index));
  const node = {
    running: { operations: new Set(), exited: new Promise(() => undefined), identity: {} },
    control: {},
    features: new Set(),
  } as unknown as WorldNode;
  const worldOf = (): World => {
    runs.push([]);
    const end = (): Promise<void> => Promise.resolve();
    return new World({ name: 'world', chain: {} as Chain, nodes: [node], end });
  };
  const { runner, finished } = runnerOn(
    worldOf,
    new Map(all.map((test) => [test.id, test])),
    all.map(({ id }) => id),
  );
  await runner.run();
  expect(new Set(finished.map(({ verdict }) => verdict))).toEqual(new Set(['pass']));
  const repeat = (times: number, mode: ChainMode): ChainMode[] => Array.from({ length: times }, () => mode);
  expect(runs).toEqual([[...repeat(50, 'none'), ...repeat(250, 'confirm')], repeat(100, 'confirm')]);
});
