import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import type { Report } from '../../src/report/schema.ts';
import { writeReport } from '../../src/report/write.ts';

const EXECUTABLE = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** Why the browser tests cannot run here. In CI they have to. */
export function missingBrowser(): string | undefined {
  if (existsSync(EXECUTABLE)) return undefined;
  const why = `no browser at ${EXECUTABLE}: install Debian's chromium, or name one in CHROMIUM`;
  if (process.env.CI) throw new Error(why);
  console.warn(`browser tests are skipped: ${why}`);
  return why;
}

/** A report on disk, and pages that look at it from there, with no network at all. */
export class ReportBrowser {
  readonly #browser: Browser;
  readonly #folder: string;

  private constructor(browser: Browser, folder: string) {
    this.#browser = browser;
    this.#folder = folder;
  }

  static async open(report: Report): Promise<ReportBrowser> {
    const folder = await mkdtemp(join(tmpdir(), 'boltgrid-page-'));
    await writeReport(folder, report);
    const browser = await chromium.launch({
      executablePath: EXECUTABLE,
      args: [
        ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
        ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
      ],
    });
    return new ReportBrowser(browser, folder);
  }

  urlOf(file: string): string {
    return pathToFileURL(join(this.#folder, file)).href;
  }

  get folder(): string {
    return this.#folder;
  }

  /** A fresh page and what went wrong in it: script errors, refusals of the policy, requests beyond the page itself. */
  async page(
    fragment = '',
    options: BrowserContextOptions = {},
    file: 'index.html' | 'coverage.html' = 'index.html',
  ): Promise<{ page: Page; troubles: string[] }> {
    const context = await this.#browser.newContext({
      viewport: { width: 1360, height: 900 },
      offline: true,
      ...options,
    });
    const page = await context.newPage();
    const url = this.urlOf(file);
    const troubles: string[] = [];
    page.on('pageerror', (error) => troubles.push(`error: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning')
        troubles.push(`console: ${message.text()}`);
    });
    page.on('request', (request) => {
      if (!request.url().startsWith('data:') && request.url().split('#')[0] !== url)
        troubles.push(`request: ${request.url().slice(0, 200)}`);
    });
    page.on('dialog', (dialog) => {
      troubles.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    await page.goto(`${url}${fragment}`);
    return { page, troubles };
  }

  async close(): Promise<void> {
    await this.#browser.close();
    await rm(this.#folder, { recursive: true });
  }
}
