import { describe, expect, test } from 'vitest';
import { runFixture } from './run-fixture.ts';

describe('faults of a suite are its own', () => {
  test('each gets the verdict that is true of it, and the rest goes on', async () => {
    const { results, outcome } = await runFixture({
      suites: ['faults/faults.ts'],
      cases: (id) => !/kills-node|beside/.test(id),
    });
    const verdicts = Object.fromEntries(
      [...results].map(([id, { verdict }]) => [id.replace('faults/suite#', ''), verdict]),
    );
    expect(verdicts).toEqual({
      'passes[one]': 'pass',
      'passes[two]': 'pass',
      'passes[three]': 'pass',
      throws: 'harness-error',
      fails: 'fail',
      'judges-other': 'harness-error',
      'own-deadline': 'harness-error',
      undrivable: 'undrivable',
      unsupported: 'unsupported',
    });
    expect(outcome).toEqual({ reason: 'complete', notRun: 0 });
    expect(results.get('faults/suite#fails')).toMatchObject({
      attempt: 2,
      world: 'alone',
      requirement: 'bolt01-ping-08',
      step: 'expect pong',
      expected: 'pong',
      got: 'nothing within 200 ms',
      blame: 'node',
    });
    expect(results.get('faults/suite#undrivable')?.message).toContain('neither channels nor a chain');
  });

  test('a departure that is known is not run again, another one of the same case is', async () => {
    const known = { requirement: 'bolt01-ping-08', step: 'expect pong' };
    const attempts = async (...expected: (typeof known)[]) => {
      const { results } = await runFixture({
        suites: ['faults/faults.ts'],
        cases: (id) => id === 'faults/suite#fails',
        request: { expected: () => expected },
      });
      return results.get('faults/suite#fails')?.attempt;
    };
    expect(await attempts(known)).toBe(1);
    expect(await attempts({ ...known, step: 'ping and pong' })).toBe(2);
    expect(await attempts({ ...known, requirement: 'bolt01-ping-07' }, known)).toBe(1);
  });

  test('a case that ends the worker or blocks it is found, and the others are judged', async () => {
    const { results, outcome } = await runFixture({
      suites: ['faults/worker.ts'],
      request: { silenceMs: 4000 },
    });
    expect(results.get('faults/worker#exits')).toMatchObject({ verdict: 'harness-error', blame: 'harness' });
    expect(results.get('faults/worker#exits')?.message).toContain('exited with code 3');
    expect(results.get('faults/worker#loops')).toMatchObject({ verdict: 'harness-error', blame: 'harness' });
    expect(results.get('faults/worker#loops')?.message).toContain('was stuck');
    for (const key of ['one', 'two', 'three']) {
      expect(results.get(`faults/worker#passes[${key}]`)?.verdict).toBe('pass');
    }
    expect(outcome).toEqual({ reason: 'complete', notRun: 0 });
  }, 120_000);
});

describe('a node that dies', () => {
  test('the case that kills it is found among those in flight, the others are acquitted', async () => {
    const { results } = await runFixture({
      suites: ['faults/faults.ts'],
      cases: (id) => /kills-node|beside|passes/.test(id),
    });
    expect(results.get('faults/suite#kills-node')).toMatchObject({
      verdict: 'crashed',
      attempt: 2,
      world: 'alone',
    });
    for (const id of ['beside[one]', 'beside[two]', 'passes[one]', 'passes[two]', 'passes[three]']) {
      expect(results.get(`faults/suite#${id}`)?.verdict, id).toBe('pass');
    }
  });

  test.each([
    ['exits', 'cannot open the database'],
    ['hangs', 'did not start'],
  ])(
    'at start (%s): setup-error for its cell with the end of its log, and the other cell is judged',
    async (profile, said) => {
      const { events } = await runFixture({
        suites: ['faults/faults.ts'],
        profiles: [profile, 'default'],
        cases: (id) => id.includes('passes'),
      });
      const finished = events.filter((event) => event.event === 'case-finished');
      const of = (cell: string) => finished.filter((result) => result.cell === cell);
      expect(of(`scripted@1+${profile}`).map(({ verdict }) => verdict)).toEqual(
        Array.from({ length: 3 }, () => 'setup-error'),
      );
      expect(JSON.stringify(of(`scripted@1+${profile}`)[0])).toContain(said);
      expect(of('scripted@1').map(({ verdict }) => verdict)).toEqual(Array.from({ length: 3 }, () => 'pass'));
    },
  );
});

describe('a run that is cut short', () => {
  test('cancelled: ends its nodes, says how much is left, and writes nothing of what was in flight', async () => {
    const cancel = new AbortController();
    const { outcome, events } = await runFixture({
      suites: ['faults/faults.ts'],
      cases: (id) => /passes|own-deadline/.test(id),
      request: {
        signal: cancel.signal,
        onProgress: (event) => {
          if (event.type === 'case-started' && event.case.includes('own-deadline')) cancel.abort();
        },
      },
    });
    expect(outcome.reason).toBe('cancelled');
    expect(outcome.notRun).toBeGreaterThan(0);
    expect(
      events.filter((event) => event.event === 'case-finished' && event.case.includes('own-deadline')),
    ).toEqual([]);
  });

  test('fail-fast: stops at the first case that stays red', async () => {
    const { outcome } = await runFixture({
      suites: ['faults/faults.ts'],
      cases: (id) => /#fails|#throws/.test(id),
      request: { failFast: true, workers: 1 },
    });
    expect(outcome.reason).toBe('fail-fast');
  });

  test('a journal that cannot be written ends the run with that error', async () => {
    const full = new Error('no space left');
    const run = runFixture({
      suites: ['faults/faults.ts'],
      cases: (id) => id.includes('passes'),
      request: { journal: { append: () => Promise.reject(full) } },
    });
    await expect(run).rejects.toBe(full);
  });
});
