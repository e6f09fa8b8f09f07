import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { addCounts, coverage, isMissing, percent } from '../../src/spec/coverage.ts';
import { INVISIBLE_FILE, INVISIBLE_REASONS, readInvisible } from '../../src/spec/invisible.ts';
import { formatKills, KILLS_FILE, readKills } from '../../src/spec/kills.ts';
import { allRequirements } from '../../src/spec/registry.ts';
import type { Requirement } from '../../src/spec/requirement.ts';

const root = new URL('../../', import.meta.url);
const live = new Set(allRequirements().flatMap(({ id, gone }) => (gone ? [] : [id])));
const kills = readKills();
const invisible = readInvisible();

describe('what is covered', () => {
  const made = (id: string, level: Requirement['level'], gone = false): Requirement => ({
    ...{ id, level, document: id.split('-', 1)[0] ?? '', file: 'x.md', section: ['X'], anchor: 'x' },
    ...{ hash: '0'.repeat(32), commit: '0'.repeat(40) },
    ...(gone && { gone: true as const }),
  });
  const documents = coverage({
    requirements: [
      made('bolt98-a-01', 'must'),
      made('bolt98-a-02', 'must'),
      made('bolt98-a-03', 'should'),
      made('bolt98-a-04', 'may'),
      made('bolt98-a-05', 'must', true),
      made('bolt99-b-01', 'must'),
    ],
    kills: new Map([
      ['bolt98-a-01', ['bolt98/x#y']],
      ['bolt98-a-05', ['bolt98/x#gone']],
    ]),
    invisible: {
      reviewed: ['bolt98'],
      requirements: new Map([
        ['bolt98-a-03', { reason: 'choice', because: 'for this test' }],
        ['bolt98-a-04', { reason: 'choice', because: 'for this test' }],
      ]),
    },
  });

  it('is counted by document and level, without what is gone', () => {
    expect(documents.map(({ document, reviewed }) => ({ document, reviewed }))).toEqual([
      { document: 'bolt98', reviewed: true },
      { document: 'bolt99', reviewed: false },
    ]);
    expect(documents[0]?.levels).toEqual({
      must: { all: 2, visible: 2, covered: 1 },
      should: { all: 1, visible: 0, covered: 0 },
      may: { all: 1, visible: 0, covered: 0 },
    });
    expect(documents[0]?.judged).toEqual({ all: 3, visible: 2, covered: 1 });
    expect(addCounts(documents.map(({ judged }) => judged))).toEqual({ all: 4, visible: 3, covered: 1 });
  });

  it('leaves out what is visible and judged by no case', () => {
    const missing = documents.flatMap(({ standings }) => standings.filter(isMissing));
    expect(missing.map(({ requirement }) => requirement.id)).toEqual(['bolt98-a-02', 'bolt99-b-01']);
  });

  it('is all only where it is all', () => {
    expect([percent(999, 1000), percent(1000, 1000), percent(0, 3), percent(0, 0)]).toEqual([
      ...['99 %', '100 %'],
      ...['0 %', '–'],
    ]);
  });
});

describe('the file of kills', () => {
  it('names requirements that are in their documents, and that can be broken', () => {
    const levels = new Map(allRequirements().map(({ id, level }) => [id, level]));
    expect([...kills.keys()].filter((id) => !live.has(id) || levels.get(id) === 'may')).toEqual([]);
  });

  it('is written in one way', () => {
    const pairs = [...kills].flatMap(([requirement, cases]) =>
      cases.map((id) => ({ case: id, requirement })),
    );
    expect(formatKills(pairs.toReversed())).toBe(readFileSync(KILLS_FILE, 'utf8'));
  });

  it('counts a case once, whatever its parameter', () => {
    const text = formatKills([
      { case: 'a/b#c[two]', requirement: 'bolt01-ping-09' },
      { case: 'a/b#d', requirement: 'bolt01-ping-08' },
      { case: 'a/b#c[one]', requirement: 'bolt01-ping-09' },
    ]);
    expect(text).toBe('{\n"bolt01-ping-08": ["a/b#d"],\n"bolt01-ping-09": ["a/b#c"]\n}\n');
  });
});

describe('the file of what is invisible', () => {
  it('names requirements that are in their documents, of documents that were reviewed', () => {
    const documents = new Map(allRequirements().map(({ id, document }) => [id, document]));
    const wrong = [...invisible.requirements.keys()].filter(
      (id) => !live.has(id) || !invisible.reviewed.includes(documents.get(id) ?? ''),
    );
    expect(wrong).toEqual([]);
  });

  it('has nothing that a case was shown to judge', () => {
    expect([...invisible.requirements.keys()].filter((id) => kills.has(id))).toEqual([]);
  });

  it('has its requirements in the order of the index, once', () => {
    const ids = allRequirements().flatMap(({ id }) => (invisible.requirements.has(id) ? [id] : []));
    const written = [...readFileSync(INVISIBLE_FILE, 'utf8').matchAll(/^"([a-z]+\d+-[a-z0-9-]+)": \{/gm)];
    expect(written.map(([, id]) => id)).toEqual(ids);
  });

  it('uses every reason, and each is explained for readers', () => {
    const used = new Set([...invisible.requirements.values()].map(({ reason }) => reason));
    expect([...used].sort()).toEqual(Object.keys(INVISIBLE_REASONS).sort());
    const page = readFileSync(new URL('docs/coverage.md', root), 'utf8');
    for (const [reason, meaning] of Object.entries(INVISIBLE_REASONS)) {
      expect(page).toContain(`| \`${reason}\` | ${meaning.replace(/\.$/, '')} |`);
    }
  });

  it('names only requirements that exist where it points to another', () => {
    const named = [...invisible.requirements.values()].flatMap(({ because }) =>
      [...because.matchAll(/\b[a-z]+(?:\d+-[a-z]+)?(?:-[a-z]+)*-\d{2}\b/g)].map(([id]) => id),
    );
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((id) => !live.has(id))).toEqual([]);
  });
});
