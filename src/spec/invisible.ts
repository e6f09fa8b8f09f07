import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { parseJson } from '../core/zod-errors.ts';
import type { RequirementId } from './requirement.ts';

/**
 * Why nobody outside a node can see whether it keeps a requirement. An outside observer is a peer that sends any bytes, the chain, what
 * the node says when it is operated, and its logs where they speak to its user.
 */
export const INVISIBLE_REASONS = {
  definition: 'It defines a word, a format or a computation; whoever breaks it breaks another requirement.',
  intention: 'It is about what the node knows, means or expects, which nothing that it does tells.',
  storage:
    'It is about what the node keeps for itself, of which nothing that it does later depends in a way that can be told.',
  secret: 'It is about how a secret or a random value is made or kept, which its values do not show.',
  choice:
    'It asks for a value or an act that is sufficient or reasonable, and leaves the measure to the node.',
  unreachable: 'What it speaks of cannot be brought about: no peer, chain or operation gets a node there.',
  alternative: 'Other conduct that the same section allows looks the same from outside.',
  people: 'It is about people or programs other than the node, or about how it is presented to them.',
} as const satisfies Record<string, string>;

export type InvisibleReason = keyof typeof INVISIBLE_REASONS;

export interface Invisible {
  readonly reason: InvisibleReason;
  /** What holds of this requirement in particular. */
  readonly because: string;
}

export interface InvisibleIndex {
  /** Documents of which every requirement that no case covers was looked at. Of others nothing is known to be invisible. */
  readonly reviewed: readonly string[];
  readonly requirements: ReadonlyMap<RequirementId, Invisible>;
}

/** In the sources and in the package it lies beside this module. */
export const INVISIBLE_FILE = fileURLToPath(new URL('invisible.json', import.meta.url));

const reasonNames = Object.keys(INVISIBLE_REASONS) as InvisibleReason[];

const invisibleSchema = z.strictObject({
  reviewed: z.array(z.string()),
  requirements: z.record(
    z.string(),
    z.strictObject({ reason: z.enum(reasonNames), because: z.string().min(10).max(300) }),
  ),
});

/** Throws `spec.not-json`, `spec.unknown-key`, `spec.invalid`. */
export function readInvisible(file: string = INVISIBLE_FILE): InvisibleIndex {
  const { reviewed, requirements } = parseJson('spec', file, readFileSync(file, 'utf8'), invisibleSchema);
  return { reviewed, requirements: new Map(Object.entries(requirements)) };
}
