import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { BoltgridError } from '../core/error.ts';
import { DEFAULT_PROFILE } from '../core/ids.ts';
import { faultsOfManifest, refuseFaults } from './control/check.ts';
import { readManifestFile, type ManifestFile } from './manifest-file.ts';
import {
  argv,
  environment,
  image,
  implementationName,
  limits,
  profileName,
  program,
  recipe,
  settings,
  template,
  versionName,
} from './manifest-values.ts';
import {
  isControlOperation,
  OPERATION_NAMES,
  OPERATION_OPTIONS,
  type ControlOperation,
  type OperationOption,
} from './operations.ts';

/**
 * `images/<implementation>/node.json`: all that boltgrid is told about an implementation. Errors (blame `user`):
 * `manifest.not-json`, `manifest.unknown-key`, `manifest.invalid`, `manifest.absent`.
 */

const CONTROL_OPERATIONS = OPERATION_NAMES.filter(isControlOperation) as [
  ControlOperation,
  ...ControlOperation[],
];

/** How one operation is asked of the node. */
const controlEntry = z.union([
  /** By the driver program, under the operation's own name. */
  z.literal('driver'),
  /** Not at all, and why: cases that need it are `undrivable` with this sentence. */
  z.strictObject({ missing: z.string().min(1).max(300) }),
  /** By steps over HTTP, JSON-RPC or programs in the container. */
  recipe,
]);

/** Stands for all operations that are not named. */
export const OTHERS = '*';

/** An operation that is not mentioned is missing without a reason, so every manifest mentions all of them. */
const control = z
  .partialRecord(z.enum([...CONTROL_OPERATIONS, OTHERS]), controlEntry)
  .superRefine((entries, context) => {
    const left = OTHERS in entries ? [] : CONTROL_OPERATIONS.filter((name) => !(name in entries));
    if (left.length > 0)
      context.addIssue(`nothing is said of ${left.join(', ')} ("*" stands for all that are not named)`);
  });
const controlChanges = z.partialRecord(z.enum(CONTROL_OPERATIONS), controlEntry);

/** Options of operations that the node does not have, and why: cases that need one are `undrivable` with this sentence. */
const lacks = z.partialRecord(
  z.enum(OPERATION_OPTIONS as [OperationOption, ...OperationOption[]]),
  z.string().min(1).max(300),
);

/** A program that speaks the driver protocol on its input and output. */
const driver = z.union([
  /**
   * Written in TypeScript with `boltgrid/driver`: bundled once and kept, so that it starts fast. `package` is the npm package that
   * it imports; each version puts its own in that place.
   */
  z.strictObject({ bundle: z.string(), package: z.string().optional() }),
  /** Any executable. `{here}` is the manifest's folder, `{node}` the Node.js that runs boltgrid. */
  z.strictObject({ argv }),
]);

/** As a process (`driver` with a bundle, or with an argv and no image), or in a container of `image`. */
const run = z.union([
  z.strictObject({
    driver,
    /** In a container: its argv there, and where the folder of the npm package is. */
    container: z.strictObject({ argv, package: z.string().optional() }).optional(),
    /** Where it listens for peers in a container. */
    port: z.number().int().min(1).max(65_535).default(9735),
    env: environment.optional(),
  }),
  z.strictObject({ program }),
]);

const timing = z.strictObject({
  /** How long until it listens. */
  startMs: z.number().int().min(1),
  /** How long an answer to a message may take before silence is a departure. */
  answerMs: z.number().int().min(1),
  /** How long it lets pass before it answers another ping of the same connection, where it bounds them. */
  pingMs: z.number().int().min(1).optional(),
  /** How long "must not send" is watched where nothing better shows it. */
  quietMs: z.number().int().min(1),
  /** How long until it has worked through a new block. */
  blockMs: z.number().int().min(1),
  /** How long until gossip of its own is sent on. */
  gossipMs: z.number().int().min(1),
});

const release = {
  /** The npm package to run, by the name under which package.json has it. */
  package: z.string().optional(),
  /** The image of this version, where the manifest's own does not fit. */
  image: image.optional(),
  note: z.string().max(300).optional(),
  settings: settings.optional(),
  /** More words for the program. */
  argv: z.array(template).optional(),
  env: environment.optional(),
  timing: timing.partial().optional(),
  control: controlChanges.optional(),
  lacks: lacks.optional(),
} as const;

export const manifestSchema = z.strictObject({
  $schema: z.string().optional(),
  implementation: implementationName,
  title: z.string().min(1).max(80),
  /** Shown beside the version in the report: how the node is embedded, if not as users run it. */
  note: z.string().max(300).optional(),
  bugTracker: z.url(),
  versions: z.record(versionName, z.strictObject(release)),
  /** Versions that match (a regular expression over the whole name) can be asked for without being listed. */
  otherVersions: z.strictObject({ match: z.string(), ...release }).optional(),
  /** `default` is what users run; `fast` may only shorten waits. */
  profiles: z
    .record(
      profileName,
      z.strictObject({
        about: z.string().min(1).max(300),
        settings: settings.optional(),
        argv: z.array(template).optional(),
        env: environment.optional(),
        timing: timing.partial().optional(),
        lacks: lacks.optional(),
      }),
    )
    .refine((profiles) => DEFAULT_PROFILE in profiles, `the profile "${DEFAULT_PROFILE}" is missing`),
  image: image.optional(),
  run,
  /** The folder in a container that is kept while the program comes and goes. */
  mount: z.string().default('/data'),
  limits: limits.optional(),
  /**
   * `memory`: bitcoind's JSON-RPC as the memory chain serves it (a real bitcoind will do, too). `bitcoind`: a real one, in Docker.
   * `electrum`: an Electrum server. `wallet`: a wallet of bitcoind for this node alone.
   */
  needs: z.strictObject({
    chain: z.enum(['memory', 'bitcoind', 'electrum', 'none']),
    wallet: z.boolean().default(false),
  }),
  timing,
  control,
  lacks: lacks.optional(),
});

/** As published in `schemas/node.schema.json`. */
export const manifestJsonSchema = (): object => ({
  title: 'node.json of boltgrid',
  ...z.toJSONSchema(manifestSchema, { io: 'input', unrepresentable: 'throw', target: 'draft-7' }),
});

export type ManifestData = z.output<typeof manifestSchema>;
export type Timing = z.infer<typeof timing>;

export type Manifest = ManifestFile<ManifestData>;

/** Throws as `readManifestFile`, and `manifest.bad-expression` (user). */
export function loadManifest(file: string): Manifest {
  const manifest = readManifestFile(file, manifestSchema);
  refuseFaults(file, faultsOfManifest(manifest.data));
  return manifest;
}

/** All manifests of a folder of implementations, by implementation. Throws `manifest.duplicate` when two claim one name. */
export function loadManifests(imagesFolder: string): ReadonlyMap<string, Manifest> {
  const found = new Map<string, Manifest>();
  for (const entry of readdirSync(imagesFolder, { withFileTypes: true })) {
    const files = entry.isDirectory() ? readdirSync(join(imagesFolder, entry.name)) : [];
    if (!files.includes('node.json')) continue;
    const manifest = loadManifest(join(imagesFolder, entry.name, 'node.json'));
    const { implementation } = manifest.data;
    const other = found.get(implementation);
    if (other) {
      throw new BoltgridError(
        'manifest.duplicate',
        'user',
        `${manifest.file} and ${other.file} both describe ${implementation}`,
      );
    }
    found.set(implementation, manifest);
  }
  return found;
}
