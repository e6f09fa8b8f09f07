import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildReport } from '../../src/report/model.ts';
import { coverage } from '../../src/spec/coverage.ts';
import { allRequirements } from '../../src/spec/registry.ts';
import { violations } from './axe.ts';
import { missingBrowser, ReportBrowser } from './chromium.ts';
import { demoJournal } from './demo.ts';

const documents = coverage();
const report = buildReport(demoJournal(), {
  requirements: new Map(allRequirements().map((each) => [each.id, each])),
});

/** What cases of the demo's run judge: its `bolt01/ping#asked-length`. */
const JUDGED = 'tr[data-requirement="bolt01-ping-08"]';

const openAll = (page: Page): Promise<void> =>
  page.evaluate(() => {
    for (const details of document.querySelectorAll('details')) details.open = true;
  });

describe.skipIf(missingBrowser() !== undefined)('the page of what is covered, from disk and offline', () => {
  let browser: ReportBrowser;
  const open = (fragment = '', options = {}) => browser.page(fragment, options, 'coverage.html');
  beforeAll(async () => {
    browser = await ReportBrowser.open(report);
  });
  afterAll(() => browser.close());

  it('has a row and a part for each document, asks for nothing and breaks no rule of its own policy', async () => {
    const { page, troubles } = await open();
    expect(await page.locator('.shares tbody tr').count()).toBe(documents.length);
    expect(await page.locator('.of-document').count()).toBe(documents.length);
    expect(await page.locator('.shares tr[data-document="bolt08"]').innerText()).toContain('100 %');
    expect(await page.locator('body').innerText()).not.toMatch(/undefined|null|\[object|NaN/);
    expect(troubles).toEqual([]);
  });

  it('shows each requirement where it stands, once', async () => {
    const { page } = await open();
    await openAll(page);
    const codes = await page
      .locator('.standing tbody th code, .missing code, .invisible code')
      .allTextContents();
    const ids = documents.flatMap(({ standings }) => standings.map(({ requirement }) => requirement.id));
    expect(codes.sort()).toEqual(ids.sort());
  });

  it('leads from a verdict to the result in the grid, and back', async () => {
    const { page } = await open();
    const verdict = page.locator(`${JUDGED} td`).nth(1).locator('a');
    expect(await verdict.innerText()).toContain('pass');
    await verdict.click();
    await page.locator('#panel', { hasText: 'answers with the asked length' }).waitFor();
    await page.keyboard.press('Escape');
    await page.click('a.tool');
    expect(page.url()).toBe(browser.urlOf('coverage.html'));
  });

  it('leads from a requirement to the cases that judge it', async () => {
    const { page } = await open();
    expect(await page.locator(`${JUDGED} th a`).first().getAttribute('href')).toBe(
      'index.html#q=bolt01-ping-08',
    );
  });

  it('fits a phone: only tables scroll sideways', async () => {
    const { page } = await open('', { viewport: { width: 390, height: 844 }, isMobile: true });
    await openAll(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  });

  it('takes the colours that the reader chose', async () => {
    const { page } = await open('', { colorScheme: 'dark' });
    const ground = (): Promise<string> =>
      page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const dark = await ground();
    await page.click('#theme');
    expect(await ground()).not.toBe(dark);
  });

  it('needs no JavaScript', async () => {
    const { page } = await open('#bolt08', { javaScriptEnabled: false });
    expect(await page.locator('#bolt08 .standing tbody tr').count()).toBeGreaterThan(20);
    expect(await page.locator('#theme').isVisible()).toBe(false);
  });

  it.each([
    ['light', {}],
    ['dark', { colorScheme: 'dark' as const }],
    ['phone', { viewport: { width: 390, height: 844 } }],
  ])('has no serious accessibility violation: %s', async (_, options) => {
    const { page } = await open('', { ...options, bypassCSP: true });
    await page.locator('#bolt01 details').first().locator('summary').click();
    expect(await violations(page)).toEqual([]);
  });
});
