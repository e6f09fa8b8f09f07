import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** What a page is made from: files of this folder, by name and in the order in which they build on each other. */
export interface PageParts {
  readonly template: string;
  readonly styles: readonly string[];
  /** Entry of the page's script. */
  readonly script: string;
  /** All that the template names. */
  readonly view: object;
}

/**
 * A page that works from disk and offline. Its policy admits its own script and style by hash and nothing else, and all else is escaped
 * by the template. Handlebars and esbuild are loaded here, so that commands that make no page do without them.
 */
export async function renderPage(parts: PageParts): Promise<string> {
  const [template, style, script] = await Promise.all([
    loadTemplate(parts.template),
    loadStyle(parts.styles),
    bundleScript(parts.script),
  ]);
  // `style` and `script` are the only values that a template inserts as they are: both are files of ours.
  return template({ ...parts.view, policy: policy(script, style), style, script });
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

async function loadTemplate(name: string): Promise<(view: object) => string> {
  const { default: handlebars } = await import('handlebars');
  return handlebars.compile(await ownFile(`${name}.hbs`), { strict: true, knownHelpersOnly: true });
}

const loadStyle = async (names: readonly string[]): Promise<string> =>
  (await Promise.all(names.map((name) => ownFile(`style/${name}.css`)))).join('\n');

async function bundleScript(name: string): Promise<string> {
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    entryPoints: [ownPath(`client/${name}.js`)],
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
