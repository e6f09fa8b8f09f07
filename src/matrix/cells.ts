import { cellId, type CellKind } from '../core/ids.ts';
import type { PlannedCell } from './plan.ts';
import type { MatrixSources } from './sources.ts';
import type { SourceNode } from './node-sources.ts';

/** Says of each cell in which world it runs, and whether it can run here. */
export class CellPlanner {
  readonly #sources: MatrixSources;
  readonly #dockerWherePossible: boolean;

  constructor(sources: MatrixSources, dockerWherePossible: boolean) {
    this.#sources = sources;
    this.#dockerWherePossible = dockerWherePossible;
  }

  subject(node: SourceNode): PlannedCell {
    return this.#cell('subject', [node]);
  }

  pair(a: SourceNode, b: SourceNode): PlannedCell {
    return this.#cell('pair', [a, b]);
  }

  #cell(kind: CellKind, nodes: readonly SourceNode[]): PlannedCell {
    const ids = nodes.map(({ plan }) => plan.id);
    const docker = this.#isInDocker(nodes);
    const reasons = nodes.flatMap(({ plan, place }) => {
      const where = docker ? place.inDocker : place.embedded;
      if (typeof where !== 'string') return [];
      return [kind === 'subject' ? where : `${plan.id}: ${where}`];
    });
    const { chain } = this.#sources;
    if (docker && 'reason' in chain && reasons.length === 0) reasons.push(chain.reason);
    return {
      cell: cellId({ kind, nodes: ids }),
      kind,
      nodes: ids,
      ...(docker && { world: 'docker' as const }),
      ...(reasons.length > 0 && { cannotRun: [...new Set(reasons)].join('; ') }),
    };
  }

  /**
   * Where one node of a cell needs Docker all are there. It follows from the manifests, not from the machine: a node that is a process
   * whenever its package is there stays one where it is not.
   */
  #isInDocker(nodes: readonly SourceNode[]): boolean {
    if (this.#dockerWherePossible) return nodes.every(({ plan }) => plan.image !== undefined);
    return nodes.some(({ plan, place }) => place.embedded !== true && !canEmbed(plan));
  }
}

/** Whether the manifest lets the node be a process on a memory chain, on whatever machine. */
function canEmbed({ manifest, substitute, image }: SourceNode['plan']): boolean {
  const { needs, run } = manifest.data;
  if (substitute.image !== undefined) return false;
  if (needs.chain !== 'memory' && needs.chain !== 'none') return false;
  return substitute.program !== undefined || ('driver' in run && (!image || 'bundle' in run.driver));
}
