import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const DEBIAN_SUITES = /^(?:bullseye|bookworm|trixie|forky|duke|sid|stable|oldstable|testing|unstable)$/;

interface Source {
  readonly types: readonly string[];
  readonly uris: readonly string[];
  readonly suites: readonly string[];
  readonly components: readonly string[];
}

/**
 * The mirror of Debian that apt of this machine uses; `undefined` where it uses none (it is no Debian), so that debootstrap takes
 * its own default.
 */
export function aptMirror(folder = '/etc/apt'): string | undefined {
  const mirrors = sources(folder).filter(
    ({ types, suites, components }) =>
      types.includes('deb') &&
      components.includes('main') &&
      suites.some((suite) => DEBIAN_SUITES.test(suite)),
  );
  return mirrors.flatMap(({ uris }) => uris).find((uri) => /^https?:\/\/[^\s]+$/.test(uri));
}

function sources(folder: string): Source[] {
  return [
    'sources.list',
    ...filesIn(join(folder, 'sources.list.d')).map((name) => join('sources.list.d', name)),
  ]
    .map((name) => ({ name, text: read(join(folder, name)) }))
    .flatMap(({ name, text }) =>
      name.endsWith('.sources') ? stanzas(text) : name.endsWith('.list') ? lines(text) : [],
    );
}

/** `deb [signed-by=…] http://… bookworm main`, as sources.list(5) has it. */
function lines(text: string): Source[] {
  return text.split('\n').flatMap((line) => {
    const words = line
      .replace(/#.*/, '')
      .replace(/\[[^\]]*\]/, '')
      .trim()
      .split(/\s+/);
    const [type, uri, suite, ...components] = words;
    if (type === undefined || uri === undefined || suite === undefined) return [];
    return [{ types: [type], uris: [uri], suites: [suite], components }];
  });
}

/** The newer form: fields with several values each. */
function stanzas(text: string): Source[] {
  return text.split(/\n\s*\n/).flatMap((stanza) => {
    const field = (name: string): string[] => {
      const value = new RegExp(`^${name}:((?:.*)(?:\\n[ \\t].*)*)`, 'im').exec(stanza)?.[1] ?? '';
      return value.split(/\s+/).filter((word) => word !== '');
    };
    if (/^Enabled:\s*(?:no|false)/im.test(stanza)) return [];
    return [
      {
        types: field('Types'),
        uris: field('URIs'),
        suites: field('Suites'),
        components: field('Components'),
      },
    ];
  });
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
