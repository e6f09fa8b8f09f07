import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { extractSentences } from '../../src/spec/extract.ts';

const fixture = (path: string): string =>
  readFileSync(new URL(`../fixtures/spec/${path}`, import.meta.url), 'utf8');

const bolt = (source: string) => extractSentences('bolt01', '01-greeting.md', source);
const brief = (source: string): string[] => bolt(source).map(({ level, text }) => `${level}: ${text}`);
const hashes = (source: string): string[] => bolt(source).map(({ hash }) => hash);

describe('the sentences of a document', () => {
  const sentences = bolt(fixture('bolts/01-greeting.md'));
  const inSection = (name: string): string[] =>
    sentences.filter(({ slug }) => slug === name).map(({ level, text }) => `${level}: ${text}`);

  it('are those of running text that have a keyword in upper case, one each', () => {
    expect(inSection('overview')).toEqual([
      'must: Implementations MUST greet once, e.g. Before anything else.',
      'may: They MAY wave.',
      'should: One of several numbers, here 256. starts this wrapped line, and it SHOULD stay in its paragraph 2. as this one does.',
    ]);
  });

  it('are bullets with the conditions they stand under, and what a lead gives its level to', () => {
    const failing = 'The receiving node MUST fail the greeting if:';
    expect(inSection('hello')).toEqual([
      'must: The sending node: → MUST set `words` to *its* name, as in BOLT #7.',
      'should: The sending node: → SHOULD NOT shout.',
      'must: The sending node: → if it is _late_: → MUST apologise.',
      'may: The sending node: → otherwise: → MAY smile,',
      'must: The sending node: → otherwise: → MAY smile, → and MUST NOT laugh.',
      'must: The sending node: → MUST pick one of: a bow a nod',
      `must: ${failing} → \`words\` is empty.`,
      `must: ${failing} → if \`len\` is odd: → \`words\` is not padded with zeroes.`,
      `may: ${failing} → it MAY also fail the greeting on Sundays.`,
      'must: The receiving node MUST: → answer.',
      'must: A third node: → Is not concerned. If it listens, it MUST be silent.',
      'should: A third node: → If it speaks, it SHOULD be short. That is all.',
    ]);
  });

  it('are the steps and wordings of BOLT 8, which has few keywords', () => {
    const actions = '**Receiver Actions:** → ';
    expect(inSection('bye')).toEqual([
      `must: ${actions}Read _exactly_ 50 bytes from the buffer.`,
      `must: ${actions}\`p = decrypt(c)\` → If this fails, then the receiver MUST hang up.`,
      `must: ${actions}\`p = decrypt(c)\` → The rest is to be dropped.`,
      'must: A node: → MUST say `bye` last.',
    ]);
  });

  it('have the anchor that GitHub gives to a repeated heading', () => {
    const anchors = new Map(sentences.map(({ text, anchor }) => [text, anchor]));
    expect(anchors.get('They MAY wave.')).toBe('overview');
    expect(anchors.get('The receiving node MUST: → answer.')).toBe('requirements');
    expect(anchors.get('**Receiver Actions:** → Read _exactly_ 50 bytes from the buffer.')).toBe(
      'requirements-1',
    );
    expect(anchors.get('A node: → MUST say `bye` last.')).toBe('requirements-2');
  });

  it('have the title of a bLIP, which stands in its preamble, as first heading', () => {
    const found = extractSentences('blip0003', 'blip-0003.md', fixture('blips/blip-0003.md'));
    expect(found.map(({ slug, section, anchor, text }) => ({ slug, section, anchor, text }))).toEqual([
      {
        slug: 'keysend',
        section: ['Keysend', 'Specification'],
        anchor: 'specification',
        text: 'Sender: → MUST send.',
      },
      {
        slug: 'prices',
        section: ['Keysend', 'Specification', 'Prices', 'Link: LSPS0.sat'],
        anchor: 'link-lsps0sat',
        text: 'A price MUST be positive.',
      },
    ]);
  });

  it('keep what stands under a table of contents of the first level, as in BOLT 7', () => {
    expect(brief('# BOLT #7\n\n# Table of Contents\n\n* [A](#a)\n\n## A\n\nNodes MUST meet.\n')).toEqual([
      'must: Nodes MUST meet.',
    ]);
  });
});

describe('the hash of a sentence', () => {
  const source = '# T\n## S\n\nA node:\n  - if *late*:\n    - MUST run `fast`.\n';

  it.each([
    ['wrapping', source.replace('run `fast`', 'run\n      `fast`')],
    ['emphasis', source.replace('*late*', '_late_')],
    ['code marks', source.replace('`fast`', 'fast')],
    ['the target of a link', source.replace('`fast`', '[fast](https://example.com/a)')],
    ['the mark of the bullet', source.replaceAll('- ', '* ')],
    ['line ends', source.replaceAll('\n', '\r\n')],
    ['a full stop', source.replace('.', '')],
    ['an added heading before', source.replace('## S', '## R\n## S')],
  ])('does not change with %s', (_, edited) => {
    expect(hashes(edited)).toEqual(hashes(source));
  });

  it.each([
    ['its heading', source.replace('## S', '## Z'), 'condition'],
    ['its lead', source.replace('A node:', 'No node:'), 'condition'],
    ['its parent bullet', source.replace('late', 'early'), 'condition'],
    ['its words', source.replace('fast', 'slowly'), 'text'],
    ['its level', source.replace('MUST', 'SHOULD'), 'text'],
  ])('changes with %s, in the half that is meant', (_, edited, half) => {
    const [before, after] = [hashes(source)[0]!, hashes(edited)[0]!];
    expect(after).toHaveLength(32);
    expect(after.slice(0, 16) === before.slice(0, 16)).toBe(half === 'text');
    expect(after.slice(16) === before.slice(16)).toBe(half === 'condition');
  });
});

it('any text is read without an error, and each sentence found in it is in a section', () => {
  const piece = fc.constantFrom(
    '# A',
    '### B',
    '- MUST x',
    '  * if y:',
    '1. SHOULD',
    '\t- MAY',
    '```',
    '> MUST',
    'word:',
    '',
    '`',
    '**',
    '[a](',
    '| x |',
  );
  const line = fc.oneof(piece, fc.string({ unit: 'binary' }), fc.string());
  fc.assert(
    fc.property(fc.array(line, { maxLength: 30 }), (lines) => {
      for (const sentence of bolt(lines.join('\n'))) {
        expect(sentence.section.length).toBeGreaterThan(0);
        expect(sentence.hash).toMatch(/^[0-9a-f]{32}$/);
      }
    }),
  );
});
