import { createHash } from 'node:crypto';
import type { LoadedSuite } from '../suite/load.ts';
import type { Plan } from './plan.ts';
import type { SourceNode } from './node-sources.ts';

export interface Hashed extends Pick<Plan, 'cells' | 'cases' | 'seed'> {
  readonly boltgrid: string;
  readonly nodes: readonly SourceNode[];
  readonly suites: readonly LoadedSuite[];
}

/**
 * sha256 in hex over what decides which tests are run and what they do, in canonical order. Neither paths, nor what this machine
 * cannot run, nor the order in which things were found are in it.
 */
export function planHash({ boltgrid, seed, nodes, cells, cases, suites }: Hashed): string {
  const canonical = {
    boltgrid,
    seed,
    nodes: sorted(
      nodes.map(({ plan, manifestSha256 }) => [
        plan.id,
        plan.profile,
        manifestSha256,
        plan.substitute.image ?? plan.substitute.program ?? null,
      ]),
    ),
    cells: sorted(
      cells.map(({ cell, kind, world, only }) => [
        cell,
        kind,
        world ?? 'embedded',
        only ? [...only].sort() : null,
      ]),
    ),
    cases: sorted(cases.map(({ id, kind }) => [id, kind])),
    suites: sorted(suites.map(({ suite, sha256 }) => [suite.id, sha256])),
  };
  return createHash('sha256').update(JSON.stringify(canonical)).digest('hex');
}

const sorted = (rows: readonly (readonly unknown[])[]): string[] =>
  rows.map((row) => JSON.stringify(row)).sort();
