import type { ReportNode } from './schema.ts';
import { durationText } from './value.ts';

/** What a node was in this run, as every format shows it: text of bounded length, the most telling first. */
export interface IdentityFact {
  readonly name: string;
  readonly text: string;
  /** Made to be copied: a digest, a reference, flags. */
  readonly exact: boolean;
}

const MOST_CHARACTERS = 400;
const MOST_FLAGS = 100;
const MOST_FEATURES = 200;
const MOST_BUILDS = 5;

export function identityFacts(node: ReportNode): IdentityFact[] {
  const { reported, image, build, argv, publicKey } = node;
  const fact = (name: string, text: string | undefined, exact = false): IdentityFact[] =>
    text === undefined || text === '' ? [] : [{ name, text, exact }];
  return [
    ...fact('says of itself', reported && cut(reported)),
    ...fact('image', image && cut(image.reference), true),
    ...fact('digest', image && cut(image.digest), true),
    ...fact('build', build === undefined || build === image?.digest ? undefined : cut(build), true),
    ...fact('flags', flagsText(argv), true),
    ...fact('public key', publicKey && cut(publicKey), true),
    ...fact('started', startedText(node)),
  ];
}

/** `sha256:1c21cdb92ce2…` → `1c21cdb92ce2`, as Docker shortens it. */
export const shortDigest = (digest: string): string => digest.replace(/^sha256:/, '').slice(0, 12);

/** `lightninglabs/lnd:v0.21.2-beta` → `lnd:v0.21.2-beta` */
export const imageTail = (reference: string): string =>
  cut(
    reference
      .replace(/@sha256:.*$/, '')
      .split('/')
      .at(-1) ?? reference,
    80,
  );

/** The program and its flags, one a line. */
const flagsText = (argv: readonly string[] = []): string =>
  [...argv.slice(0, MOST_FLAGS), ...(argv.length > MOST_FLAGS ? [`… ${argv.length - MOST_FLAGS} more`] : [])]
    .map((flag) => cut(flag, 200))
    .join('\n');

/** `2026-11-20 02:00:07 UTC, up after 8.1 s`; with several starts, what the longest took. */
function startedText({
  startedAt,
  startMs,
  starts,
}: Pick<ReportNode, 'startedAt' | 'startMs' | 'starts'>): string | undefined {
  if (startedAt === undefined || startMs === undefined) return undefined;
  const when = `${startedAt.slice(0, 19).replace('T', ' ')} UTC`;
  return starts > 1
    ? `${starts} times, first ${when}, each up after ${durationText(startMs)} at most`
    : `${when}, up after ${durationText(startMs)}`;
}

/** Says so where the starts of a node were not all of one build: some cells ran it as a process, others in a container, for one. */
export function otherBuildsText({ otherBuilds = [], starts }: ReportNode): string | undefined {
  if (otherBuilds.length === 0) return undefined;
  const all = otherBuilds.reduce((sum, other) => sum + other.starts, starts);
  const others = otherBuilds.slice(0, MOST_BUILDS).map((other) => {
    const made = other.image
      ? `${imageTail(other.image.reference)} ${shortDigest(other.image.digest)}`
      : shortDigest(other.build);
    return `${made} (${other.starts}, “${cut(other.reported, 80)}”)`;
  });
  const more = otherBuilds.length - MOST_BUILDS;
  return (
    `Its cells did not all run the same build. What is shown was started ${starts} of ${all} times; ` +
    `the others were ${others.join(', ')}${more > 0 ? `, and ${more} more` : ''}.`
  );
}

export type ShownFeature = ReportNode['features'][number];

/** The features sent, as many as anyone reads. */
export const shownFeatures = ({ features }: ReportNode): readonly ShownFeature[] =>
  features.slice(0, MOST_FEATURES);

/** `option_anchors 23, 45, …` */
export function featuresText(node: ReportNode): string {
  const more = node.features.length - MOST_FEATURES;
  return [
    ...shownFeatures(node).map(({ bit, name }) => (name === undefined ? String(bit) : `${name} ${bit}`)),
    ...(more > 0 ? [`… ${more} more`] : []),
  ].join(', ');
}

/** No implementation sends more than this; longer ones are told by their bits alone. */
const MOST_BITMAP_BITS = 2048;

/** The bitmap as it was in init, big-endian in hex; `undefined` where it is empty or not one. */
export function featuresHex({ features }: Pick<ReportNode, 'features'>): string | undefined {
  const bits = features.map(({ bit }) => bit);
  const highest = Math.max(-1, ...bits.slice(0, MOST_BITMAP_BITS));
  if (bits.length === 0 || highest >= MOST_BITMAP_BITS || bits.length > MOST_BITMAP_BITS) return undefined;
  const bitmap = bits.filter((bit) => bit >= 0).reduce((map, bit) => map | (1n << BigInt(bit)), 0n);
  return bitmap.toString(16).padStart(2 * (Math.floor(Math.max(0, highest) / 8) + 1), '0');
}

const cut = (text: string, limit = MOST_CHARACTERS): string =>
  text.length <= limit ? text : `${text.slice(0, limit)}…`;
