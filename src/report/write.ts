import { randomBytes } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BoltgridError, messageOf } from '../core/error.ts';
import { coverage } from '../spec/coverage.ts';
import { badges } from './badges.ts';
import { coveragePage } from './html/coverage-page.ts';
import { reportPage } from './html/page.ts';
import { junitXml } from './junit.ts';
import { summaryMarkdown } from './markdown.ts';
import type { Report } from './schema.ts';
import { timingsOf } from './timings.ts';

/**
 * Writes `index.html`, `coverage.html`, `report.json`, `junit.xml`, `summary.md`, `timings.json` and `badges/*.svg` into `folder`. Each
 * file is written whole under another name and then renamed, so a reader never sees half of one. `sentences` of requirements are shown
 * where they are known. Throws `report.not-writable` (setup).
 */
export async function writeReport(
  folder: string,
  report: Report,
  sentences: ReadonlyMap<string, string> = new Map(),
): Promise<void> {
  const files: Record<string, string> = {
    'index.html': await reportPage(report),
    'coverage.html': await coveragePage(report, coverage(), sentences),
    'report.json': `${JSON.stringify(report, null, 1)}\n`,
    'junit.xml': junitXml(report),
    'summary.md': summaryMarkdown(report),
    'timings.json': `${JSON.stringify(timingsOf(report))}\n`,
    ...Object.fromEntries(badges(report).map(({ file, svg }) => [join('badges', file), svg])),
  };
  for (const [name, text] of Object.entries(files)) await replaceFile(join(folder, name), text);
}

async function replaceFile(file: string, text: string): Promise<void> {
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(temporary, text, { flag: 'wx' });
    await rename(temporary, file);
  } catch (error) {
    // Where the folder itself is at fault there is nothing to remove, and the first error is the one to tell.
    await rm(temporary, { force: true }).catch(() => undefined);
    throw new BoltgridError('report.not-writable', 'setup', `cannot write ${file}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
