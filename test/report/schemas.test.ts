import { readdirSync, readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { journalEvent } from '../../src/journal/events.ts';
import { expectationsFile, parseExpectations } from '../../src/report/expectations.ts';
import { buildReport } from '../../src/report/model.ts';
import { report as reportSchema } from '../../src/report/schema.ts';
import { publishedSchemas } from '../../src/report/schemas.ts';
import { demoJournal } from '../browser/demo.ts';
import { hostileJournal } from './hostile.ts';

const root = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');
const published = (name: string): object => JSON.parse(read(`schemas/${name}`)) as object;
const ajv = new Ajv({ strict: false, validateFormats: false });

describe('published schemas', () => {
  it.each(Object.entries(publishedSchemas()))('%s is what the code holds files to', (name, schema) => {
    expect(published(name), `write schemas/${name} anew from publishedSchemas()`).toEqual(schema);
  });

  it('accept every report, and refuse what zod refuses', () => {
    const validate = ajv.compile(published('report.schema.json'));
    const good = buildReport(demoJournal());
    expect(validate(good), JSON.stringify(validate.errors)).toBe(true);
    expect(validate(buildReport(hostileJournal()))).toBe(true);
    const bad: unknown[] = [
      { ...good, v: 2 },
      { ...good, extra: 1 },
      { ...good, run: { ...good.run, finished: 'maybe' } },
      { ...good, results: [{ ...good.results[0], verdict: 'green' }] },
      { ...good, summary: { ...good.summary, cases: 'many' } },
      { ...good, nodes: undefined },
    ];
    for (const data of bad) {
      expect(reportSchema.safeParse(data).success).toBe(false);
      expect(validate(data)).toBe(false);
    }
  });

  it('of expectations agree with the code on good and bad entries', () => {
    const validate = ajv.compile(published('expectations.schema.json'));
    const entry = {
      case: 'a/b#c',
      node: 'ldk@0.1.2',
      requirement: 'r-1',
      step: 's',
      reason: 'r',
      link: 'l',
      expires: '2027-01-01',
    };
    const files: [object, boolean][] = [
      [{ expectations: [] }, true],
      [
        { $schema: './schemas/expectations.schema.json', expectations: [entry, { ...entry, peer: 'lnd' }] },
        true,
      ],
      [{ expectations: [{ ...entry, verdict: 'fail' }] }, false],
      [{ expectations: [{ ...entry, step: '' }] }, false],
      [{ expectations: [{ ...entry, expires: 'never' }] }, false],
      [{ expectations: {} }, false],
      [[], false],
    ];
    for (const [file, valid] of files) {
      expect(expectationsFile.safeParse(file).success, JSON.stringify(file)).toBe(valid);
      expect(validate(file), JSON.stringify(file)).toBe(valid);
    }
  });

  it('accept the expectations of this repository', () => {
    const text = read('expectations.json');
    expect(ajv.compile(published('expectations.schema.json'))(JSON.parse(text))).toBe(true);
    parseExpectations(text);
  });
});

describe('journals of version 1', () => {
  const folder = new URL('test/fixtures/journals/', root);

  it.each(readdirSync(folder).filter((name) => name.endsWith('.jsonl')))('%s is still understood', (name) => {
    const lines = readFileSync(new URL(name, folder), 'utf8').trimEnd().split('\n');
    const report = buildReport(lines.map((line) => journalEvent.parse(JSON.parse(line))));
    expect(reportSchema.safeParse(report).success).toBe(true);
    expect(report.run.finished).toBe(name.includes('unfinished') ? 'unfinished' : 'complete');
  });
});
