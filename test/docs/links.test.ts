import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../src/core/package.ts';
import { codeLines, pages, textOf } from './pages.ts';

/** What GitHub makes of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-');

const anchors = (page: string): Set<string> =>
  new Set([...withoutBlocks(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading)));

const withoutBlocks = (page: string): string => textOf(page).replace(/^```.*?^```$/gms, '');

const links = pages.flatMap((page) =>
  [...withoutBlocks(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => ({ page, target })),
);

const local = links.filter(({ target }) => !/^[a-z]+:/.test(target));

function whatIsWrong(page: string, target: string): string | undefined {
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? page : normalize(join(dirname(page), path));
  if (!existsSync(join(PACKAGE_ROOT, file))) return `there is no ${file}`;
  if (anchor === undefined || !file.endsWith('.md')) return undefined;
  return anchors(file).has(anchor) ? undefined : `${file} has no heading #${anchor}`;
}

describe('links in the pages', () => {
  it.each(local)('$page: $target', ({ page, target }) => {
    expect(whatIsWrong(page, target)).toBeUndefined();
  });

  it('to elsewhere are https', () => {
    expect(links.filter(({ target }) => /^[a-z]+:/.test(target) && !target.startsWith('https://'))).toEqual(
      [],
    );
  });

  it('would be refused when they lead nowhere', () => {
    expect(whatIsWrong('README.md', 'docs/nothing.md')).toMatch('there is no');
    expect(whatIsWrong('README.md', 'docs/verdicts.md#nothing')).toMatch('no heading');
    expect(whatIsWrong('README.md', 'docs/verdicts.md#exit-codes')).toBeUndefined();
  });
});

/** `src/nodes/operations.ts`, `test/mutants`: places in this repository that a page names in code. */
const PLACE = /^(?:src|test|suites|images|docs|schemas|scripts)\/[\w./-]*\w$/;

describe('places that contributors are sent to', () => {
  const places = codeLines('CONTRIBUTING.md').filter(({ text }) => PLACE.test(text));

  it.each(places)('CONTRIBUTING.md:$line: $text', ({ text }) => {
    expect(existsSync(join(PACKAGE_ROOT, text))).toBe(true);
  });
});
