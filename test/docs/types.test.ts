import { join } from 'node:path';
import ts from 'typescript';
import { expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../src/core/package.ts';
import { codeBlocks, pages, type CodeBlock } from './pages.ts';
import { makeProject, writeBlock } from './project.ts';

/** As strict as this repository is; imports of boltgrid go by its public exports. */
const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts'],
  module: ts.ModuleKind.NodeNext,
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  noUnusedLocals: true,
  verbatimModuleSyntax: true,
  skipLibCheck: true,
  noEmit: true,
  allowImportingTsExtensions: true,
  customConditions: ['boltgrid:source'],
  typeRoots: [join(PACKAGE_ROOT, 'node_modules', '@types')],
  types: ['node'],
};

const fileOf = (page: string, { file, line }: CodeBlock): string =>
  join(page.replaceAll(/\W/g, '-'), file ?? `line-${line}.ts`);

async function problems(files: readonly [string, CodeBlock][]): Promise<string[]> {
  await using project = await makeProject();
  const { folder } = project;
  for (const [file, block] of files) await writeBlock(folder, file, block);
  const program = ts.createProgram(
    files.map(([file]) => join(folder, file)),
    options,
  );
  return ts.getPreEmitDiagnostics(program).map((problem) =>
    ts.formatDiagnostic(problem, {
      ...ts.sys,
      getCanonicalFileName: (name) => name,
      getNewLine: () => '\n',
      getCurrentDirectory: () => folder,
    }),
  );
}

it('every TypeScript block of the pages is right', { timeout: 120_000 }, async () => {
  const blocks = pages.flatMap((page) =>
    codeBlocks(page)
      .filter(({ language }) => language === 'ts')
      .map((block): [string, CodeBlock] => [fileOf(page, block), block]),
  );
  expect(blocks.length).toBeGreaterThan(5);
  const wrong: CodeBlock = {
    language: 'ts',
    file: undefined,
    line: 1,
    text: "import { suite } from 'boltgrid';\nsuite(1);\n",
  };
  const found = await problems([...blocks, ['wrong/wrong.ts', wrong]]);
  // The wrong one shows that something was looked at.
  expect(found.filter((problem) => !problem.startsWith('wrong/'))).toEqual([]);
  expect(found).toHaveLength(1);
});
