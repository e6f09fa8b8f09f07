import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { NO_ACCESS } from '../../../src/nodes/images/host-access.ts';
import type { ImagePlan } from '../../../src/nodes/images/image-plan.ts';
import { image } from '../../../src/nodes/manifest-values.ts';

export const DEFAULT_FILES = {
  Dockerfile: 'ARG BASE\nFROM ${BASE}\n',
  'files/start.sh': 'exec toy\n',
  'node.json': '{}',
};

/** The plan of an image whose folder is written now. `spec` is `image` of a manifest. */
export async function toyPlan(
  folder: string,
  spec: Readonly<Record<string, unknown>>,
  files: Readonly<Record<string, string>> = DEFAULT_FILES,
): Promise<ImagePlan> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return {
    ...{ id: 'toy@1.2', implementation: 'toy', version: '1.2' },
    ...{ folder, manifestName: 'node.json', image: image.parse(spec) },
  };
}

/** Options of a build; what it prints goes to `lines`. */
export const quietly = (lines: string[] = []) => ({
  access: NO_ACCESS,
  onLine: (line: string) => {
    lines.push(line);
  },
});
