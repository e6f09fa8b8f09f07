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
