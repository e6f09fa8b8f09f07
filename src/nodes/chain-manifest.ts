import { z } from 'zod';
import { faultsOfChainManifest, refuseFaults } from './control/check.ts';
import { image, implementationName, limits, program, template, versionName } from './manifest-values.ts';
import { readManifestFile, type ManifestFile } from './manifest-file.ts';

/**
 * `images/<name>/chain.json`: a bitcoind that Docker worlds run on. Its program has a port `rpc` (JSON-RPC with the user and password
 * of `{chain.user}` and `{chain.password}`), and `zmq-block` and `zmq-tx` (rawblock and rawtx).
 */
export const chainManifestSchema = z.strictObject({
  $schema: z.string().optional(),
  name: implementationName,
  title: z.string().min(1).max(80),
  /** The first one that is present is used. */
  versions: z.record(
    versionName,
    z.strictObject({
      image: image.optional(),
      argv: z.array(template).optional(),
      note: z.string().max(300).optional(),
    }),
  ),
  image: image.optional(),
  program,
  mount: z.string().default('/data'),
  limits: limits.optional(),
  startMs: z.number().int().min(1),
});

export type ChainManifestData = z.output<typeof chainManifestSchema>;

export type ChainManifest = ManifestFile<ChainManifestData>;

/** As published in `schemas/chain.schema.json`. */
export const chainManifestJsonSchema = (): object => ({
  title: 'chain.json of boltgrid',
  ...z.toJSONSchema(chainManifestSchema, { io: 'input', unrepresentable: 'throw', target: 'draft-7' }),
});

/** Throws as `loadManifest`. */
export function loadChainManifest(file: string): ChainManifest {
  const manifest = readManifestFile(file, chainManifestSchema);
  refuseFaults(file, faultsOfChainManifest(manifest.data));
  return manifest;
}
