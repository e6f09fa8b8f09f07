import { join } from 'node:path';
import { BoltgridError } from '../core/error.ts';
import type { PlannedNode } from '../matrix/plan.ts';
import { loadManifest } from '../nodes/manifest.ts';
import { resolveNode, type NodePlan } from '../nodes/resolve.ts';
import { startNode, type StartOptions } from '../nodes/start.ts';
import type { WorldOptions } from './ground.ts';
import { derive } from './secrets.ts';
import { introduce, type WorldNode } from './world.ts';

/** The node's surroundings: its runtime, and the chain as its program reaches it. */
export type Surroundings = Pick<StartOptions, 'runtime' | 'chain' | 'electrum'>;

/** A node of a plan, started and asked for its features. */
export async function startPlanned(
  node: PlannedNode,
  surroundingsOf: (plan: NodePlan, name: string) => Promise<Surroundings>,
  options: WorldOptions,
): Promise<WorldNode> {
  const startedAt = performance.now();
  if (node.failure !== undefined) {
    throw new BoltgridError('node.no-image', 'setup', `${node.id}: ${node.failure}`);
  }
  options.onStarting(node.id);
  const plan = resolveNode(loadManifest(node.manifest), node.version, node.profile, node.substitute);
  const name = placeName(node.id, options.name);
  const surroundings = await surroundingsOf(plan, name);
  const running = await startNode({
    plan,
    ...surroundings,
    ...(surroundings.runtime.kind === 'docker' && node.image && { image: node.image }),
    name,
    folder: join(options.folder, name),
    seed: derive(options.seed, 'node', options.keys, node.id),
    signal: options.signal,
  });
  const started = await introduce(running, plan.timing, options.signal);
  const startMs = Math.round(performance.now() - startedAt);
  options.onStarted(started, startMs);
  return { ...started, startMs };
}

/** `lnd-0-21-2-fast-3-1`: for folders and containers. A label of a host name without dots, which could make it look like an address. */
export const placeName = (id: string, world: string): string => `${id}-${world}`.replace(/[^a-z0-9]+/gi, '-');
