import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { badges } from '../../src/report/badges.ts';
import { buildReport } from '../../src/report/model.ts';
import { HOSTILE_CASE, hostileJournal } from '../report/hostile.ts';
import { missingBrowser, ReportBrowser } from './chromium.ts';

const report = buildReport(hostileJournal());

describe.skipIf(missingBrowser() !== undefined)('a journal that wants to break the page', () => {
  let browser: ReportBrowser;
  beforeAll(async () => {
    browser = await ReportBrowser.open(report);
  });
  afterAll(() => browser.close());

  it('runs nothing and asks for nothing, in the grid and in every panel', async () => {
    const { page, troubles } = await browser.page();
    for (const button of await page.locator('[data-open-cell]:visible').all()) {
      await button.click({ force: true });
      await page.locator('#panel').waitFor();
      for (const details of await page.locator('#panel details').all())
        await details.evaluate((element) => {
          element.setAttribute('open', '');
        });
      await page.mouse.move(700, 300);
      await page.keyboard.press('Escape');
    }
    await page.evaluate(
      (id) => (location.hash = `#cell=evil%401.0&case=${encodeURIComponent(id)}`),
      HOSTILE_CASE,
    );
    await page.locator('#panel .talk').waitFor();
    expect(await page.locator('#panel').innerText()).toContain('<script>globalThis.hacked = 1</script>');
    expect(await page.evaluate(() => 'hacked' in globalThis)).toBe(false);
    expect(await page.locator('img, iframe, object, embed, #panel script').count()).toBe(0);
    const strangeLinks = await page
      .locator('a')
      .evaluateAll((links) =>
        links.map((link) => link.getAttribute('href') ?? '').filter((href) => !/^(https:|#)/.test(href)),
      );
    // The page beside it.
    expect(strangeLinks).toEqual(['coverage.html']);
    expect(troubles).toEqual([]);
  });

  it('gains no attribute or element of its own', async () => {
    const { page } = await browser.page();
    const handlers = await page.evaluate(() =>
      [...document.querySelectorAll('*')].flatMap((element) =>
        element
          .getAttributeNames()
          .filter((name) => name.startsWith('on') || name === 'style' || name === 'src'),
      ),
    );
    // `--columns` is set by the page's own script.
    expect(handlers).toEqual(['style']);
    expect(await page.locator('script').count()).toBe(2 + 1 + report.cells.length);
  });

  it('writes JUnit and badges that an XML parser takes', async () => {
    const { page } = await browser.page();
    for (const [file, root] of [
      ['junit.xml', 'testsuites'],
      [`badges/${badges(report)[0]?.file ?? ''}`, 'svg'],
    ] as const) {
      await page.goto(browser.urlOf(file));
      // The browser shows XML inside a page of its own, with the parsed elements kept in it.
      expect(await page.locator(root).count(), file).toBeGreaterThan(0);
      expect(await page.locator('parsererror').count(), file).toBe(0);
    }
  });
});
