import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildReport } from '../../src/report/model.ts';
import { featureOfBit } from '../../src/wire/features.ts';
import { violations } from './axe.ts';
import { missingBrowser, ReportBrowser } from './chromium.ts';
import { BITCOIND_FAILED, NETWORK_NODES, networkJournal } from './network.ts';

const BROKEN = 'cln@25.09';

const all = buildReport(networkJournal({ broken: (cell) => cell.startsWith(BROKEN) }), {
  featureName: featureOfBit,
});

const NO_DOCKER = 'Docker cannot be reached';
const two = buildReport(
  networkJournal({
    absent: (node) => {
      if (node.startsWith('ldk@')) return undefined;
      const image = node.replace(/\+.*/, '');
      return node.startsWith('eclair') ? NO_DOCKER : `there is no image of ${image} on this machine`;
    },
  }),
);

const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

const square = (page: Page, cell: string) => page.locator(`button.square[data-open-cell="${cell}"]`);

describe.skipIf(missingBrowser() !== undefined)('fifteen nodes and all their pairs', () => {
  let browser: ReportBrowser;
  beforeAll(async () => {
    browser = await ReportBrowser.open(all);
  });
  afterAll(() => browser.close());

  it('are a square for each ordered pair, opener by row, with glyph and count', async () => {
    const { page, troubles } = await browser.page();
    expect(await page.locator('button.square').count()).toBe(210);
    expect(await page.locator('table.pairs tbody .none').count()).toBe(15);
    const row = page.locator('table.pairs tbody tr', { hasText: 'eclair 0.13.1' });
    expect(await row.locator('button.square').nth(7).getAttribute('data-open-cell')).toBe(
      'eclair@0.13.1 -> cln@25.09',
    );
    expect(await row.locator('button.square').nth(7).innerText()).toMatch(/✗\s*fail\s*0\/10/);
    expect(await page.locator('nav.views').innerText()).toMatch(/Pairs 210/);
    expect(troubles).toEqual([]);
  });

  it('lead to the cases of a pair', async () => {
    const { page } = await browser.page();
    await square(page, 'eclair@0.13.1 -> cln@26.06').click();
    await page.locator('#panel .list').waitFor();
    expect(await page.locator('#panel .list tr').count()).toBe(12);
    await page.keyboard.press('Escape');
    expect(await page.evaluate(() => document.activeElement?.getAttribute('data-open-cell'))).toBe(
      'eclair@0.13.1 -> cln@26.06',
    );
  });

  it('are one stop of the Tab key; arrows keep to the column across the empty diagonal', async () => {
    const { page } = await browser.page();
    expect(await page.locator('button.square[tabindex="0"]').count()).toBe(1);
    await square(page, 'ldk@0.1.0 -> ldk@0.1.2').focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    const focused = await page.evaluate(() => document.activeElement?.getAttribute('data-open-cell'));
    expect(focused?.split(' -> ')[0]).toBe('lnd@0.19.3');
    expect(await page.locator('table.pairs th.lit').count()).toBe(2);
  });

  it('keep their heads in sight, on a phone too', async () => {
    const { page } = await browser.page('', PHONE);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    const scroller = page.locator('.matrix .scroller');
    await scroller.evaluate((element) => {
      element.scrollTo(300, 80);
    });
    const edge = await scroller.evaluate((element) => element.getBoundingClientRect().left);
    const left = await page
      .locator('table.pairs tbody th')
      .first()
      .evaluate((element) => element.getBoundingClientRect().left);
    expect(Math.abs(left - edge)).toBeLessThan(6);
  });

  it('follow the filters', async () => {
    const { page } = await browser.page('#node=electrum%404.8.3');
    expect(await page.locator('button.square:visible').count()).toBe(28);
  });

  it('do not lose the filters when jumped to', async () => {
    const { page } = await browser.page('#level=must');
    await page.click('nav.views a[href="#pair-part"]');
    expect(new URL(page.url()).hash).toBe('#level=must');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('pair-part');
  });

  it('tell a set-up error once, with its lines, also in the panel', async () => {
    const { page } = await browser.page();
    expect(await page.locator('.troubles details').count()).toBe(1);
    await page.locator('.troubles summary').click();
    const told = await page.locator('.troubles').innerText();
    expect(told).toContain('189 × on 15 cells of cln@25.09');
    expect(told).toContain(BITCOIND_FAILED);
    expect(told).toContain('Error: Cannot obtain a lock\nShutdown: done');
    await page.locator('.troubles .link').click();
    await page.locator('#panel .setup').waitFor();
    expect(await page.locator('#panel .setup').innerText()).toContain(`21 × ${BITCOIND_FAILED}`);
    expect(await page.locator('#panel .list tr:visible').count()).toBe(0);
  });

  it('say in their heads what ran, and all of it on demand, to be copied', async () => {
    const { page } = await browser.page('', { permissions: ['clipboard-read', 'clipboard-write'] });
    const head = page.locator('th.node[data-cell="lnd@0.20.2"]');
    expect(await head.innerText()).toMatch(/0\.20\.2-beta commit.*\nlnd:v0\.20\.2-beta\n[0-9a-f]{12}/);
    await page.click('button[aria-label="About lnd@0.20.2"]');
    const about = page.locator('.about:visible');
    for (const part of ['lightninglabs/lnd:v0.20.2-beta', '--protocol.option-scid-alias', 'up after 21.4 s'])
      expect(await about.innerText()).toContain(part);
    expect(await about.innerText()).toMatch(/sha256:[0-9a-f]{64}/);
    await about.locator('summary').click();
    expect(await about.innerText()).toContain('0820000a0a4121');
    expect(await about.locator('.features tr', { hasText: 'option_zeroconf' }).innerText()).toMatch(/^51\s/);
    await about.locator('button[aria-label="Copy the digest"]').click();
    await about.locator('button', { hasText: 'Copied' }).waitFor();
  });

  it.each([
    ['light', '', {}],
    ['dark', '', { colorScheme: 'dark' as const }],
    ['phone', '', PHONE],
    ['panel of a set-up error', `#cell=${encodeURIComponent(BROKEN)}`, {}],
  ])('have no serious accessibility violation: %s', async (_, fragment, options) => {
    const { page } = await browser.page(fragment, { ...options, bypassCSP: true });
    if (fragment === '') await page.locator('.troubles summary').click();
    else await page.locator('#panel .setup').waitFor();
    expect(await violations(page)).toEqual([]);
  });
});

describe.skipIf(missingBrowser() !== undefined)('two of fifteen nodes that run here', () => {
  let browser: ReportBrowser;
  beforeAll(async () => {
    browser = await ReportBrowser.open(two);
  });
  afterAll(() => browser.close());

  it('are all that the grids show; the rest is listed once, by reason', async () => {
    const { page, troubles } = await browser.page();
    expect(await page.locator('#subjects thead th.node').count()).toBe(2);
    expect(await page.locator('button.square').count()).toBe(2);
    expect(await page.locator('input[name=verdict][value=not-run]').count()).toBe(0);
    const section = await page.locator('#not-here').innerText();
    expect(section).toContain('13 nodes, 221 cells');
    expect(await page.locator('#not-here dt').allTextContents()).toEqual([
      'there is no image of it on this machine',
      NO_DOCKER,
    ]);
    expect(await page.locator('#not-here dd').nth(1).locator('code').allTextContents()).toEqual([
      'eclair@0.13.1',
      'eclair@0.14.0',
    ]);
    expect(NETWORK_NODES.length - (await page.locator('#not-here dd code').count())).toBe(2);
    expect(troubles).toEqual([]);
  });

  it('are told from one that could not run, when the address names it', async () => {
    const { page } = await browser.page('#cell=eclair%400.14.0&case=bolt01%2Finit%23networks');
    await page.locator('#panel', { hasText: NO_DOCKER }).waitFor();
  });

  it('have no serious accessibility violation', async () => {
    const { page } = await browser.page('', { bypassCSP: true });
    expect(await violations(page)).toEqual([]);
  });
});
