import { describe, expect, it } from 'vitest';
import { faultsOfManifest } from '../../src/nodes/control/check.ts';
import { FUNCTIONS } from '../../src/nodes/control/functions.ts';
import { manifestSchema } from '../../src/nodes/manifest.ts';
import { step } from '../../src/nodes/manifest-values.ts';
import { codeBlocks, pages, textOf } from './pages.ts';

const manifests = pages.flatMap((page) =>
  codeBlocks(page)
    .filter(({ language, text }) => language === 'json' && text.includes('/node.schema.json"'))
    .map(({ text, line }) => ({ where: `${page}:${line}`, text })),
);

describe('manifests in the pages', () => {
  it('are found', () => {
    expect(manifests.filter(({ where }) => where.startsWith('docs/add-a-node.md'))).toHaveLength(2);
  });

  it.each(manifests)('$where: every expression and template is right', ({ text }) => {
    expect(faultsOfManifest(manifestSchema.parse(JSON.parse(text)))).toEqual([]);
  });

  it('would be refused otherwise', () => {
    const wrong = manifests.map(({ text }) => text.replace('$params.host', '$param.host'));
    expect(wrong.flatMap((text) => faultsOfManifest(manifestSchema.parse(JSON.parse(text))))).toHaveLength(1);
  });
});

describe('docs/add-a-node.md', () => {
  const page = textOf('docs/add-a-node.md');

  it('names every function of ours, and no other', () => {
    const table = /\n\| function \|[^]*?\n\n/.exec(page)?.[0] ?? '';
    const rows = [...table.matchAll(/\n\| ([^|]*) \|/g)].map(([, first = '']) => first).join(' ');
    const named = [...rows.matchAll(/\$(\w+)\(/g)].map(([, name]) => name);
    expect(named.sort()).toEqual(Object.keys(FUNCTIONS).sort());
  });

  it('names every key of a step', () => {
    const table = /\n\| key of a step \|[^]*?\n\n/.exec(page)?.[0] ?? '';
    const absent = Object.keys(step.shape).filter((key) => !table.includes(`\`${key}\``));
    expect(absent).toEqual([]);
  });
});
