import { parseNodeId } from '../../core/ids.ts';
import {
  featuresHex,
  identityFacts,
  imageTail,
  otherBuildsText,
  shortDigest,
  shownFeatures,
} from '../identity.ts';
import type { Report, ReportNode } from '../schema.ts';

/** A node's name in parts, for heads that break it over lines. */
export function nameOfNode(id: string): { implementation: string; version: string; profile: string | null } {
  const { implementation, version, profile } = parseNodeId(id) ?? {
    implementation: id,
    version: '',
    profile: '',
  };
  return { implementation, version, profile: profile === 'default' || profile === '' ? null : profile };
}

/** The head of a node's column: what it says of itself, and what it was made from. */
export function headOfNode(id: string, node: ReportNode | undefined): Record<string, unknown> {
  const made = node?.image?.digest ?? node?.build;
  return {
    ...nameOfNode(id),
    started: node?.started === true,
    reported: node?.reported ?? null,
    imageTail: node?.image ? imageTail(node.image.reference) : null,
    image: node?.image?.reference ?? null,
    buildShort: made === undefined ? null : shortDigest(made),
    build: made ?? null,
    builds: node?.otherBuilds === undefined ? null : node.otherBuilds.length + 1,
  };
}

/** Everything that is known of a node. */
export function aboutNode(node: ReportNode, at: number, { cells }: Report): Record<string, unknown> {
  const more = node.features.length - shownFeatures(node).length;
  return {
    ...{ at, id: node.id },
    note: node.note ?? null,
    absent: node.started
      ? null
      : (cells.find(({ nodes }) => nodes.includes(node.id))?.cannotRun ?? 'never started'),
    builds: otherBuildsText(node) ?? null,
    facts: identityFacts(node).map((fact) => ({ ...fact, flags: fact.name === 'flags' })),
    features: shownFeatures(node).map(({ bit, name }) => ({
      bit,
      name: name ?? '',
      kind: bit % 2 === 0 ? 'compulsory' : 'optional',
    })),
    moreFeatures: more > 0 ? more : null,
    bitmap: featuresHex(node) ?? null,
  };
}
