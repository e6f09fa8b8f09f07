import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildReport } from '../../src/report/model.ts';
import { allRequirements } from '../../src/spec/registry.ts';
import { WRONG_PONG } from '../report/builder.ts';
import { violations } from './axe.ts';
import { missingBrowser, ReportBrowser } from './chromium.ts';
import { demoJournal } from './demo.ts';

const report = buildReport(demoJournal(), {
  requirements: new Map(allRequirements().map((each) => [each.id, each])),
  expectations: [
    {
      ...{
        case: 'bolt01/ping#asked-length',
        node: 'ldk@0.1.0',
        requirement: WRONG_PONG.requirement,
        step: WRONG_PONG.step,
      },
      ...{
        reason: 'answers with an empty pong',
        link: 'https://example.org/issues/1',
        expires: '2027-01-01',
      },
    },
  ],
  sentences: new Map([['bolt01-ping-07', 'MUST respond by sending a pong message']]),
  featureName: (bit) => (bit === 14 ? 'payment_secret' : undefined),
});

const FAILED = '#cell=ldk%400.1.0&case=bolt01%2Fping%23asked-length%5Blargest%5D';

const visibleRows = (page: Page): Promise<string[]> =>
  page.locator('#subjects tr.case:visible .id code').allTextContents();

describe.skipIf(missingBrowser() !== undefined)('the page, from disk and offline', () => {
  let browser: ReportBrowser;
  beforeAll(async () => {
    browser = await ReportBrowser.open(report);
  });
  afterAll(() => browser.close());

  it('shows every case and node, asks for nothing and breaks no rule of its own policy', async () => {
    const { page, troubles } = await browser.page();
    expect(await visibleRows(page)).toHaveLength(24);
    expect(await page.locator('#subjects thead th.node').count()).toBe(6);
    expect(await page.locator('button.cell').first().textContent()).toContain('pass');
    expect(await page.locator('#theme').isVisible()).toBe(true);
    expect(troubles).toEqual([]);
  });

  it('never counts our errors or those of the set-up among a node’s', async () => {
    const { page } = await browser.page();
    const sumOf = (node: string): Promise<string> =>
      page.locator(`th.node[data-cell="${node}"] .sum`).innerText();
    expect((await sumOf('electrum@4.7.2')).split(/\s+/)).toEqual(['19/19', 'pass', '⚠', '1']);
    expect((await sumOf('cln@26.04')).split(/\s+/)).toEqual(['21/22', 'pass', '✗', '1', '⚠', '1']);
  });

  it('stays small: transcripts are packed', () => {
    const pageBytes = statSync(join(browser.folder, 'index.html')).size;
    const reportBytes = statSync(join(browser.folder, 'report.json')).size;
    expect(pageBytes).toBeLessThan(reportBytes);
  });

  it('lets nothing run that is not its own', async () => {
    const { page } = await browser.page();
    const ran = await page.evaluate(() => {
      const script = document.createElement('script');
      let refused = false;
      try {
        script.textContent = 'globalThis.intruder = 1';
        document.body.append(script);
      } catch {
        refused = true;
      }
      return { refused, intruder: 'intruder' in globalThis };
    });
    expect(ran).toEqual({ refused: true, intruder: false });
  });

  describe('filters', () => {
    it('search, verdict, suite, level and red only narrow the rows, and stand in the address', async () => {
      const { page, troubles } = await browser.page();
      await page.fill('input[name=q]', 'pong asked');
      expect(await visibleRows(page)).toEqual(['#asked-length']);
      expect(new URL(page.url()).hash).toBe('#q=pong+asked');
      await page.click('#clear');
      expect(new URL(page.url()).hash).toBe('');
      await page.check('input[name=verdict][value=timeout]', { force: true });
      expect(await visibleRows(page)).toEqual(['#even-type']);
      await page.check('input[name=verdict][value=crashed]', { force: true });
      expect(await visibleRows(page)).toEqual(['#even-type', '#tlv-order']);
      expect(await page.textContent('#shown')).toBe('2 of 24 cases shown');
      await page.click('#clear');
      await page.selectOption('select[name=suite]', 'bolt08');
      await page.check('input[name=level][value=should]', { force: true });
      expect(await visibleRows(page)).toEqual(['#bad-tag']);
      await page.click('#clear');
      await page.check('input[name=red]', { force: true });
      expect(await visibleRows(page)).toEqual([
        '#asked-length',
        '#even-type',
        '#tlv-order',
        '#dust-below',
        '#push-above',
        '#bad-key',
      ]);
      expect(await page.locator('button.square:visible').count()).toBe(1);
      expect(troubles).toEqual([]);
    });

    it('choose nodes: columns, rows and pairs follow', async () => {
      const { page } = await browser.page('#node=electrum%404.7.2&red=1');
      expect(await page.locator('#subjects thead th.node:visible .name b').allTextContents()).toEqual([
        'electrum',
      ]);
      expect(await visibleRows(page)).toEqual(['#bad-key']);
      expect(await page.locator('button.square:visible').count()).toBe(0);
    });

    it('are taken from the address, also when it changes, and say when nothing matches', async () => {
      const { page } = await browser.page('#q=ping&level=must');
      expect(await page.inputValue('input[name=q]')).toBe('ping');
      expect(await page.isChecked('input[name=level][value=must]')).toBe(true);
      expect((await visibleRows(page)).length).toBeGreaterThan(0);
      await page.evaluate(() => {
        location.hash = '#q=nothing+like+this';
      });
      await page.locator('#empty').waitFor();
      expect(await visibleRows(page)).toEqual([]);
      expect(await page.inputValue('input[name=q]')).toBe('nothing like this');
    });

    it('fold suites', async () => {
      const { page } = await browser.page();
      const fold = page.locator('tbody[data-suite="bolt01/ping"] button.fold');
      await fold.click();
      expect(await fold.getAttribute('aria-expanded')).toBe('false');
      expect(await visibleRows(page)).toHaveLength(21);
    });
  });

  describe('the panel', () => {
    it('tells of a failure: sentence, expected and got, why, transcript, how to run it again', async () => {
      const { page, troubles } = await browser.page(FAILED);
      const panel = page.locator('#panel');
      await panel.waitFor();
      const text = await panel.innerText();
      for (const part of [
        ...[
          'fail',
          'answers with the asked length',
          'The node broke a MUST',
          'MUST respond by sending a pong message',
        ],
        ...['65531', 'answers with an empty pong', 'suites/bolt01/ping.ts:12', 'check bolt01-ping-07'],
        "boltgrid run --node ldk@0.1.0 --case 'bolt01/ping#asked-length[largest]' --seed 7f3a",
      ]) {
        expect(text).toContain(part);
      }
      expect(await panel.locator('.rule a').getAttribute('href')).toMatch(
        /^https:\/\/github\.com\/lightning\/bolts\/blob\/[0-9a-f]{40}\/01-messaging\.md#requirements-\d+$/,
      );
      expect(await panel.locator('.talk .in b').allTextContents()).toEqual(['init', 'pong']);
      expect(await panel.locator('.talk .out b').allTextContents()).toEqual(['init', 'ping']);
      const ping = panel.locator('.talk li.out', { hasText: 'ping' });
      await ping.locator('summary.row').click();
      expect(await ping.locator('dl').innerText()).toContain('num_pong_bytes');
      await ping.locator('.hex summary').click();
      expect(await ping.locator('.hex pre').innerText()).toBe('0012fffb 0000');
      expect(troubles).toEqual([]);
    });

    it('opens from a cell, loads the transcript of a pass, and is linked by the address', async () => {
      const { page, troubles } = await browser.page();
      const cell = page.locator(
        'button.cell[data-open-cell="lnd@0.21.2"][data-open-case="bolt01/init#networks"]',
      );
      await cell.click();
      await page.locator('#panel .talk').waitFor();
      expect(new URL(page.url()).hash).toBe('#cell=lnd%400.21.2&case=bolt01%2Finit%23networks');
      expect(await page.locator('#panel .checks').innerText()).toContain('held');
      expect(await page.evaluate(() => document.activeElement?.id)).toBe('panel-title');
      await page.keyboard.press('Escape');
      expect(await page.locator('#panel').isVisible()).toBe(false);
      expect(await cell.evaluate((element) => element === document.activeElement)).toBe(true);
      expect(new URL(page.url()).hash).toBe('');
      expect(troubles).toEqual([]);
    });

    it('steps through the parameters of a case and the cases of a node', async () => {
      const { page } = await browser.page(FAILED);
      await page.locator('#panel .runs button', { hasText: 'zero' }).click();
      await page.locator('#panel .path', { hasText: '[zero]' }).waitFor();
      await page.click('#panel button[aria-label="Next case of this node"]');
      await page.locator('#panel .path', { hasText: '#too-long' }).waitFor();
    });

    it('shows both attempts of a flaky case, the telling one open', async () => {
      const { page } = await browser.page('#cell=lnd%400.21.2%2Bzeroconf&case=bolt02%2Fopen%23dust-below');
      await page.locator('#panel .talk').waitFor();
      expect(await page.locator('#panel').innerText()).toContain('1: fail (shared), 2: flaky (alone)');
    });

    it('lists a node’s or pair’s results, with the features of both sides', async () => {
      const { page } = await browser.page();
      await page.locator('button.square.red').click();
      await page.locator('#panel .list').waitFor();
      expect(await page.locator('#panel .list tr').first().innerText()).toContain('fail');
      expect(await page.locator('#panel').innerText()).toContain('payment_secret (14)');
      await page.locator('#panel .list button').first().click();
      await page.locator('#panel .versus').waitFor();
      expect(await page.locator('#panel').innerText()).toContain("--pairs 'lnd@0.21.2 -> cln@26.04'");
    });

    it('says so when the address names nothing', async () => {
      const { page, troubles } = await browser.page('#cell=no-such%401&case=x');
      await page.locator('#panel', { hasText: 'Not in this report' }).waitFor();
      expect(troubles).toEqual([]);
    });
  });

  it('is walked through with the keyboard', async () => {
    const { page } = await browser.page();
    await page.keyboard.press('/');
    expect(await page.evaluate(() => document.activeElement?.getAttribute('name'))).toBe('q');
    const focused = (): Promise<string | undefined> =>
      page.evaluate(() =>
        document.activeElement instanceof HTMLElement
          ? `${document.activeElement.dataset.openCell ?? ''} ${document.activeElement.dataset.openCase ?? ''}`
          : undefined,
      );
    expect(await page.locator('#subjects button.cell[tabindex="0"]').count()).toBe(1);
    await page.locator('#subjects button.cell[tabindex="0"]').focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowDown');
    expect(await focused()).toBe('ldk@0.1.2 bolt01/init#unknown-even');
    await page.keyboard.press('End');
    expect(await focused()).toBe('electrum@4.7.2 bolt01/init#unknown-even');
    await page.keyboard.press('Enter');
    await page.locator('#panel .path', { hasText: '#unknown-even' }).waitFor();
  });

  it('shows what a node is on demand', async () => {
    const { page } = await browser.page();
    await page.click('button[aria-label="About ldk@0.1.2"]');
    const about = page.locator('.about:visible');
    expect(await about.innerText()).toContain('ldk v0.1.2');
    expect(await about.innerText()).toMatch(/sha256:[0-9a-f]{64}/);
    expect(await about.innerText()).toContain('payment_secret');
  });

  it('follows the system’s colours until the reader chooses', async () => {
    const { page } = await browser.page('', { colorScheme: 'dark' });
    const ground = (): Promise<string> =>
      page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const dark = await ground();
    await page.click('#theme');
    const light = await ground();
    expect(light).not.toBe(dark);
    expect(await page.textContent('#theme')).toBe('Dark');
    await page.emulateMedia({ colorScheme: 'light' });
    expect(await ground()).toBe(light);
  });

  it('fits a phone: only the grid itself scrolls sideways', async () => {
    const { page } = await browser.page('', {
      viewport: { width: 390, height: 844 },
      isMobile: true,
      hasTouch: true,
    });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    expect(
      await page.locator('#scroller').evaluate((element) => element.scrollWidth > element.clientWidth),
    ).toBe(true);
    await page.locator('button.cell.red').first().tap();
    await page.locator('#panel').waitFor();
    const box = await page.locator('#panel').boundingBox();
    expect(box?.width).toBe(390);
  });

  it('prints the grid without its controls', async () => {
    const { page } = await browser.page(FAILED);
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('#filters').isVisible()).toBe(false);
    expect(await page.locator('#panel').isVisible()).toBe(false);
    expect(await visibleRows(page)).toHaveLength(24);
  });

  it('shows the grid without JavaScript', async () => {
    const { page } = await browser.page('', { javaScriptEnabled: false });
    expect(await page.locator('#subjects tr.case').count()).toBe(24);
    expect(await page.locator('noscript').isVisible()).toBe(true);
  });

  it.each([
    ['light', '', {}],
    ['dark', FAILED, { colorScheme: 'dark' as const }],
    ['light panel', FAILED, {}],
    ['phone', FAILED, { viewport: { width: 390, height: 844 } }],
    ['filtered', '#red=1&node=ldk%400.1.0', {}],
  ])('has no serious accessibility violation: %s', async (_, fragment, options) => {
    // The page's policy would refuse axe as well.
    const { page } = await browser.page(fragment, { ...options, bypassCSP: true });
    if (fragment === FAILED) await page.locator('#panel .talk').waitFor();
    expect(await violations(page)).toEqual([]);
  });
});
