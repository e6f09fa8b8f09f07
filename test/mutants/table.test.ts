import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_RULES } from '../../src/reference/rules.ts';
import { formatKills, KILLS_FILE } from '../../src/spec/kills.ts';
import { requirement } from '../../src/spec/registry.ts';
import type { CaseFinished } from '../../src/journal/events.ts';
import { allMutants, inArea, matches, subjectTests } from './all.ts';
import { printTable, type Kill } from './print.ts';
import { ReferenceWorld } from './reference-world.ts';

const tests = (await subjectTests()).filter(({ caseId }) => inArea(caseId));
const mutants = (await allMutants()).filter(({ kills }) => kills.some(inArea));
const kills: Kill[] = [];

describe('every case passes on the reference node', () => {
  let world: ReferenceWorld;
  beforeAll(async () => {
    world = await ReferenceWorld.start();
  });
  afterAll(() => world.stop());

  test.each(tests.map((each) => [each.id, each] as const))('%s', async (_id, testCase) => {
    const result = await world.run(testCase);
    expect(result.verdict, explain(result)).toBe('pass');
  });
});

describe('every mutant is found out by the cases that it names', () => {
  test.each(mutants.map((mutant) => [mutant.name, mutant] as const))('%s', async (_name, mutant) => {
    requirement(mutant.breaks);
    const world = await ReferenceWorld.start(mutant.change(DEFAULT_RULES));
    try {
      for (const id of mutant.kills) {
        const named = tests.filter((testCase) => matches(testCase, id));
        expect(named, `no case ${id}`).not.toEqual([]);
        const results = await Promise.all(named.map((testCase) => world.run(testCase)));
        const killed = results.find((result) => isKill(result, mutant.breaks));
        expect(
          killed,
          `${id} does not find it out at ${mutant.breaks}: ${results.map(explain).join('; ')}`,
        ).toBeDefined();
        const check = killed?.checks.find(({ ok, requirement: id }) => !ok && id === mutant.breaks);
        kills.push({
          case: id,
          mutant: mutant.name,
          requirement: mutant.breaks,
          step: check?.step ?? killed?.step ?? '',
        });
      }
    } finally {
      await world.stop();
    }
  });
});

test('no case is without a mutant that it kills', () => {
  const killing = new Set(
    kills.flatMap(({ case: id }) => tests.filter((each) => matches(each, id)).map(({ caseId }) => caseId)),
  );
  printTable(kills);
  expect([...new Set(tests.map(({ caseId }) => caseId))].filter((caseId) => !killing.has(caseId))).toEqual(
    [],
  );
});

// Of the part of the table that is run by hand it cannot be said.
test.skipIf(process.env.MUTANTS)(
  'src/spec/kills.json says which requirements are judged; `npm run kills` writes it',
  async () => {
    await expect(formatKills(kills)).toMatchFileSnapshot(KILLS_FILE);
  },
);

test('names of mutants are unique', () => {
  expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length);
});

/** A kill: red or yellow, at a check of the very requirement that is broken. */
function isKill(result: CaseFinished, requirementId: string): boolean {
  const decided = result.verdict === 'fail' || result.verdict === 'warn';
  return decided && result.checks.some(({ ok, requirement: id }) => !ok && id === requirementId);
}

function explain({ case: id, verdict, message, got }: CaseFinished): string {
  return `${id}: ${verdict} (${message ?? ''}; got ${JSON.stringify(got)})`;
}
