import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { journalEvent, type JournalEvent } from '../../src/journal/events.ts';
import { featuresHex, identityFacts, imageTail, shortDigest } from '../../src/report/identity.ts';
import { junitXml } from '../../src/report/junit.ts';
import { summaryMarkdown } from '../../src/report/markdown.ts';
import { buildReport } from '../../src/report/model.ts';
import { reportPage } from '../../src/report/html/page.ts';
import { cellLines } from '../../src/report/text/cell.ts';
import { PLAIN } from '../../src/report/text/colours.ts';
import { featureOfBit } from '../../src/wire/features.ts';
import { makeJournal, nodeStarted } from './builder.ts';
import { HOSTILE_TEXTS } from './hostile.ts';
import { parseXml } from './xml.ts';

const LND = 'lnd@0.21.2';
const DIGEST = `sha256:1c21cdb92ce2${'0'.repeat(52)}`;

type Started = Extract<JournalEvent, { event: 'node-started' }>;

function started(identity: Partial<Started['identity']> = {}, more: Partial<Started> = {}): Started {
  const event = journalEvent.parse(nodeStarted(LND));
  if (event.event !== 'node-started') throw new Error('no start');
  const image = { reference: 'lightninglabs/lnd:v0.21.2-beta', digest: DIGEST };
  const own = { image, build: DIGEST, argv: ['lnd', '--bitcoin.regtest', '--rpcpass=(masked)'] };
  return { ...event, identity: { ...event.identity, ...own, ...identity }, ...more };
}

function reportOf(...starts: readonly Started[]) {
  const [header, ...rest] = makeJournal({
    nodes: [LND],
    cases: [{ id: 'a/b#c' }],
    results: [{ on: LND, case: 'a/b#c', verdict: 'pass' }],
  });
  if (!header) throw new Error('no header');
  const others = rest.filter(({ event }) => event !== 'node-started');
  return buildReport([header, ...starts, ...others], { featureName: featureOfBit });
}

describe('what a node was', () => {
  it('is one identity over several starts, with the longest and the first of them', () => {
    const later = started(
      { publicKey: '03'.repeat(33) },
      { at: '2026-11-20T02:05:00.000Z', startMs: 21_400 },
    );
    const [node] = reportOf(started(), later).nodes;
    expect(node).toMatchObject({ starts: 2, startedAt: '2026-11-20T02:00:00.000Z', startMs: 21_400 });
    expect(node).not.toHaveProperty('otherBuilds');
    const facts = Object.fromEntries(identityFacts(node as never).map(({ name, text }) => [name, text]));
    expect(facts).toMatchObject({
      image: 'lightninglabs/lnd:v0.21.2-beta',
      digest: DIGEST,
      flags: 'lnd\n--bitcoin.regtest\n--rpcpass=(masked)',
      started: '2 times, first 2026-11-20 02:00:00 UTC, each up after 21.4 s at most',
    });
    // The build is the image: said once.
    expect(facts).not.toHaveProperty('build');
  });

  it('is said to be several where it was', () => {
    const report = reportOf(started(), started({ reported: 'another', build: 'sha256:other' }));
    expect(cellLines(report, LND, PLAIN).join('\n')).toMatch(
      /builds +Its cells did not all run the same build/,
    );
    expect(summaryMarkdown(report)).toContain('did not all run the same build');
  });

  it('is what its own cell ran, where others had it in a container', () => {
    const report = reportOf(started({ build: 'sha256:package' }), started());
    const embedded = started({ build: 'sha256:package' });
    delete embedded.identity.image;
    const mixed = reportOf(embedded, started());
    expect(mixed.nodes[0]).toMatchObject({
      build: 'sha256:package',
      starts: 1,
      otherBuilds: [{ build: DIGEST }],
    });
    expect(mixed.nodes[0]).not.toHaveProperty('image');
    expect(report.nodes[0]).toMatchObject({ build: DIGEST });
  });

  it('stands in every format', async () => {
    const report = reportOf(started());
    const text = cellLines(report, LND, PLAIN).join('\n');
    expect(text).toMatch(/image +lightninglabs\/lnd:v0\.21\.2-beta\n/);
    expect(text).toMatch(/flags +lnd --bitcoin\.regtest --rpcpass=\(masked\)\n/);
    expect(text).toContain('payment_secret 14');
    expect(summaryMarkdown(report)).toContain('`lightninglabs/lnd:v0.21.2-beta` `1c21cdb92ce2`');
    const properties = parseXml(junitXml(report)).children[0]?.children[0]?.children.map(
      ({ attributes }) => attributes,
    );
    expect(properties).toContainEqual({ name: `${LND} digest`, value: DIGEST });
    const page = await reportPage(report);
    expect(page).toContain('lnd:v0.21.2-beta');
    expect(page).toContain(DIGEST);
  });

  it('stays text, whatever it says', async () => {
    for (const hostile of HOSTILE_TEXTS) {
      const report = reportOf(
        started({
          ...{
            reported: hostile,
            build: hostile,
            note: hostile,
            argv: Array.from({ length: 300 }, () => hostile),
          },
          image: { reference: hostile, digest: hostile },
        }),
      );
      const page = await reportPage(report);
      expect(page.includes('<script>globalThis')).toBe(false);
      expect(page.includes('<img')).toBe(false);
      parseXml(junitXml(report));
      for (const line of cellLines(report, LND, PLAIN)) {
        expect(line).not.toContain('\u001b');
        expect(line.length).toBeLessThan(9000);
      }
      for (const { text } of identityFacts(report.nodes[0] as never))
        expect(text.length).toBeLessThan(25_000);
    }
  });
});

describe('short forms', () => {
  it.each([
    ['lightninglabs/lnd:v0.21.2-beta', 'lnd:v0.21.2-beta'],
    [`example.org:5000/a/b:1@${DIGEST}`, 'b:1'],
    ['plain', 'plain'],
  ])('of image %s', (reference, tail) => {
    expect(imageTail(reference)).toBe(tail);
  });

  it('of a digest are as Docker shows them', () => {
    expect(shortDigest(DIGEST)).toBe('1c21cdb92ce2');
  });
});

describe('the bitmap', () => {
  const hexOf = (bits: readonly number[]) => featuresHex({ features: bits.map((bit) => ({ bit })) });

  it('is that of init: big-endian, whole bytes', () => {
    // 0x02 0x81: bits 0, 7 and 9.
    expect(hexOf([0, 7, 9])).toBe('0281');
    expect(hexOf([])).toBeUndefined();
    expect(hexOf([100_000])).toBeUndefined();
  });

  it('has exactly the bits that were sent', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(500), { minLength: 1 }), (bits) => {
        const bytes = Buffer.from(hexOf(bits) ?? '', 'hex').reverse();
        const set = [...bytes].flatMap((byte, i) =>
          [0, 1, 2, 3, 4, 5, 6, 7].filter((bit) => byte & (1 << bit)).map((bit) => 8 * i + bit),
        );
        expect(set).toEqual([...bits].sort((a, b) => a - b));
      }),
    );
  });
});
