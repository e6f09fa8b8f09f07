import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isControlOperation, OPERATION_NAMES } from '../../src/nodes/operations.ts';

export interface FakeCase {
  readonly slug: string;
  readonly requirements?: readonly string[];
  readonly each?: readonly string[];
}

export interface FakeProject {
  readonly matrix?: unknown;
  /** Suite id → its cases. Kind `pair` for ids that begin with `pair`. */
  readonly suites?: Readonly<Record<string, readonly FakeCase[]>>;
  readonly manifest?: Readonly<Record<string, unknown>>;
}

export const DEFAULT_SUITES = {
  'bolt01/ping': [{ slug: 'asked-length', each: ['zero', 'one'] }, { slug: 'ignored' }],
  'bolt01/init': [{ slug: 'first', requirements: ['bolt01-ping-10', 'bolt01-ping-02'] }],
  'pair/basic': [{ slug: 'pay' }],
} as const satisfies FakeProject['suites'];

export const DEFAULT_MATRIX = { nodes: ['fake@1.0', 'fake@2.0'], suites: ['suites'] };

export const fakeManifest = (more: Readonly<Record<string, unknown>> = {}): object => ({
  implementation: 'fake',
  title: 'Fake',
  bugTracker: 'https://example.org/issues',
  versions: { '1.0': {}, '2.0': {}, '3.0': { package: 'no-such-package' } },
  profiles: { default: { about: 'as users run it' }, fast: { about: 'shorter waits' } },
  run: { driver: { argv: ['{node}', '{here}/driver.mjs'] } },
  needs: { chain: 'none' },
  timing: { startMs: 1000, answerMs: 1000, quietMs: 100, blockMs: 100, gossipMs: 100 },
  control: Object.fromEntries(OPERATION_NAMES.filter(isControlOperation).map((name) => [name, 'driver'])),
  ...more,
});

/** Writes a matrix, a manifest and suites, as a user has them. Suites are plain data, so that they need no library. */
export async function writeProject(folder: string, project: FakeProject = {}): Promise<void> {
  const { matrix = DEFAULT_MATRIX, suites = DEFAULT_SUITES, manifest } = project;
  await mkdir(join(folder, 'images', 'fake'), { recursive: true });
  await writeFile(join(folder, 'images', 'fake', 'node.json'), JSON.stringify(fakeManifest(manifest)));
  await writeFile(join(folder, 'matrix.json'), JSON.stringify(matrix));
  for (const [id, cases] of Object.entries<readonly FakeCase[]>(suites)) {
    const file = join(folder, 'suites', `${id}.mjs`);
    await mkdir(join(file, '..'), { recursive: true });
    await writeFile(file, suiteText(id, cases));
  }
}

function suiteText(id: string, cases: readonly FakeCase[]): string {
  const kind = id.startsWith('pair') ? 'pair' : 'subject';
  const tests = cases.flatMap(({ slug, each, requirements = ['bolt01-ping-01'] }) =>
    (each ? each.map((key) => `[${key}]`) : ['']).map((parameter) => ({
      ...{ id: `${id}#${slug}${parameter}`, caseId: `${id}#${slug}`, suite: id, kind, title: `does ${slug}` },
      ...{
        chain: 'none',
        requirements,
        needs: { features: ['gossip_queries'] },
        formerly: [],
        deadlineMs: 1000,
      },
      location: `suites/${id}.mjs:1`,
    })),
  );
  const data = JSON.stringify({ id, title: `suite ${id}`, kind, tests });
  return `export default { ...${data}, [Symbol.for('boltgrid.suite')]: 1 };\n`;
}
