import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { BoltgridError, messageOf } from '../core/error.ts';
import { PACKAGE_ROOT } from '../core/package.ts';
import type { Expectation } from '../report/expectations.ts';
import type { CliContext } from './context.ts';

export interface ProjectOptions {
  readonly matrix?: string;
  readonly expectations?: string;
}

export const MATRIX_OPTION = {
  flags: '--matrix <file>',
  description: 'which nodes and suites there are (./matrix.json, or else the one that comes with boltgrid)',
} as const;

export const EXPECTATIONS_OPTION = {
  flags: '--expectations <file>',
  description: 'known departures (expectations.json beside the matrix)',
} as const;

export function matrixFile({ cwd }: CliContext, { matrix }: ProjectOptions): string {
  if (matrix !== undefined) return resolve(cwd, matrix);
  const here = join(cwd, 'matrix.json');
  return existsSync(here) ? here : join(PACKAGE_ROOT, 'matrix.json');
}

/** None when there is no file beside the matrix; one that was named has to be there. Throws `expectations.absent` and `.invalid`. */
export async function readExpectations(context: CliContext, options: ProjectOptions): Promise<Expectation[]> {
  const { expectations } = options;
  const file =
    expectations === undefined
      ? join(dirname(matrixFile(context, options)), 'expectations.json')
      : resolve(context.cwd, expectations);
  if (expectations === undefined && !existsSync(file)) return [];
  const { parseExpectations } = await import('../report/expectations.ts');
  return parseExpectations(await readText(file));
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new BoltgridError('expectations.absent', 'user', `${file}: cannot be read (${messageOf(cause)})`, {
      cause,
    });
  }
}
