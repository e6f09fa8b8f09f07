import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { z } from 'zod';
import { BoltgridError } from '../core/error.ts';
import { parseJson } from '../core/zod-errors.ts';

export interface ManifestFile<T> {
  /** Absolute path. */
  readonly file: string;
  readonly folder: string;
  readonly data: T;
}

/** Throws `manifest.absent`, `manifest.not-json`, `manifest.unknown-key` and `manifest.invalid` (user). */
export function readManifestFile<S extends z.ZodType>(file: string, schema: S): ManifestFile<z.output<S>> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new BoltgridError('manifest.absent', 'user', `cannot read ${file}`, { details: { file }, cause });
  }
  return { file, folder: dirname(file), data: parseJson('manifest', file, text, schema) };
}
