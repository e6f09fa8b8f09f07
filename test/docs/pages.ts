import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { PACKAGE_ROOT } from '../../src/core/package.ts';

export interface CodeBlock {
  /** `ts`, `json`, `sh`; empty for an indented block. */
  readonly language: string;
  /** The file that the line before the block names: "… `suites/greet.ts`:". */
  readonly file: string | undefined;
  readonly text: string;
  /** Of its first line, for messages. */
  readonly line: number;
}

/** Every page for readers: those at the top, docs/ and .github/. Paths relative to the repository. */
export const pages: readonly string[] = [
  ...markdownIn('.', false),
  ...markdownIn('docs', true),
  ...markdownIn('.github', true),
];

function markdownIn(folder: string, recursive: boolean): string[] {
  return readdirSync(join(PACKAGE_ROOT, folder), { withFileTypes: true, recursive })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.md'))
    .map((entry) => relative(PACKAGE_ROOT, join(entry.parentPath, entry.name)))
    .sort();
}

export const textOf = (page: string): string => readFileSync(join(PACKAGE_ROOT, page), 'utf8');

/** Fenced blocks, in order. */
export function codeBlocks(page: string): CodeBlock[] {
  const lines = textOf(page).split('\n');
  const blocks: CodeBlock[] = [];
  for (let at = 0; at < lines.length; at++) {
    const language = /^```(\w*)$/.exec(lines[at] ?? '')?.[1];
    if (language === undefined) continue;
    const end = lines.indexOf('```', at + 1);
    if (end < 0) throw new Error(`${page}:${at + 1}: a block that does not end`);
    blocks.push({
      language,
      file: namedFile(lines.slice(0, at)),
      text: `${lines.slice(at + 1, end).join('\n')}\n`,
      line: at + 2,
    });
    at = end;
  }
  return blocks;
}

/** The last file name of the paragraph before a block, where that paragraph ends in a colon. */
function namedFile(before: readonly string[]): string | undefined {
  const paragraph = before.join('\n').trimEnd().split('\n\n').at(-1) ?? '';
  if (!paragraph.endsWith(':')) return undefined;
  return [...paragraph.matchAll(/`([\w/.-]+\.(?:ts|json|ya?ml))`/g)].at(-1)?.[1];
}

/** What a page has in code: fenced and indented blocks, and spans, line by line. */
export function codeLines(page: string): { readonly text: string; readonly line: number }[] {
  let fenced = false;
  return textOf(page)
    .split('\n')
    .flatMap((text, index) => {
      const line = index + 1;
      if (text.startsWith('```')) {
        fenced = !fenced;
        return [];
      }
      if (fenced || text.startsWith('    ')) return [{ text: text.trim(), line }];
      return [...text.matchAll(/`([^`]+)`/g)].map(([, span = '']) => ({ text: span, line }));
    });
}
