import { BoltgridError } from '../core/error.ts';
import { nodeId, type NodeId } from '../core/ids.ts';
import { nearest } from '../core/text.ts';
import { OTHERS, type Manifest, type ManifestData, type Timing } from './manifest.ts';
import { isControlOperation, OPERATION_NAMES, type OperationName } from './operations.ts';

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
  readonly settings: NonNullable<ManifestData['versions'][string]['settings']>;
  readonly timing: Timing;
  readonly operations: ReadonlySet<OperationName>;
  readonly missing: ReadonlyMap<OperationName, string>;
}

/** Throws `manifest.unknown-version` or `manifest.unknown-profile` (user). */
export function resolveNode(manifest: Manifest, version: string, profile: string): NodePlan {
  const { data } = manifest;
  const release = lookUp(manifest, 'version', data.versions, version);
  const mode = lookUp(manifest, 'profile', data.profiles, profile);
  const control = { ...data.control, ...release.control };
  const operations = new Set<OperationName>();
  const missing = new Map<OperationName, string>();
  for (const name of OPERATION_NAMES) {
    const entry = isControlOperation(name) ? (control[name] ?? control[OTHERS]) : 'driver';
    if (entry === 'driver') operations.add(name);
    else if (entry) missing.set(name, entry.missing);
  }
  return {
    id: nodeId({ implementation: data.implementation, version, profile }),
    manifest,
    implementation: data.implementation,
    version,
    profile,
    note: release.note ?? data.note,
    package: release.package,
    settings: { ...release.settings, ...mode.settings },
    timing: { ...data.timing, ...definedOf(release.timing ?? {}) },
    operations,
    missing,
  };
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
