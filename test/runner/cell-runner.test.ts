import { expect, test } from 'vitest';
import type { Chain } from '../../src/chain/chain.ts';
import { BoltgridError } from '../../src/core/error.ts';
import type { CaseFinished } from '../../src/journal/events.ts';
import { CellRunner } from '../../src/runner/cell-runner.ts';
import { KeptWorlds } from '../../src/runner/kept-worlds.ts';
import { World } from '../../src/runner/world.ts';
import { loadSuites } from '../../src/suite/load.ts';
import { fixture } from '../nodes/drivers.ts';

const CHAIN_DIED = new BoltgridError('chain.died', 'setup', 'bitcoind ended, with code 1', {
  details: { logTail: ['no space left on device'] },
});

test('a cell whose worlds die before any of its cases can begin is given up, and says why', async () => {
  const [faults] = await loadSuites([fixture('suites/faults/faults.ts')]);
  const tests = new Map(faults?.suite.tests.map((one) => [one.id, one]));
  const cases = [...tests.keys()].filter((id) => id.includes('passes'));
  const finished: CaseFinished[] = [];
  let worlds = 0;
  let ended = 0;
  const ground = {
    start: () => {
      worlds += 1;
      return Promise.resolve(
        new World({
          name: 'world',
          chain: {} as Chain,
          nodes: [],
          chainLost: Promise.resolve(CHAIN_DIED),
          end: () => {
            ended += 1;
            return Promise.resolve();
          },
        }),
      );
    },
    end: () => Promise.resolve(),
  };
  const runner = new CellRunner(
    {
      setup: { suites: [], seed: 'seed', runFolder: '/nowhere', keep: false },
      tests,
      tell: (message) => {
        if (message.type === 'event' && message.event.event === 'case-finished') finished.push(message.event);
      },
      signal: new AbortController().signal,
      groundOf: () => ground,
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
