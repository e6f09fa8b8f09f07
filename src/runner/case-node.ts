import { BoltgridError } from '../core/error.ts';
import { isControlOperation, type OperationName } from '../nodes/operations.ts';
import type { ChainMode, NodeControl } from '../suite/types.ts';
import type { World, WorldNode } from './world.ts';

/** What would disturb the cases beside it. */
const LIFE: ReadonlySet<OperationName> = new Set(['stop', 'start', 'snapshot', 'restore']);

/** What outlasts the case. */
const WEARS: ReadonlySet<OperationName> = new Set(['restore', 'setFeerate', 'setIdentity']);

/** A node of a world, as one case sees it. */
export function caseNode(
  world: World,
  { running, control }: Pick<WorldNode, 'running' | 'control'>,
  mode: ChainMode,
): NodeControl {
  const isUp = (): boolean => world.nodesUp.some((node) => node.running === running);
  return {
    ...control,
    call: async (operation, params) => {
      if (LIFE.has(operation) && mode !== 'owns') throw notAlone(operation, mode);
      if (isControlOperation(operation) && !isUp()) throw asleep(operation, running.id);
      if (WEARS.has(operation)) world.wear();
      const ask = () => control.call(operation, params);
      if (operation === 'stop') return world.stopNode(running, ask);
      return operation === 'start' ? world.startNode(running, ask) : ask();
    },
  };
}

const notAlone = (operation: OperationName, mode: ChainMode): BoltgridError =>
  new BoltgridError('suite.chain-mode', 'harness', `${operation} in a case that declares chain: '${mode}'`, {
    hint: "Declare chain: 'owns', for a world of its own.",
  });

const asleep = (operation: OperationName, node: string): BoltgridError =>
  new BoltgridError('suite.node-stopped', 'harness', `${operation}: the case has stopped ${node}`, {
    hint: 'Start it first.',
  });
