import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import { BoltgridError } from '../../src/core/error.ts';
import type { Blame } from '../../src/core/error.ts';
import { boltgridVersion, PACKAGE_ROOT } from '../../src/core/package.ts';
import { main } from '../../src/cli/main.ts';
import type { Command } from '../../src/cli/command.ts';
import { temporaryFolders } from '../journal/folder.ts';
import { boltgrid, fakeContext } from './terminal.ts';

const folder = temporaryFolders();

describe('the command line', () => {
  it('says what there is, on stdout when asked and on stderr when not', async () => {
    const asked = await boltgrid('/', '--help');
    for (const { name } of COMMANDS) expect(asked.out).toContain(`  ${name} `);
    expect(asked).toMatchObject({ code: 0, err: '' });
    expect(await boltgrid('/')).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringContaining('Usage:') as string,
    });
  });

  const lines = COMMANDS.flatMap((one) =>
    'run' in one ? [one.name] : one.commands.map(({ name }) => `${one.name} ${name}`),
  );

  it.each(lines)('explains %s with an example', async (name) => {
    const { code, out } = await boltgrid('/', ...name.split(' '), '--help');
    expect(code).toBe(0);
    expect(out).toContain('Examples:');
    expect(out).toContain(`boltgrid ${name}`);
  });

  it('gives its version', async () => {
    expect(await boltgrid('/', '--version')).toEqual({ code: 0, out: `${boltgridVersion()}\n`, err: '' });
  });

  it.each([
    [['rnu'], "unknown command 'rnu'", 'Did you mean run?'],
    [['run', '--nodes', 'x'], "unknown option '--nodes'", 'Did you mean --node?'],
    [['run', '--rerun', 'passed'], 'Allowed choices are failed', ''],
    [['run', '--workers', '0'], '--workers wants', ''],
    [['run', '--seed', ''], '--seed wants', ''],
    [['diff', 'a'], "missing required argument 'after'", ''],
    [['gate', 'a', 'b'], 'too many arguments', ''],
    [['show', 'ldk@0.1.2 a/b#c', '--case', 'a/b#d'], 'two cases', ''],
    [['spec', 'idnex', 'folder'], "unknown command 'idnex'", 'Did you mean index?'],
    [['spec', 'check', 'folder', '--bolts-commit', 'abc123'], '40 hex digits', ''],
    [['show', 'ldk@0.1.2'], 'there is no run "latest"', 'Start one with boltgrid run.'],
  ])('refuses %j', async (argv, message, hint) => {
    const { code, out, err } = await boltgrid(await folder(), ...argv);
    expect(err).toContain(message);
    expect(err).toContain(hint);
    expect({ code, out }).toEqual({ code: 2, out: '' });
  });

  it('has each option only once', () => {
    const commands = COMMANDS.flatMap((one) => ('run' in one ? [one] : one.commands));
    for (const { name, options = [] } of commands) {
      const flags = options.map((option) => option.flags.split(' ')[0]);
      expect(new Set(flags).size, name).toBe(flags.length);
    }
  });
});

/** What a command line gives when its command throws. */
async function whenThrown(error: Error, ...flags: string[]) {
  const context = fakeContext('/');
  const failing: Command<never> = {
    name: 'fail',
    description: 'fails',
    run: () => Promise.reject(error),
  };
  return { code: await main(['fail', ...flags], context, [failing]), err: context.stderr.text };
}

describe('what a command throws', () => {
  it.each<[Blame, number]>([
    ['user', 2],
    ['harness', 3],
    ['setup', 1],
    ['node', 1],
  ])('blamed on %s', async (blame, code) => {
    const error = new BoltgridError('some.code', blame, 'it broke', {
      hint: 'mend it',
      details: { amount: 1n },
    });
    const outcome = await whenThrown(error);
    expect(outcome).toEqual({ code, err: 'error: it broke\nmend it\n' });
    const verbose = await whenThrown(error, '--verbose');
    expect(verbose.err).toMatch(/^error: it broke\nmend it\ncode: some\.code\namount: "1"\n {4}at /);
  });

  it('of a full disk is no defect of ours', async () => {
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    expect((await whenThrown(full)).code).toBe(1);
  });

  it('that nobody foresaw is a defect of ours', async () => {
    const { code, err } = await whenThrown(new TypeError('x is not a function'));
    expect(code).toBe(3);
    expect(err).toContain('defect of boltgrid');
  });

  it('is cleaned of terminal codes', async () => {
    const { err } = await whenThrown(
      new BoltgridError('a.b', 'user', '\u001b[2Jgone\u0007', { hint: '\u001b]0;title\u0007' }),
    );
    expect(err).not.toMatch(/\p{Cc}(?<!\n)/u);
  });
});

const HEAVY = /^(?:esbuild|tsx|handlebars|tiny-secp256k1|@noble\/|lightningdevkit|ldk-)/;

/** Modules that are loaded before any command runs: all that is imported at the top, types apart. */
async function loadedAtStart(
  file: string,
  seen = new Map<string, string[]>(),
): Promise<Map<string, string[]>> {
  if (seen.has(file)) return seen;
  const text = await readFile(file, 'utf8');
  const imports = [...text.matchAll(/^(?:import|export) (?!type )[^;]*?from '([^']+)';$/gm)].map(
    ([, from = '']) => from,
  );
  seen.set(
    file,
    imports.filter((from) => !from.startsWith('.')),
  );
  for (const from of imports.filter((name) => name.startsWith('.')))
    await loadedAtStart(resolve(dirname(file), from), seen);
  return seen;
}

describe('starting', () => {
  it('loads nothing heavy', async () => {
    const modules = await loadedAtStart(join(PACKAGE_ROOT, 'src/cli/bin.ts'));
    const rooms = [...modules.keys()].map(
      (file) => file.slice(join(PACKAGE_ROOT, 'src/').length).split('/')[0],
    );
    expect(modules.size).toBeGreaterThan(COMMANDS.length);
    expect([...modules.values()].flat().filter((name) => HEAVY.test(name))).toEqual([]);
    expect(
      rooms.filter((room) =>
        ['wire', 'noise', 'crypto', 'chain', 'peer', 'runner', 'nodes'].includes(room ?? ''),
      ),
    ).toEqual([]);
  });
});
