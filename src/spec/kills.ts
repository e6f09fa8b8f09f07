import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { parseJson } from '../core/zod-errors.ts';
import type { RequirementId } from './requirement.ts';

/**
 * Which cases were shown to judge which requirement: run on the reference node with that one requirement broken, each of them fails at
 * a check of it. test/mutants/table.test.ts holds the file to what the mutants show, and writes it.
 */
export type Kills = ReadonlyMap<RequirementId, readonly string[]>;

/** In the sources and in the package it lies beside this module. */
export const KILLS_FILE = fileURLToPath(new URL('kills.json', import.meta.url));

/** Ids of cases without `[parameter]`. */
const killsSchema = z.record(z.string(), z.array(z.string()).nonempty());

/** Throws `spec.not-json`, `spec.invalid`. */
export function readKills(file: string = KILLS_FILE): Kills {
  return new Map(Object.entries(parseJson('spec', file, readFileSync(file, 'utf8'), killsSchema)));
}

/** One line for each requirement, whatever the order in which the pairs were found. */
export function formatKills(
  pairs: Iterable<{ readonly case: string; readonly requirement: RequirementId }>,
): string {
  const cases = new Map<RequirementId, Set<string>>();
  for (const { case: id, requirement } of pairs) {
    const known = cases.get(requirement) ?? new Set();
    cases.set(requirement, known.add(id.replace(/\[.*\]$/s, '')));
  }
  const lines = [...cases]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([requirement, ids]) => `${JSON.stringify(requirement)}: ${JSON.stringify([...ids].sort())}`);
  return `{\n${lines.join(',\n')}\n}\n`;
}
