import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import { main } from '../../src/cli/main.ts';
import { PACKAGE_ROOT } from '../../src/core/package.ts';
import type { Command } from '../../src/cli/command.ts';
import { fakeContext } from '../cli/terminal.ts';
import { codeLines, pages } from './pages.ts';

/** The command line as it is, but nothing is run. */
const parseOnly = COMMANDS.map((command) =>
  'run' in command
    ? withoutRunning(command)
    : { ...command, commands: command.commands.map((one) => withoutRunning(one)) },
);

function withoutRunning(command: Command<never>): Command<never> {
  return { ...command, run: () => Promise.resolve(0) };
}

/** What is wrong with it; empty when nothing is. A name alone is a mention of the command. */
async function parsed(argv: readonly string[]): Promise<string> {
  const [name] = argv;
  if (argv.length === 1 && COMMANDS.some((command) => command.name === name)) return '';
  const context = fakeContext('.');
  const code = await main(argv, context, parseOnly);
  return code === 0 ? '' : context.stderr.text.trim() || `exit code ${code}`;
}

/** `npm run boltgrid -- run …`, `npx boltgrid run …`, `boltgrid run …`, `npm start -- …`. */
const CALLS =
  /(?:npm run (?:-s )?boltgrid --|(?<=^|[\s;(])(?:npx )?boltgrid|(?<start>npm start)(?: --)?)(?= |$)(?<rest>(?:'[^']*'|[^';|&])*)/g;

/** `…` and `[run]` stand for what a reader puts there. */
function callsIn(text: string): string[][] {
  const line = text.replace(/\s#.*/, '');
  return [...line.matchAll(CALLS)].flatMap(({ groups }) => {
    const words = wordsOf(groups?.rest ?? '').filter((word) => word !== '…');
    if (groups?.start !== undefined) return [['run', ...words]];
    return /^(?:-|[a-z]+$)/.test(words[0] ?? '') ? [words] : [];
  });
}

/** As a shell splits them. */
function wordsOf(text: string): string[] {
  return [...text.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)].map(([word]) => word.replace(/['"]/g, ''));
}

const calls = pages.flatMap((page) =>
  codeLines(page).flatMap(({ text, line }) =>
    callsIn(text).map((argv) => ({ where: `${page}:${line}`, argv, shown: argv.join(' ') })),
  ),
);

const scripts = (
  JSON.parse(readFileSync(`${PACKAGE_ROOT}package.json`, 'utf8')) as { scripts: Record<string, string> }
).scripts;

const scriptNames = pages.flatMap((page) =>
  codeLines(page).flatMap(({ text }) =>
    [...text.matchAll(/\bnpm run (?:-s |--silent )?([\w:]+)/g)].map(([, name = '']) => ({ page, name })),
  ),
);

describe('npm scripts in the pages', () => {
  it.each(scriptNames)('$page: npm run $name', ({ name }) => {
    expect(Object.keys(scripts)).toContain(name);
  });
});

describe('command lines in the pages', () => {
  it('are found', () => {
    expect(calls.map(({ where }) => where.split(':')[0])).toEqual(
      expect.arrayContaining(['README.md', 'docs/write-a-suite.md', 'docs/add-a-node.md', 'docs/in-ci.md']),
    );
  });

  it.each(calls)('$where: $shown', async ({ argv }) => {
    expect(await parsed(argv)).toBe('');
  });

  it.each(['run --nodes ldk', 'ruin', 'gate --basline x', 'diff one', 'run --rerun all'])(
    'would refuse: %s',
    async (line) => {
      expect(await parsed(line.split(' '))).toMatch(/error|wants|unknown/i);
    },
  );
});
