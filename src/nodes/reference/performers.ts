import type { ReferenceNode } from '../../reference/node.ts';
import type { OperationName, OperationParams, OperationResult } from '../operations.ts';

type Performer<O extends OperationName> = (
  node: ReferenceNode,
  params: OperationParams<O>,
) => Promise<OperationResult<O>> | OperationResult<O>;

/** How the reference node does what it is asked for. */
export type Performers<Names extends OperationName = OperationName> = {
  readonly [O in Names]?: Performer<O>;
};
