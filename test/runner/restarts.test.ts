import { beforeAll, describe, expect, test } from 'vitest';
import type { CaseFinished } from '../../src/journal/events.ts';
import { runFixture } from './run-fixture.ts';

describe('a node that a case stops and starts', () => {
  let results: ReadonlyMap<string, CaseFinished>;
  const of = (slug: string): CaseFinished | undefined => results.get(`faults/restarts#${slug}`);

  beforeAll(async () => {
    ({ results } = await runFixture({ suites: ['faults/restarts.ts'] }));
  });

  test('goes on at its address, while blocks did not wait for it', () => {
    expect(of('comes-back')).toMatchObject({ verdict: 'pass', attempt: 1 });
  });

  test('can be put back to an earlier state', () => {
    expect(of('old-state')).toMatchObject({ verdict: 'pass', attempt: 1 });
  });

  test('has crashed when it does not come up again, and the end of its log says why', () => {
    expect(of('stays-away')).toMatchObject({ verdict: 'crashed', blame: 'node' });
    expect(of('stays-away')?.message).toContain('did not start again');
    expect(of('stays-away')?.logTail?.join('\n')).toContain('the database is damaged');
  });

  test('has not crashed when the case fails while it is down', () => {
    expect(of('fails-while-down')).toMatchObject({ verdict: 'fail', step: 'something that never is' });
  });

  test('has crashed when it ends by itself afterwards', () => {
    expect(of('dies-later')).toMatchObject({ verdict: 'crashed', blame: 'node' });
  });

  test('is not stopped where other cases may be running', () => {
    expect(of('beside')).toMatchObject({ verdict: 'harness-error', blame: 'harness' });
  });
});
