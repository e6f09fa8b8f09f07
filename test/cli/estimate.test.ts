import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { estimateText } from '../../src/cli/estimate.ts';
import { temporaryFolders } from '../journal/folder.ts';
import { writeProject } from './project.ts';
import { boltgridWith, fakeRunner } from './runner.ts';
import { boltgrid } from './terminal.ts';

const folder = temporaryFolders();

const run = (path: string, ...argv: string[]) =>
  boltgridWith(fakeRunner({ rest: { milliseconds: 60_000 } }), path, ['run', ...argv]);

describe('estimates from earlier runs', () => {
  it('are not made where there is none', async () => {
    const path = await folder();
    await writeProject(path);
    expect((await boltgrid(path, 'plan')).out).toContain('never run');
    expect((await boltgrid(path, 'plan')).out).not.toContain('estimate');
    expect((await run(path)).out).not.toContain('estimate');
  });

  it('stand in the plan, cell by cell, and at the head of a run', async () => {
    const path = await folder();
    await writeProject(path);
    await run(path, '--node', 'fake@1.0');
    const { out } = await boltgrid(path, 'plan');
    expect(out).toMatch(/^fake@1\.0 +subject +4 tests +about 60 s$/m);
    expect(out).toMatch(/^fake@2\.0 +subject +4 tests +never run$/m);
    expect(out).toMatch(/^what can run here: .*, 6 tests never run \(an estimate from earlier runs\)$/m);
    const plan = JSON.parse((await boltgrid(path, 'plan', '--json')).out) as { cells: object[] };
    expect(plan.cells[0]).toMatchObject({
      cell: 'fake@1.0',
      estimate: { milliseconds: 60_000, testsNeverRun: 0 },
    });
    expect(plan.cells[1]).not.toHaveProperty('estimate');
    const again = await run(path, '--node', 'fake@1.0');
    expect(again.out.split('\n')[0]).toMatch(/^4 tests: (about|under) .* \(an estimate from earlier runs\)$/);
  });

  it('do without what cannot be read', async () => {
    const path = await folder();
    await writeProject(path);
    await run(path);
    await writeFile(join(path, 'reports/latest/timings.json'), '{"v":1,"cells":');
    const { code, out } = await boltgrid(path, 'plan');
    expect(code).toBe(0);
    expect(out).toContain('never run');
  });
});

describe('an estimate in words', () => {
  it.each([
    [{ milliseconds: 400, unknown: 0, tests: 3 }, 'under 1 s'],
    [{ milliseconds: 7_400, unknown: 0, tests: 3 }, 'about 7 s'],
    [{ milliseconds: 42_000, unknown: 0, tests: 3 }, 'about 40 s'],
    [{ milliseconds: 200_000, unknown: 2, tests: 3 }, 'about 3 min, 2 tests never run'],
    [{ milliseconds: 6_600_000, unknown: 0, tests: 3 }, 'about 1.8 h'],
    [{ milliseconds: 0, unknown: 3, tests: 3 }, 'never run'],
    [{ milliseconds: 0, unknown: 0, tests: 0 }, ''],
  ])('%j is %j', (estimate, text) => {
    expect(estimateText(estimate)).toBe(text);
  });
});
