import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { BoltgridError } from '../core/error.ts';
import { DEFAULT_PROFILE } from '../core/ids.ts';
import { parseJson } from '../core/zod-errors.ts';
import { isControlOperation, OPERATION_NAMES, type ControlOperation } from './operations.ts';

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

const settings = z.record(z.string(), z.json());

const run = z.union([
  /**
   * A driver written in TypeScript with `boltgrid/driver`: bundled once and kept, so that it starts fast. `package` is the npm
   * package that it imports; each version puts its own in that place.
   */
  z.strictObject({ bundle: z.string(), package: z.string().optional() }),
  /** Any executable that speaks the driver protocol. `{here}` is the manifest's folder, `{node}` the Node.js that runs boltgrid. */
  z.strictObject({ argv: z.tuple([z.string()], z.string()) }),
]);

const timing = z.strictObject({
  /** How long until it listens. */
  startMs: z.number().int().min(1),
  /** How long an answer to a message may take before silence is a departure. */
  answerMs: z.number().int().min(1),
  /** How long "must not send" is watched where nothing better shows it. */
  quietMs: z.number().int().min(1),
  /** How long until it has worked through a new block. */
  blockMs: z.number().int().min(1),
  /** How long until gossip of its own is sent on. */
  gossipMs: z.number().int().min(1),
});

const versionName = z.string().regex(/^[0-9A-Za-z][0-9A-Za-z.-]*$/);
const profileName = z.string().regex(/^[a-z][a-z0-9-]*$/);

export const manifestSchema = z.strictObject({
  $schema: z.string().optional(),
  implementation: z.string().regex(/^[a-z][a-z0-9-]*$/),
  title: z.string().min(1).max(80),
  /** Shown beside the version in the report: how the node is embedded, if not as users run it. */
  note: z.string().max(300).optional(),
  bugTracker: z.url(),
  versions: z.record(
    versionName,
    z.strictObject({
      /** The npm package to run, by the name under which package.json has it. */
      package: z.string().optional(),
      note: z.string().max(300).optional(),
      settings: settings.optional(),
      timing: timing.partial().optional(),
      control: controlChanges.optional(),
    }),
  ),
  /** `default` is what users run; `fast` may only shorten waits. */
  profiles: z
    .record(profileName, z.strictObject({ about: z.string().min(1).max(300), settings: settings.optional() }))
    .refine((profiles) => DEFAULT_PROFILE in profiles, `the profile "${DEFAULT_PROFILE}" is missing`),
  run,
  env: z.record(z.string().regex(/^[A-Z_][A-Z0-9_]*$/), z.string()).optional(),
  /** `memory`: bitcoind's JSON-RPC as the memory chain serves it (a real bitcoind will do, too). */
  needs: z.strictObject({ chain: z.enum(['memory', 'none']) }),
  timing,
  control,
});

/** As published in `schemas/node.schema.json`. */
export const manifestJsonSchema = (): object => ({
  title: 'node.json of boltgrid',
  ...z.toJSONSchema(manifestSchema, { io: 'input', unrepresentable: 'throw', target: 'draft-7' }),
});

export type ManifestData = z.infer<typeof manifestSchema>;
export type Timing = z.infer<typeof timing>;

export interface Manifest {
  /** Absolute path of node.json. */
  readonly file: string;
  readonly folder: string;
  readonly data: ManifestData;
}

export function loadManifest(file: string): Manifest {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new BoltgridError('manifest.absent', 'user', `cannot read ${file}`, { details: { file }, cause });
  }
  return { file, folder: dirname(file), data: parseJson('manifest', file, text, manifestSchema) };
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
