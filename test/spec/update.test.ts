import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readIndex } from '../../src/spec/index-file.ts';
import { renderSpecReport } from '../../src/spec/render.ts';
import { readSentences, specCheck, specIndex } from '../../src/spec/update.ts';

const COMMITS = { bolts: 'a'.repeat(40), blips: 'b'.repeat(40) };

let folder: string;
let indexFile: string;
let bolt: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'boltgrid-spec-'));
  cpSync(fileURLToPath(new URL('../fixtures/spec', import.meta.url)), folder, { recursive: true });
  indexFile = join(folder, 'requirements.json');
  bolt = join(folder, 'bolts', '01-greeting.md');
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

const edit = (from: string, to: string): void => {
  const text = readFileSync(bolt, 'utf8');
  expect(text).toContain(from);
  writeFileSync(bolt, text.replace(from, to));
};

describe('the index of a folder of documents', () => {
  it('is the same when it is made again', () => {
    expect(
      specIndex([folder], { commits: COMMITS, indexFile }).changes.every(({ kind }) => kind === 'new'),
    ).toBe(true);
    const first = readFileSync(indexFile, 'utf8');
    expect(specIndex([folder], { commits: COMMITS, indexFile }).changes).toEqual([]);
    expect(readFileSync(indexFile, 'utf8')).toBe(first);
  });

  it('holds no sentence, and one line for each requirement', () => {
    specIndex([folder], { commits: COMMITS, indexFile });
    const text = readFileSync(indexFile, 'utf8');
    for (const word of ['apologise', 'smile', 'positive']) expect(text).not.toContain(word);
    expect(text.split('\n').filter((line) => line.startsWith('{"id"'))).toHaveLength(
      readIndex(indexFile).requirements.length,
    );
  });

  it('is left alone by a check, which says what would change and which cases it touches', () => {
    specIndex([folder], { commits: COMMITS, indexFile });
    const before = readFileSync(indexFile, 'utf8');
    edit('SHOULD NOT shout', 'MUST NOT shout');
    const cases = [
      { caseId: 'bolt01/hello#quiet', requirements: ['bolt01-hello-01', 'bolt01-hello-02'] },
      { caseId: 'bolt01/hello#polite', requirements: ['bolt01-hello-03'] },
    ];
    const report = specCheck([folder], cases, { indexFile });
    expect(report.changes.map(({ kind, after }) => [kind, after.id, after.level])).toEqual([
      ['changed', 'bolt01-hello-02', 'must'],
    ]);
    expect(report.touched).toEqual([{ caseId: 'bolt01/hello#quiet', requirements: ['bolt01-hello-02'] }]);
    expect(readFileSync(indexFile, 'utf8')).toBe(before);
    const text = renderSpecReport(report);
    expect(text).toContain('changed   bolt01-hello-02 (should → must)');
    expect(text).toContain('MUST NOT shout');
    expect(text).toContain('bolt01/hello#quiet: bolt01-hello-02');
  });

  it('keeps what another repository holds where only one is read', () => {
    specIndex([folder], { commits: COMMITS, indexFile });
    const all = readIndex(indexFile).requirements;
    const bolts = 'c'.repeat(40);
    expect(specIndex([join(folder, 'bolts')], { commits: { bolts }, indexFile }).changes).toEqual([]);
    const after = readIndex(indexFile);
    expect(after.commits).toEqual({ bolts, blips: COMMITS.blips });
    expect(after.requirements.map(({ id }) => id)).toEqual(all.map(({ id }) => id));
  });

  it('remembers what is gone through being written and read', () => {
    specIndex([folder], { commits: COMMITS, indexFile });
    edit('  - SHOULD NOT shout.\n', '');
    specIndex([folder], { commits: { ...COMMITS, bolts: 'c'.repeat(40) }, indexFile });
    const gone = readIndex(indexFile).requirements.filter((requirement) => requirement.gone);
    expect(gone.map(({ id, commit, file }) => [id, commit, file])).toEqual([
      ['bolt01-hello-02', COMMITS.bolts, '01-greeting.md'],
    ]);
  });

  it('gives sentences to a reader only as they were indexed', () => {
    specIndex([folder], { commits: COMMITS, indexFile });
    edit('SHOULD NOT shout', 'MUST NOT shout');
    const sentences = readSentences([folder], { indexFile });
    expect(sentences.get('bolt01-hello-01')).toContain('MUST set `words`');
    expect(sentences.has('bolt01-hello-02')).toBe(false);
  });

  it('takes the commit from a git checkout, and refuses one with edits', () => {
    const git = (...args: string[]): string =>
      execFileSync(
        'git',
        ['-C', join(folder, 'bolts'), '-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args],
        {
          encoding: 'utf8',
        },
      ).trim();
    git('init', '-q');
    git('add', '.');
    git('commit', '-q', '-m', 'documents');
    specIndex([join(folder, 'bolts')], { indexFile });
    expect(readIndex(indexFile).commits).toEqual({ bolts: git('rev-parse', 'HEAD') });
    edit('SHOULD NOT shout', 'MUST NOT shout');
    expect(() => specIndex([join(folder, 'bolts')], { indexFile })).toThrow(
      expect.objectContaining({ code: 'spec.dirty-checkout', blame: 'user' }),
    );
  });

  it.each([
    ['spec.no-commit', () => specIndex([folder], { indexFile })],
    ['spec.no-checkout', () => specIndex([join(folder, 'nowhere')], { indexFile })],
    ['spec.two-checkouts', () => specIndex([folder, join(folder, 'bolts')], { indexFile, commits: COMMITS })],
    [
      'spec.too-large',
      () => {
        writeFileSync(bolt, '# A\n'.repeat(2 ** 20 + 1));
        specIndex([folder], { indexFile, commits: COMMITS });
      },
    ],
    [
      'spec.not-json',
      () => {
        writeFileSync(indexFile, '{');
        readIndex(indexFile);
      },
    ],
    [
      'spec.invalid',
      () => {
        const entry = { id: 'bolt01-a-01', level: 'must', section: ['A'], anchor: 'a', hash: '0'.repeat(32) };
        writeFileSync(
          indexFile,
          JSON.stringify({
            commits: COMMITS,
            documents: { bolt01: '01-a.md' },
            requirements: [entry, entry],
          }),
        );
        readIndex(indexFile);
      },
    ],
  ])('throws %s', (code, act) => {
    expect(act).toThrow(expect.objectContaining({ code, blame: 'user' }));
  });
});
