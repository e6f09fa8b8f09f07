import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolders } from '../journal/folder.ts';
import { writeProject } from './project.ts';
import { boltgrid } from './terminal.ts';

const folder = temporaryFolders();

describe('boltgrid spec check', () => {
  it('gives 1 where the documents are not as the index has them, and names the cases', async () => {
    const path = await folder();
    await writeProject(path);
    await mkdir(join(path, 'bolts'));
    await writeFile(
      join(path, 'bolts/01-messaging.md'),
      '# BOLT #1: Base Protocol\n\nA node MUST do something new.\n',
    );
    const { code, out, err } = await boltgrid(path, 'spec', 'check', 'bolts');
    expect({ code, err }).toEqual({ code: 1, err: '' });
    expect(out).toContain('gone');
    expect(out).toContain('bolt01/ping#ignored');
  });

  it('says that a folder is no checkout', async () => {
    const path = await folder();
    await writeProject(path);
    const { code, err } = await boltgrid(path, 'spec', 'check', 'suites');
    expect(code).toBe(2);
    expect(err).toContain('neither BOLTs nor bLIPs');
  });
});

describe('boltgrid spec coverage', () => {
  interface Listed {
    readonly documents: readonly {
      readonly document: string;
      readonly judged: { readonly all: number; readonly visible: number; readonly covered: number };
      readonly requirements: readonly {
        readonly id: string;
        readonly level: string;
        readonly cases: string[];
      }[];
    }[];
  }
  const listed = async (...argv: string[]): Promise<Listed> => {
    const { code, out } = await boltgrid('.', 'spec', 'coverage', '--json', ...argv);
    expect(code).toBe(0);
    return JSON.parse(out) as Listed;
  };

  it('has a line for each document, and one for all', async () => {
    const { code, out } = await boltgrid('.', 'spec', 'coverage');
    expect(code).toBe(0);
    const names = out.split('\n').map((line) => line.split(' ')[0]);
    for (const name of ['bolt01', 'bolt08', 'bolt12', 'blip0052', 'all']) expect(names).toContain(name);
    expect(out).toMatch(/^bolt08 +30\/30 100 % +30\/30 100 %/m);
    expect(out).toMatch(/^bolt12 .* not reviewed$/m);
  });

  it('gives each requirement with the cases that were shown to judge it', async () => {
    const { documents } = await listed('--document', 'bolt01');
    expect(documents.map(({ document }) => document)).toEqual(['bolt01']);
    const ping = documents[0]?.requirements.find(({ id }) => id === 'bolt01-ping-08');
    expect(ping).toMatchObject({
      level: 'must',
      cases: expect.arrayContaining(['bolt01/ping#asked-length']) as [],
    });
  });

  it('lists the MUSTs that could be judged and are not', async () => {
    const { documents } = await listed('--document', 'bolt0*', '--missing');
    const missing = documents.flatMap(({ requirements }) => requirements);
    expect(missing.length).toBeGreaterThan(0);
    expect(missing.filter(({ level, cases }) => level !== 'must' || cases.length > 0)).toEqual([]);
    const { out } = await boltgrid('.', 'spec', 'coverage', '--document', 'bolt0*', '--missing');
    expect(out).toContain(`${missing.length} MUSTs that no case judges`);
    for (const { id } of missing) expect(out).toContain(`${id}  `);
    expect(out).not.toContain('bolt01-ping-08');
  });

  it('names the nearest document to one that is not there', async () => {
    const { code, err } = await boltgrid('.', 'spec', 'coverage', '--document', 'bolt8');
    expect(code).toBe(2);
    expect(err).toContain('"bolt08"');
  });
});
