/**
 * How things are named.
 *
 * - node: `ldk@0.1.2`, `lnd@0.21.2+zeroconf` (implementation @ version + profile, when it is not the default one)
 * - case: `bolt01/ping#asked-length`, with a parameter `bolt01/ping#asked-length[65531]`
 * - cell: `ldk@0.1.2` (subject), `ldk@0.1.0 -> ldk@0.1.2` (ordered pair), `lnd@0.20.2 => lnd@0.21.2` (upgrade)
 */
export type NodeId = string;
export type CaseId = string;
export type CellId = string;

export type CellKind = 'subject' | 'pair' | 'upgrade';

export interface Cell {
  readonly kind: CellKind;
  /** One node for a subject; two, in order, for a pair (opener first) and an upgrade (old first). */
  readonly nodes: readonly NodeId[];
}

const JOINT: Readonly<Record<CellKind, string>> = { subject: '', pair: ' -> ', upgrade: ' => ' };

export const cellId = (cell: Cell): CellId => cell.nodes.join(JOINT[cell.kind]);

export interface NodeName {
  readonly implementation: string;
  readonly version: string;
  readonly profile: string;
}

export const DEFAULT_PROFILE = 'default';

export function nodeId({ implementation, version, profile }: NodeName): NodeId {
  return `${implementation}@${version}${profile === DEFAULT_PROFILE ? '' : `+${profile}`}`;
}

/** `undefined` where the text is no node id. */
export function parseNodeId(id: string): NodeName | undefined {
  const match = /^([a-z][a-z0-9-]*)@([0-9A-Za-z][0-9A-Za-z.-]*)(?:\+([a-z][a-z0-9-]*))?$/.exec(id);
  if (!match) return undefined;
  const [, implementation = '', version = '', profile = DEFAULT_PROFILE] = match;
  return { implementation, version, profile };
}
