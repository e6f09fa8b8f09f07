import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Report } from '../schema.ts';
import { dataBlocks } from './data.ts';
import { pageView } from './view.ts';

/**
 * The report as one HTML page that works from disk and offline. Its policy admits its own script and style by hash and nothing
 * else; every text of the journal reaches it either escaped by the template or inside a compressed data block.
 * Handlebars and esbuild are loaded here, so that commands that make no page do without them.
 */
export async function reportPage(report: Report): Promise<string> {
  const [template, style, script] = await Promise.all([loadTemplate(), loadStyle(), bundleScript()]);
  return template({
    ...pageView(report),
    blocks: dataBlocks(report),
    policy: policy(script, style),
    // The only two values that the template inserts as they are: both are files of ours.
    ...{ style, script },
  });
}

function policy(script: string, style: string): string {
  const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  return [
    "default-src 'none'",
    `script-src ${hash(script)}`,
    `style-src ${hash(style)}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
}

async function loadTemplate(): Promise<(view: object) => string> {
  const { default: handlebars } = await import('handlebars');
  return handlebars.compile(await ownFile('page.hbs'), { strict: true, knownHelpersOnly: true });
}

/** In the order in which they build on each other. */
const STYLES = ['base', 'head', 'grid', 'pairs', 'popover', 'panel', 'media'];

const loadStyle = async (): Promise<string> =>
  (await Promise.all(STYLES.map((name) => ownFile(`style/${name}.css`)))).join('\n');

async function bundleScript(): Promise<string> {
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    entryPoints: [ownPath('client/main.js')],
    ...{
      bundle: true,
      write: false,
      format: 'iife',
      target: 'es2022',
      charset: 'utf8',
      logLevel: 'silent',
      tsconfigRaw: '{}',
    },
  });
  return outputFiles[0]?.text ?? '';
}

const ownPath = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

const ownFile = (name: string): Promise<string> => readFile(ownPath(name), 'utf8');
