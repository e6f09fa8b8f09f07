import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { extractSentences } from '../../src/spec/extract.ts';
import { mergeReading } from '../../src/spec/merge.ts';
import type { Merged } from '../../src/spec/merge.ts';
import type { Requirement } from '../../src/spec/requirement.ts';

const A = 'a'.repeat(40);
const B = 'b'.repeat(40);

type Sections = Readonly<Record<string, readonly string[]>>;

/** A document with one bullet for each sentence. */
const documentOf = (sections: Sections): string =>
  [
    '# BOLT',
    ...Object.entries(sections).map(
      ([name, bullets]) => `## ${name}\n\n${bullets.map((b) => `- ${b}\n`).join('')}`,
    ),
  ].join('\n');

const merge = (known: readonly Requirement[], sections: Sections, commit = A): Merged =>
  mergeReading(known, { commit, sentences: extractSentences('bolt01', '01-a.md', documentOf(sections)) });

const merged = (before: Sections, after: Sections): Merged => merge(merge([], before).requirements, after, B);

const kinds = ({ changes }: Merged): string[] => changes.map(({ kind, after }) => `${kind} ${after.id}`);
const ids = ({ requirements }: Merged): string[] =>
  requirements.map(({ id, gone }) => (gone ? `${id} gone` : id));

const greeting = ['MUST wave.', 'SHOULD smile.', 'MAY bow.'];

describe('a second reading of the documents', () => {
  it('changes nothing where nothing changed, and takes the new commit', () => {
    const result = merged({ hello: greeting }, { hello: greeting });
    expect(result.changes).toEqual([]);
    expect(result.requirements.map(({ id, commit }) => [id, commit])).toEqual([
      ['bolt01-hello-01', B],
      ['bolt01-hello-02', B],
      ['bolt01-hello-03', B],
    ]);
  });

  it('keeps ids where a sentence is put in between, and numbers the new one after all others', () => {
    const result = merged({ hello: greeting }, { hello: ['MUST come in.', ...greeting] });
    expect(ids(result)).toEqual(['bolt01-hello-04', 'bolt01-hello-01', 'bolt01-hello-02', 'bolt01-hello-03']);
    expect(kinds(result)).toEqual(['new bolt01-hello-04']);
  });

  it('keeps ids where sentences change places', () => {
    const result = merged({ hello: greeting }, { hello: greeting.toReversed() });
    expect(ids(result)).toEqual(['bolt01-hello-03', 'bolt01-hello-02', 'bolt01-hello-01']);
    expect(result.changes).toEqual([]);
  });

  it('knows a reworded sentence by its neighbours', () => {
    const result = merged({ hello: greeting }, { hello: ['MUST wave.', 'MUST smile.', 'MAY bow.'] });
    expect(kinds(result)).toEqual(['changed bolt01-hello-02']);
    expect(result.changes[0]?.before?.level).toBe('should');
    expect(result.changes[0]?.after.level).toBe('must');
  });

  it('does not guess where more or fewer stand between the neighbours', () => {
    const result = merged(
      { hello: greeting },
      { hello: ['MUST wave.', 'MUST grin.', 'MUST laugh.', 'MAY bow.'] },
    );
    expect(kinds(result)).toEqual(['new bolt01-hello-04', 'new bolt01-hello-05', 'gone bolt01-hello-02']);
  });

  it('knows a sentence by its words where its condition changed', () => {
    const result = merged(
      { hello: ['if late:\n  - MUST run.', 'MAY bow.'] },
      { hello: ['MAY sit.', 'MAY bow.', 'if very late:\n  - MUST run.'] },
    );
    expect(kinds(result)).toEqual(['new bolt01-hello-03', 'changed bolt01-hello-01']);
  });

  it('keeps what is gone, at the last commit that had it, and does not use its number again', () => {
    const first = merged({ hello: greeting }, { hello: ['MUST wave.'] });
    expect(ids(first)).toEqual(['bolt01-hello-01', 'bolt01-hello-02 gone', 'bolt01-hello-03 gone']);
    expect(first.requirements[1]?.commit).toBe(A);
    const second = merge(first.requirements, { hello: ['MUST wave.', 'MUST nod.'] }, B);
    expect(ids(second)[1]).toBe('bolt01-hello-04');
    expect(kinds(second)).toEqual(['new bolt01-hello-04']);
  });

  it('gives a sentence that is back the id that it had', () => {
    const without = merged({ hello: greeting }, { hello: ['MUST wave.'] });
    const back = merge(without.requirements, { hello: greeting }, B);
    expect(ids(back)).toEqual(['bolt01-hello-01', 'bolt01-hello-02', 'bolt01-hello-03']);
    expect(kinds(back)).toEqual(['returned bolt01-hello-02', 'returned bolt01-hello-03']);
  });

  it('follows a section to its new heading', () => {
    const result = merged(
      { hello: greeting, bye: ['MUST leave.'] },
      { bye: ['MUST leave.'], 'Good day': greeting },
    );
    expect(kinds(result)).toEqual([
      'moved bolt01-hello-01',
      'moved bolt01-hello-02',
      'moved bolt01-hello-03',
    ]);
    expect(result.changes[0]?.after.anchor).toBe('good-day');
  });

  it('follows a telling sentence to another section, but not one that could come from anywhere', () => {
    const telling = 'MUST send exactly one greeting to each node that it has met before this day.';
    const result = merged(
      { hello: ['MUST wave.', telling, 'MAY fail.'], bye: ['MUST leave.'] },
      { hello: ['MUST wave.'], bye: ['MUST leave.', telling, 'MAY fail.'] },
    );
    expect(kinds(result)).toEqual(['moved bolt01-hello-02', 'new bolt01-bye-02', 'gone bolt01-hello-03']);
  });

  it('leaves the same words under another heading alone', () => {
    const result = merged(
      { hello: ['MAY fail.'], bye: ['MAY fail.'] },
      { bye: ['MAY fail.'], hello: ['MAY fail.'] },
    );
    expect(result.changes).toEqual([]);
  });
});

describe('whatever is done to the documents', () => {
  const sentence = fc
    .tuple(
      fc.constantFrom('MUST', 'SHOULD', 'MAY'),
      fc.constantFrom('wave', 'nod', 'bow', 'send a greeting to every node it knows'),
    )
    .map(([level, what]) => `${level} ${what}.`);
  const section = fc.array(sentence, { maxLength: 6 });
  const sections = fc.dictionary(fc.constantFrom('hello', 'bye', 'good day'), section, {
    noNullPrototype: true,
  });

  it('an id stays, is given once, and a second look at the same text changes nothing', () => {
    fc.assert(
      fc.property(fc.array(sections, { minLength: 1, maxLength: 5 }), (history) => {
        let known: readonly Requirement[] = [];
        for (const state of history) {
          const result = merge(known, state, B);
          const given = result.requirements.map(({ id }) => id);
          expect(new Set(given).size).toBe(given.length);
          for (const { id } of known) expect(given).toContain(id);
          expect(result.texts.size).toBe(Object.values(state).flat().length);
          expect(merge(result.requirements, state, B)).toMatchObject({
            requirements: result.requirements,
            changes: [],
          });
          known = result.requirements;
        }
      }),
    );
  });
});
