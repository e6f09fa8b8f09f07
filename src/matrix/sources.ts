import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { BoltgridError, messageOf } from '../core/error.ts';
import type { NodeId } from '../core/ids.ts';
import { PACKAGE_ROOT } from '../core/package.ts';
import { nearest } from '../core/text.ts';
import { parseJson } from '../core/zod-errors.ts';
import type { ImagePlan } from '../nodes/images/image-plan.ts';
import { loadManifests } from '../nodes/manifest.ts';
import { loadSuites } from '../suite/load.ts';
import type { LoadedSuite } from '../suite/load.ts';
import type { Here } from './here.ts';
import {
  chainImages,
  IMAGES_FOLDER,
  knownNodes,
  namedNodes,
  readManifests,
  sourceChain,
  sourceNode,
  type Manifests,
  type SourceChain,
  type SourceNode,
} from './node-sources.ts';
import { matrixSchema } from './schema.ts';
import type { Matrix } from './schema.ts';

const SUITES_FOLDER = 'suites';

/** All that a plan is made from, read and checked. */
export interface MatrixSources {
  /** In the order of the matrix, those that were named besides last. */
  readonly nodes: readonly SourceNode[];
  /** Ordered: the first one acts first. */
  readonly pairs: readonly (readonly [NodeId, NodeId])[];
  /** By id. */
  readonly suites: readonly LoadedSuite[];
  readonly chain: SourceChain;
  /** All that the chain may be run from: the first one that is present is. */
  readonly chainImages: readonly ImagePlan[];
  /** What `--node` named, where it is no pattern: text → ids. */
  readonly named: ReadonlyMap<string, readonly NodeId[]>;
}

export interface SourceOptions {
  readonly here: Here;
  /** What `--node` says: nodes that the matrix does not list are added. */
  readonly named?: readonly string[] | undefined;
  /** What paths in `named` are relative to. */
  readonly cwd: string;
}

/**
 * Reads matrix.json with the manifests and suites that it names. Errors (blame `user`): `matrix.absent`, `matrix.not-json`,
 * `matrix.unknown-key`, `matrix.invalid`, `matrix.no-images`, `matrix.unknown-suite`, `matrix.unknown-chain`, those of manifests and
 * of loading suites.
 */
export async function loadSources(
  matrixFile: string,
  { here, named = [], cwd }: SourceOptions,
): Promise<MatrixSources> {
  const file = resolve(matrixFile);
  const folder = dirname(file);
  const text = readMatrix(file);
  const { images } = parseJson('matrix', file, text, matrixSchema());
  const manifests = manifestsOf(file, folder, images);
  const matrix = parseJson('matrix', file, text, matrixSchema(knownNodes(manifests)));
  const chains = chainImages(manifests, matrix.chain);
  const suites = await loadSuites(matrix.suites.map((entry) => suitePath(file, folder, entry)));
  const listed = await Promise.all(matrix.nodes.map((id) => sourceNode(manifests, id, here)));
  const asked = await Promise.all(
    named.map(async (each) => [each, await namedNodes(each, manifests, cwd, here)] as const),
  );
  const found = asked.flatMap(([each, ones]) => (ones ? [[each, ones] as const] : []));
  const nodes = withNamed(
    listed,
    found.flatMap(([, ones]) => ones),
  );
  return {
    nodes,
    pairs: pairsOf(
      matrix,
      nodes.map(({ plan }) => plan.id),
    ),
    suites: suites.sort((a, b) => (a.suite.id < b.suite.id ? -1 : 1)),
    chain: await sourceChain(chains, here),
    chainImages: chains.map(({ image }) => image),
    named: new Map(found.map(([each, ones]) => [each, ones.map(({ plan }) => plan.id)])),
  };
}

/** A node that was named with an image or program of its own stands in place of the listed one. */
function withNamed(listed: readonly SourceNode[], named: readonly SourceNode[]): readonly SourceNode[] {
  const byId = new Map(listed.map((node) => [node.plan.id, node]));
  for (const node of named) byId.set(node.plan.id, node);
  return [...byId.values()];
}

function readMatrix(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new BoltgridError('matrix.absent', 'user', `${file}: cannot be read (${messageOf(cause)})`, {
      hint: 'Name a matrix with --matrix, or run where a matrix.json is.',
      cause,
    });
  }
}

function manifestsOf(file: string, folder: string, images: readonly string[] | undefined): Manifests {
  const folders = (images ?? [IMAGES_FOLDER]).map((path) => resolve(folder, path));
  const empty = folders.find((path) => !existsSync(path) || loadManifests(path).size === 0);
  if (images && empty !== undefined) {
    throw new BoltgridError(
      'matrix.no-images',
      'user',
      `${file}: there is no <implementation>/node.json in ${empty}`,
    );
  }
  return readManifests(folders);
}

function pairsOf({ pairs = 'all' }: Matrix, nodes: readonly NodeId[]): [NodeId, NodeId][] {
  if (pairs === 'none') return [];
  if (pairs !== 'all') return pairs;
  return nodes.flatMap((a) => nodes.filter((b) => b !== a).map((b): [NodeId, NodeId] => [a, b]));
}

/** A path as it is, or a name within `suites`, beside the matrix or of boltgrid. */
function suitePath(file: string, folder: string, entry: string): string {
  const suites = [join(folder, SUITES_FOLDER), join(PACKAGE_ROOT, SUITES_FOLDER)];
  const places = [folder, ...suites].flatMap((place) => [
    resolve(place, entry),
    resolve(place, `${entry}.ts`),
  ]);
  const found = places.find((place) => existsSync(place));
  if (found !== undefined) return found;
  const known = [...new Set(suites.flatMap(suiteNames))];
  const meant = nearest(entry, known);
  throw new BoltgridError(
    'matrix.unknown-suite',
    'user',
    `${file}: $.suites: there is no suite ${JSON.stringify(entry)}`,
    {
      hint: `${meant === undefined ? '' : `Did you mean "${meant}"? `}Allowed: a path, or one of ${known.join(', ')}.`,
    },
  );
}

function suiteNames(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() || entry.name.endsWith('.ts'))
    .map((entry) => basename(entry.name, '.ts'));
}
