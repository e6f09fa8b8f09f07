import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BoltgridError } from '../../../src/core/error.ts';
import type { ImageEngine } from '../../../src/nodes/images/image-engine.ts';
import type { BuildSpec, ImageInfo } from '../../../src/runtime/docker/images.ts';

export interface FakeEngineOptions {
  /** References that are there from the beginning. */
  readonly present?: readonly string[];
  /** What a registry has; pulling anything else fails with `failure`. */
  readonly registry?: readonly string[];
  readonly failure?: string;
  /** What a container prints. */
  readonly prints?: string;
  /** In place of building. */
  readonly build?: (spec: BuildSpec, onLine: (line: string) => void, signal?: AbortSignal) => Promise<void>;
}

export const NO_NETWORK = 'pulling: Get "https://registry.example/v2/": dial tcp: lookup: no such host';

/** An engine that keeps images by name alone, and a record of all that it was asked to do. */
export class FakeEngine implements ImageEngine {
  readonly here = new Map<string, ImageInfo>();
  readonly pulls: string[] = [];
  readonly builds: (BuildSpec & { readonly contents: Readonly<Record<string, string>> })[] = [];
  readonly runs: { readonly reference: string; readonly argv: readonly string[] }[] = [];
  readonly #options: FakeEngineOptions;

  constructor(options: FakeEngineOptions = {}) {
    this.#options = options;
    for (const reference of options.present ?? []) this.#add(reference);
  }

  readonly images: ImageEngine['images'] = {
    find: (reference) => Promise.resolve(this.here.get(reference)),
    list: (prefix) =>
      Promise.resolve(
        [...this.here]
          .filter(([reference]) => reference.startsWith(prefix))
          .map(([reference, info]) => ({ reference, ...info })),
      ),
    pull: (reference, options) => {
      this.pulls.push(reference);
      const { registry = [], failure = NO_NETWORK } = this.#options;
      if (!registry.includes(reference)) {
        return Promise.reject(new BoltgridError('docker.cannot-pull', 'setup', failure));
      }
      options?.onProgress?.({ status: 'Downloading', layer: 'abc', currentBytes: 1, totalBytes: 2 });
      return Promise.resolve(this.#add(reference));
    },
    build: async (spec, options) => {
      this.builds.push({ ...spec, contents: await contentsOf(spec.context) });
      await this.#options.build?.(spec, options?.onProgress ?? (() => undefined), options?.signal);
      return this.#add(spec.tag);
    },
    import: (_tar, tag) => Promise.resolve(this.#add(tag)),
    remove: (reference) => {
      this.here.delete(reference);
      return Promise.resolve();
    },
  };

  run: ImageEngine['run'] = (reference, argv) => {
    this.runs.push({ reference, argv });
    return Promise.resolve({ code: 0, output: this.#options.prints ?? '' });
  };

  #add(reference: string): ImageInfo {
    const id = `sha256:${createHash('sha256').update(reference).digest('hex')}`;
    const info = { id, sizeBytes: 12_000_000, created: new Date(0) };
    this.here.set(reference, info);
    return info;
  }
}

async function contentsOf(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const texts = await Promise.all(files.sort().map((file) => readFile(file, 'utf8')));
  return Object.fromEntries(files.map((file, i) => [file.slice(folder.length + 1), texts[i] ?? '']));
}
