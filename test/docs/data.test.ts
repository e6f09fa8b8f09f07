import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../src/core/package.ts';
import { VERDICT_TABLE, VERDICTS } from '../../src/core/verdict.ts';
import { codeBlocks, pages, textOf } from './pages.ts';

const examples = pages.flatMap((page) =>
  codeBlocks(page)
    .filter(({ language }) => language === 'json')
    .map(({ text, line }) => ({ where: `${page}:${line}`, data: JSON.parse(text) as { $schema?: string } })),
);

function problemsOf({ $schema = '', ...data }: { $schema?: string }): unknown {
  const file = join(PACKAGE_ROOT, 'schemas', basename($schema));
  const ajv = new Ajv({ strictTuples: false, formats: { uri: true, date: /^\d{4}-\d\d-\d\d$/ } });
  const accepts = ajv.compile(JSON.parse(readFileSync(file, 'utf8')) as object);
  return accepts(data) ? [] : accepts.errors;
}

describe('JSON in the pages', () => {
  it.each(examples.filter(({ data }) => data.$schema !== undefined))(
    '$where keeps to its schema',
    ({ data }) => {
      expect(problemsOf(data)).toEqual([]);
    },
  );

  it('would be refused otherwise', () => {
    expect(problemsOf({ $schema: './matrix.schema.json' })).not.toEqual([]);
  });
});

describe('docs/verdicts.md', () => {
  const rows = [...textOf('docs/verdicts.md').matchAll(/^\| (\S+) `([\w-]+)` \|/gm)];

  it('has each verdict, with its sign', () => {
    const told = rows.map(([, glyph, verdict]): [string, string] => [verdict ?? '', glyph ?? '']);
    expect(Object.fromEntries(told)).toEqual(
      Object.fromEntries(VERDICTS.map((verdict) => [verdict, VERDICT_TABLE[verdict].glyph])),
    );
  });
});
