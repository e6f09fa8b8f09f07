import { BoltgridError } from '../core/error.ts';
import { nodeId, type NodeId } from '../core/ids.ts';
import { nearest } from '../core/text.ts';
import { OTHERS, type Manifest, type ManifestData, type Timing } from './manifest.ts';
import type { ImageSpec, Recipe } from './manifest-values.ts';
import {
  isControlOperation,
  OPERATION_NAMES,
  type ControlOperation,
  type OperationName,
} from './operations.ts';

type Release = ManifestData['versions'][string];

/** What the user names instead of what the manifest says: `--node lnd=IMAGE`, `--node lnd=./lnd`. */
export interface Substitute {
  readonly image?: string;
  /** Absolute path of a program of this machine. */
  readonly program?: string;
}

/** A manifest with one version and one profile put in. */
export interface NodePlan {
  readonly id: NodeId;
  readonly manifest: Manifest;
  readonly implementation: string;
  readonly version: string;
  readonly profile: string;
  readonly note: string | undefined;
  /** npm package, for versions that are one. */
  readonly package: string | undefined;
  readonly image: ImageSpec | undefined;
  readonly substitute: Substitute;
  readonly settings: NonNullable<Release['settings']>;
  /** More words for the program, of the version and then of the profile. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly timing: Timing;
  readonly operations: ReadonlySet<OperationName>;
  readonly missing: ReadonlyMap<OperationName, string>;
  /** Why an option of an operation is not there: `open.announce` → a sentence. */
  readonly lacks: ReadonlyMap<string, string>;
  /** How operations are asked of a program that is no driver. */
  readonly recipes: ReadonlyMap<ControlOperation, Recipe>;
}

/** Throws `manifest.unknown-version` or `manifest.unknown-profile` (user). */
export function resolveNode(
  manifest: Manifest,
  version: string,
  profile: string,
  substitute: Substitute = {},
): NodePlan {
  const { data } = manifest;
  const release = releaseOf(manifest, version, substitute);
  const mode = lookUp(manifest, 'profile', data.profiles, profile);
  return {
    id: nodeId({ implementation: data.implementation, version, profile }),
    manifest,
    implementation: data.implementation,
    version,
    profile,
    note: release.note ?? data.note,
    package: release.package,
    image: release.image ?? data.image,
    substitute,
    settings: { ...release.settings, ...mode.settings },
    argv: [...(release.argv ?? []), ...(mode.argv ?? [])],
    env: { ...release.env, ...mode.env },
    timing: { ...data.timing, ...definedOf(release.timing ?? {}), ...definedOf(mode.timing ?? {}) },
    ...controlOf(data, release),
    lacks: new Map(Object.entries({ ...data.lacks, ...release.lacks, ...mode.lacks })),
  };
}

function controlOf(
  data: ManifestData,
  release: Release,
): Pick<NodePlan, 'operations' | 'missing' | 'recipes'> {
  const control = { ...data.control, ...release.control };
  const operations = new Set<OperationName>();
  const missing = new Map<OperationName, string>();
  const recipes = new Map<ControlOperation, Recipe>();
  for (const name of OPERATION_NAMES) {
    const entry = isControlOperation(name) ? (control[name] ?? control[OTHERS]) : 'driver';
    if (entry === undefined) continue;
    if (entry !== 'driver' && 'missing' in entry) {
      missing.set(name, entry.missing);
      continue;
    }
    operations.add(name);
    if (entry !== 'driver' && isControlOperation(name)) recipes.set(name, entry);
  }
  return { operations, missing, recipes };
}

/** A listed version; one that `otherVersions` lets in; or whatever the user gave a program or image for. */
function releaseOf(manifest: Manifest, version: string, substitute: Substitute): Release {
  const { versions, otherVersions } = manifest.data;
  const listed = Object.hasOwn(versions, version) ? versions[version] : undefined;
  if (listed) return listed;
  if (otherVersions && new RegExp(`^(?:${otherVersions.match})$`).test(version)) return otherVersions;
  if (substitute.image !== undefined || substitute.program !== undefined) return otherVersions ?? {};
  return lookUp(manifest, 'version', versions, version);
}

function lookUp<T>(manifest: Manifest, what: string, table: Readonly<Record<string, T>>, name: string): T {
  const found = Object.hasOwn(table, name) ? table[name] : undefined;
  if (found !== undefined) return found;
  const known = Object.keys(table);
  const meant = nearest(name, known);
  throw new BoltgridError(
    `manifest.unknown-${what}`,
    'user',
    `${manifest.data.implementation} has no ${what} ${JSON.stringify(name)}`,
    {
      hint: `${meant === undefined ? '' : `Did you mean ${JSON.stringify(meant)}? `}Known: ${known.join(', ')}.`,
      details: { file: manifest.file, known },
    },
  );
}

const definedOf = (timing: { [K in keyof Timing]?: Timing[K] | undefined }): Partial<Timing> =>
  Object.fromEntries(Object.entries(timing).filter(([, value]) => value !== undefined));
