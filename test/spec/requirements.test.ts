import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { formatIndex, INDEX_FILE, readIndex } from '../../src/spec/index-file.ts';
import { parseMarkdown } from '../../src/spec/markdown.ts';
import { allRequirements, requirement } from '../../src/spec/registry.ts';
import { readSentences, specCheck } from '../../src/spec/update.ts';

describe('the committed index', () => {
  it('is written as `boltgrid spec index` writes it', () => {
    expect(formatIndex(readIndex())).toBe(readFileSync(INDEX_FILE, 'utf8'));
  });

  it('finds a requirement, and names the nearest for one that is not there', () => {
    expect(requirement('bolt01-init-02')).toMatchObject({
      document: 'bolt01',
      file: '01-messaging.md',
      level: 'must',
    });
    expect(() => requirement('bolt01-inti-02')).toThrow(
      expect.objectContaining({
        code: 'spec.unknown-requirement',
        blame: 'user',
        hint: expect.stringMatching(/^Did you mean bolt01-init-\d\d\?$/) as string,
      }),
    );
  });
});

/** The documents at the commits of the index, where someone has put them beside the repository. */
const SPEC = fileURLToPath(new URL('../../../shared/spec', import.meta.url));
const present = existsSync(SPEC);

const sentences = present ? readSentences([SPEC]) : new Map<string, string>();

describe.skipIf(!present)(
  `the documents themselves (read from ../shared/spec${present ? '' : ', which is absent'})`,
  () => {
    const source = (repository: string, file: string): string =>
      readFileSync(`${SPEC}/${repository}/${file}`, 'utf8');

    it('are as the index has them', () => {
      expect(specCheck([SPEC]).changes).toEqual([]);
      const live = allRequirements().filter((each) => !each.gone);
      expect([...sentences.keys()].sort()).toEqual(live.map(({ id }) => id).sort());
    });

    it('have no line with a keyword that is missed outside of code, quotes and rationale', () => {
      const found = [...sentences.values()].join('\n').replaceAll(/\s+/g, ' ');
      const missed = readdirSync(`${SPEC}/bolts`)
        .filter((file) => /^\d\d-.*\.md$/.test(file))
        .flatMap((file) => normativeLines(source('bolts', file)).filter((words) => !found.includes(words)));
      // The frame of BOLT 8's test vectors.
      expect(missed).toEqual(['SHOULD produce the given output', 'SHOULD produce the given output']);
    });

    it('are given the levels that their keywords say', () => {
      for (const [id, text] of sentences) {
        const own = text.split(' → ').at(-1) ?? '';
        const keyword = /\b(MUST|SHOULD|MAY)\b/.exec(own.replaceAll(/`[^`]*`/g, ''))?.[1];
        const rfcWord = /\b(REQUIRED|RECOMMENDED|OPTIONAL|SHALL)\b/.test(own);
        if (keyword && !rfcWord) expect([id, requirement(id).level]).toEqual([id, keyword.toLowerCase()]);
      }
    });

    it.each([
      ['bolt01-ping', /is to be sent whenever a `ping` message is received/],
      ['bolt08-key-rotation', /A key is to be rotated after .* 1000 times/],
      ['bolt08-handshake', /MAC check ever fails during the handshake process/],
      ['bolt08-act-one', /Read _exactly_ 50 bytes/],
      ['bolt08-act-three', /unrecognized handshake version, then the responder MUST abort/],
      ['bolt09-features', /both the optional and the mandatory feature bits in a pair are set/],
      [
        'bolt02-open-channel',
        /MUST fail the channel if: → `push_msat` is greater than `funding_satoshis` \* 1000/,
      ],
      ['bolt02-splice-tx-init-rbf', /If the channel is not quiescent: → MUST send a `warning`/],
      [
        'bolt07-query-short-channel-ids',
        /with a `channel_announcement` and the latest `channel_update` for each end/,
      ],
    ])('have a requirement of %s that says %s', (stem, pattern) => {
      const said = [...sentences].filter(([id, text]) => id.startsWith(stem) && pattern.test(text));
      expect(said).toHaveLength(1);
    });

    it('have the anchors that they link to in themselves', () => {
      const links = readdirSync(`${SPEC}/bolts`)
        .filter((file) => /^(?!00)\d\d-.*\.md$/.test(file))
        .flatMap((file) => {
          const text = source('bolts', file);
          const anchors = new Set(parseMarkdown(text).map(({ anchor }) => anchor));
          const targets = [...text.matchAll(/\]\(#(?!ref)([^)\s]+)\)/g)].map((link) => link[1] ?? '');
          return targets.map((target) => ({ link: `${file}#${target}`, known: anchors.has(target) }));
        });
      expect(links.length).toBeGreaterThan(200);
      const broken = links.filter(({ known }) => !known).map(({ link }) => link);
      // These the documents have wrong at this commit: BOLT 4 by case, BOLT 5 since its headings put names in code.
      expect(broken.map((link) => link.slice(0, 24))).toEqual([
        '04-onion-routing.md#Insi',
        '05-onchain.md#expected-w',
        '05-onchain.md#expected-w',
        '05-onchain.md#expected-w',
      ]);
    });

    it('have the anchor of each requirement, on its own last heading', () => {
      const headings = new Map<string, string>();
      for (const repository of ['bolts', 'blips']) {
        for (const file of readdirSync(`${SPEC}/${repository}`).filter((name) => name.endsWith('.md'))) {
          for (const { anchor, headings: path } of parseMarkdown(source(repository, file))) {
            headings.set(`${file}#${anchor}`, path.at(-1) ?? '');
          }
        }
      }
      for (const { file, anchor, section, gone } of allRequirements()) {
        if (!gone) expect(headings.get(`${file}#${anchor}`)).toBe(section.at(-1));
      }
    });
  },
);

/** The words around each keyword, up to the next name in code or link, of lines that ought to hold a requirement. */
function normativeLines(source: string): string[] {
  let inCode = false;
  let heading = '';
  return source.split('\n').flatMap((line) => {
    if (/^\s*```/.test(line)) inCode = !inCode;
    if (!inCode) heading = /^#+ (.*)/.exec(line)?.[1] ?? heading;
    const words = /\b(?:MUST|SHOULD|MAY)\b[^[`]{0,25}/.exec(line)?.[0];
    if (inCode || /^\s*>/.test(line) || /^(?:Rationale|Appendix)/.test(heading) || words === undefined)
      return [];
    return [words.replaceAll(/\s+/g, ' ').trim()];
  });
}
