import { describe, expect, test } from 'vitest';
import { DEFAULT_RULES } from '../../../src/reference/rules.ts';
import { allMutants, inArea, matches, subjectTests } from '../all.ts';
import { ReferenceWorld } from '../reference-world.ts';

/** A mutant that breaks most of the node would be found out by anything, and so would show nothing. */
const NARROW = 0.9;

const tests = await subjectTests();
const mutants = (await allMutants()).filter(({ kills }) => kills.some(inArea));

describe('at least nine in ten unrelated cases pass on a mutant', () => {
  test.each(mutants.map((mutant) => [mutant.name, mutant] as const))(
    '%s',
    async (_name, mutant) => {
      // Cases that judge the broken requirement may find it out, too, named or not.
      const unrelated = tests.filter(
        (each) => !mutant.kills.some((id) => matches(each, id)) && !each.requirements.includes(mutant.breaks),
      );
      const world = await ReferenceWorld.start(mutant.change(DEFAULT_RULES));
      try {
        const results = [];
        for (const each of unrelated) results.push(await world.run(each));
        const red = results.filter(({ verdict }) => verdict !== 'pass');
        const share = 1 - red.length / unrelated.length;
        expect(
          share,
          `red: ${red.map((result) => `${result.case} ${result.verdict}`).join(', ')}`,
        ).toBeGreaterThanOrEqual(NARROW);
      } finally {
        await world.stop();
      }
    },
    300_000,
  );
});
