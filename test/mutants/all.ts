import { fileURLToPath } from 'node:url';
import { readdir } from 'node:fs/promises';
import type { Mutant } from './mutant.ts';
import { loadSuites } from '../../src/suite/load.ts';
import type { TestCase } from '../../src/suite/types.ts';

const NOT_MUTANTS = new Set(['mutant.ts', 'all.ts', 'reference-world.ts', 'print.ts']);

/** Every mutant of this folder: each file exports `mutants`. */
export async function allMutants(): Promise<Mutant[]> {
  const files = (await readdir(new URL('.', import.meta.url))).filter(
    (file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !NOT_MUTANTS.has(file),
  );
  const modules = await Promise.all(
    files.sort().map((file) => import(`./${file}`) as Promise<{ mutants: Mutant[] }>),
  );
  return modules.flatMap(({ mutants }) => mutants);
}

/** Every test of our suites that judges one node. */
export async function subjectTests(): Promise<TestCase[]> {
  const loaded = await loadSuites([fileURLToPath(new URL('../../suites', import.meta.url))]);
  return loaded.flatMap(({ suite }) => suite.tests).filter(({ kind }) => kind === 'subject');
}

/** `MUTANTS=bolt08` limits a run by hand to cases of that area. */
export const inArea = (id: string): boolean => id.startsWith(process.env.MUTANTS ?? '');

export const matches = (test: TestCase, id: string): boolean => test.id === id || test.caseId === id;
