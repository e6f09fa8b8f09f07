import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { coveragePage } from '../../src/report/html/coverage-page.ts';
import { reportPage } from '../../src/report/html/page.ts';
import { buildReport } from '../../src/report/model.ts';
import { coverage } from '../../src/spec/coverage.ts';
import { hostileJournal } from './hostile.ts';

const PAGES = {
  page: reportPage,
  coverage: (report: Parameters<typeof reportPage>[0]) => coveragePage(report, coverage(), new Map()),
};

describe.each(['page', 'coverage'] as const)('the page as text: %s', (name) => {
  it('takes nothing unescaped but our own style and script', () => {
    const template = readFileSync(new URL(`../../src/report/html/${name}.hbs`, import.meta.url), 'utf8');
    expect(template.match(/\{\{\{.*?\}\}\}/g)).toEqual(['{{{style}}}', '{{{script}}}']);
    expect(template).not.toMatch(/\{\{&/);
  });

  it('admits its own style and script by hash, and nothing else', async () => {
    const page = await PAGES[name](buildReport(hostileJournal()));
    const hashOf = (tag: string): string => {
      const text = new RegExp(`<${tag}>([^]*?)</${tag}>`).exec(page)?.[1] ?? '';
      return createHash('sha256').update(text).digest('base64');
    };
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? '';
    const rules = policy.replaceAll('&#x27;', "'").replaceAll('&#x3D;', '=').split('; ');
    expect(rules).toEqual([
      "default-src 'none'",
      `script-src 'sha256-${hashOf('script')}'`,
      `style-src 'sha256-${hashOf('style')}'`,
      'img-src data:',
      "base-uri 'none'",
      "form-action 'none'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
    ]);
  });
});

describe('the grid as text', () => {
  it('holds what the journal says only escaped or packed', async () => {
    const page = await reportPage(buildReport(hostileJournal()));
    // Not `toContain`: a failure would print the whole page.
    expect(page.includes('<script>globalThis')).toBe(false);
    expect(page.includes('<img')).toBe(false);
    expect(page.includes('&lt;script&gt;globalThis.hacked')).toBe(true);
    expect(page.match(/<script/g)).toHaveLength(2 + 3 + 1);
  });
});

describe('the page of what is covered as text', () => {
  it('holds what the journal and the documents say only escaped', async () => {
    const sentences = new Map([['bolt08-overview-01', '<script>globalThis.hacked = 1</script>']]);
    const page = await coveragePage(buildReport(hostileJournal()), coverage(), sentences);
    expect(page.includes('<script>globalThis')).toBe(false);
    expect(page.includes('<img')).toBe(false);
    expect(page.includes('&lt;script&gt;globalThis.hacked')).toBe(true);
    expect(page.match(/<script/g)).toHaveLength(1);
  });
});
