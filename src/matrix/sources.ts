import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { BoltgridError, messageOf } from '../core/error.ts';
import { DEFAULT_PROFILE, nodeId, parseNodeId } from '../core/ids.ts';
import type { NodeId } from '../core/ids.ts';
import { PACKAGE_ROOT } from '../core/package.ts';
import { nearest } from '../core/text.ts';
import { parseJson } from '../core/zod-errors.ts';
import { loadManifests } from '../nodes/manifest.ts';
import type { Manifest } from '../nodes/manifest.ts';
import { resolveNode } from '../nodes/resolve.ts';
import type { NodePlan } from '../nodes/resolve.ts';
import { loadSuites } from '../suite/load.ts';
import type { LoadedSuite } from '../suite/load.ts';
import { matrixSchema } from './schema.ts';
import type { Matrix } from './schema.ts';
import { whyNotHere } from './here.ts';

const IMAGES_FOLDER = 'images';
const SUITES_FOLDER = 'suites';

export interface SourceNode {
  readonly plan: NodePlan;
  readonly manifestSha256: string;
  readonly cannotRun: string | undefined;
}

/** All that a plan is made from, read and checked. */
export interface MatrixSources {
  /** In the order of the matrix. */
  readonly nodes: readonly SourceNode[];
  /** Ordered: the first one acts first. */
  readonly pairs: readonly (readonly [NodeId, NodeId])[];
  /** By id. */
  readonly suites: readonly LoadedSuite[];
}

/**
 * Reads matrix.json with the manifests and suites that it names. Errors (blame `user`): `matrix.absent`, `matrix.not-json`,
 * `matrix.unknown-key`, `matrix.invalid`, `matrix.no-images`, `matrix.unknown-suite`, those of manifests and of loading suites.
 */
export async function loadSources(matrixFile: string): Promise<MatrixSources> {
  const file = resolve(matrixFile);
  const folder = dirname(file);
  const text = readMatrix(file);
  const { images } = parseJson('matrix', file, text, matrixSchema());
  const manifests = readManifests(file, folder, images);
  const matrix = parseJson('matrix', file, text, matrixSchema(knownNodes(manifests)));
  const suites = await loadSuites(matrix.suites.map((entry) => suitePath(file, folder, entry)));
  return {
    nodes: matrix.nodes.map((id) => sourceNode(manifests, id)),
    pairs: pairsOf(matrix),
    suites: suites.sort((a, b) => (a.suite.id < b.suite.id ? -1 : 1)),
  };
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

/** Those that come with boltgrid, and the matrix's own, which may describe an implementation in another way. */
function readManifests(
  file: string,
  folder: string,
  images: readonly string[] | undefined,
): ReadonlyMap<string, Manifest> {
  const folders = (images ?? [IMAGES_FOLDER]).map((path) => resolve(folder, path));
  const own = folders.map((path) => (existsSync(path) ? loadManifests(path) : new Map<string, Manifest>()));
  const empty = folders.find((_, index) => own[index]?.size === 0);
  if (images && empty !== undefined) {
    throw new BoltgridError(
      'matrix.no-images',
      'user',
      `${file}: there is no <implementation>/node.json in ${empty}`,
    );
  }
  return new Map([loadManifests(join(PACKAGE_ROOT, IMAGES_FOLDER)), ...own].flatMap((each) => [...each]));
}

function knownNodes(manifests: ReadonlyMap<string, Manifest>): NodeId[] {
  return [...manifests.values()].flatMap(({ data: { implementation, versions, profiles } }) =>
    Object.keys(versions).flatMap((version) =>
      Object.keys(profiles).map((profile) => nodeId({ implementation, version, profile })),
    ),
  );
}

function sourceNode(manifests: ReadonlyMap<string, Manifest>, id: NodeId): SourceNode {
  const { implementation = '', version = '', profile = DEFAULT_PROFILE } = parseNodeId(id) ?? {};
  const manifest = manifests.get(implementation);
  if (!manifest) throw new BoltgridError('matrix.unknown-node', 'user', `no manifest describes ${id}`);
  const plan = resolveNode(manifest, version, profile);
  const manifestSha256 = createHash('sha256').update(readFileSync(manifest.file)).digest('hex');
  return { plan, manifestSha256, cannotRun: whyNotHere(plan) };
}

function pairsOf({ nodes, pairs = 'all' }: Matrix): [NodeId, NodeId][] {
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
