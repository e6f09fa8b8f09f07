import { z } from 'zod';
import type { NodeId } from '../core/ids.ts';

/**
 * `matrix.json`: what is run against what. Paths in it are relative to its folder. `known` are the ids of the nodes that the
 * manifests offer; without them any text is taken for an id.
 */
export function matrixSchema(known?: readonly NodeId[]) {
  const node = known
    ? z.enum(known, { error: ({ input }) => `unknown node ${JSON.stringify(input)}` })
    : z
        .string()
        .describe(
          'implementation@version, with +profile when it is not the default one: ldk@0.1.2, lnd@0.21.2+zeroconf',
        );
  const path = z.string().min(1);
  return z.strictObject({
    $schema: z.string().optional(),
    images: z
      .array(path)
      .min(1)
      .optional()
      .describe(
        'Folders with one folder per implementation, each with its node.json, beside those that come with boltgrid; "images" when absent',
      ),
    nodes: z
      .array(node)
      .min(1)
      .refine(distinct, 'a node is listed twice')
      .describe('In the order of the columns of the grid'),
    chain: z
      .string()
      .regex(/^[a-z][a-z0-9-]*@[0-9A-Za-z][0-9A-Za-z.-]*$/)
      .optional()
      .describe('The bitcoind of cells in Docker: bitcoind@29.4; the first one that is present when absent'),
    suites: z
      .array(path)
      .min(1)
      .describe(
        'Suite files, folders of them, or names of what is in the folder "suites" or comes with boltgrid: bolt01, bolt01/ping',
      ),
    pairs: z
      .union([z.enum(['all', 'none']), z.array(z.tuple([node, node])).min(1)])
      .optional()
      .describe(
        'Which nodes are run against each other: all in both orders (when absent), none, or [opener, other] each',
      ),
  });
}

export type Matrix = z.infer<ReturnType<typeof matrixSchema>>;

const distinct = (nodes: readonly string[]): boolean => new Set(nodes).size === nodes.length;

/** As published in `schemas/matrix.schema.json`. */
export const matrixJsonSchema = (): object => ({
  title: 'matrix.json of boltgrid',
  ...z.toJSONSchema(matrixSchema(), { io: 'input', unrepresentable: 'throw', target: 'draft-7' }),
});
