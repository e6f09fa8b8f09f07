import { describe, expect, it } from 'vitest';
import { suite, type OwnRequirements } from 'boltgrid';
import { levelOf } from '../../src/suite/suite.ts';
import type { CaseOptions, Suite } from '../../src/suite/types.ts';

const define = (options: Partial<CaseOptions<undefined>>, requirements?: OwnRequirements): Suite =>
  suite('area/name', { title: 'a suite', ...(requirements && { requirements }) }, ({ test }) => {
    test('slug', { title: 'does it', chain: 'none', requirements: ['bolt01-ping-08'], ...options }, () =>
      Promise.resolve(),
    );
  });

const refused = (code: string, message: string): unknown =>
  expect.objectContaining({ code, blame: 'user', message: expect.stringContaining(message) as string });

describe('requirements that a suite brings along', () => {
  it('are judged like those of the index, at their own level', () => {
    const own = { 'blip9901-own-01': { level: 'should', text: 'A node SHOULD.' } } as const;
    const defined = define({ requirements: ['blip9901-own-01'] }, own);
    expect(defined.requirements).toEqual(own);
    expect(defined.tests.map(levelOf)).toEqual(['should']);
  });

  it('may be brought along by several suites, in the same words', () => {
    const own = { 'blip9902-own-01': { level: 'must', text: 'A node MUST.' } } as const;
    define({}, own);
    expect(() => define({}, structuredClone(own))).not.toThrow();
    const other = { 'blip9902-own-01': { level: 'may', text: 'A node MAY.' } } as const;
    expect(() => define({}, other)).toThrow(refused('spec.bad-requirement', 'defined twice'));
  });

  it.each<[string, OwnRequirements, string]>([
    ['an id of the index', { 'bolt01-ping-08': { level: 'must', text: 'x' } }, 'index'],
    ['an id of another form', { ping: { level: 'must', text: 'x' } }, 'ping'],
    ['no words', { 'blip9903-own-01': { level: 'must', text: '' } }, 'text'],
    [
      'a link that is none',
      { 'blip9903-own-01': { level: 'must', text: 'x', url: 'javascript:alert(1)' } },
      'url',
    ],
  ])('are refused with %s', (_, own, message) => {
    expect(() => define({}, own)).toThrow(refused('spec.bad-requirement', message));
  });

  it('have to be there before a case judges them', () => {
    expect(() => define({ requirements: ['blip9904-own-01'] })).toThrow(
      expect.objectContaining({ code: 'spec.unknown-requirement' }),
    );
  });
});

describe('features that a case needs', () => {
  it('are names of BOLT 9 or bits', () => {
    expect(define({ features: ['option_splice', 251] }).tests[0]?.needs.features).toEqual([
      'option_splice',
      251,
    ]);
  });

  it.each(['option_splcie', 'constructor', -1, 1.5])('%s is neither', (feature) => {
    expect(() => define({ features: [feature as 251] })).toThrow(
      refused('suite.bad-definition', JSON.stringify(feature)),
    );
  });
});

describe('operations that a case needs', () => {
  it('are operations and options of them', () => {
    const ops = ['open', 'open.announce'] as const;
    expect(define({ ops }).tests[0]?.needs.ops).toEqual(ops);
  });

  it('are refused when misspelt, with the nearest one, and by the type check', () => {
    const hint = (near: string): unknown =>
      expect.objectContaining({ code: 'suite.bad-definition', hint: `Did you mean ${near}?` });
    // @ts-expect-error -- no such operation
    expect(() => define({ ops: ['opne'] })).toThrow(hint('open'));
    // @ts-expect-error -- no such option
    expect(() => define({ ops: ['open.anounce'] })).toThrow(hint('open.announce'));
    // @ts-expect-error -- not an option: no call can do without it
    expect(() => define({ ops: ['open.publicKey'] })).toThrow(
      refused('suite.bad-definition', '"open.publicKey"'),
    );
  });

  it('are of one side in a pair only', () => {
    const opsOf = { a: ['open.announce'] } as const;
    expect(() => define({ opsOf })).toThrow(refused('suite.bad-definition', 'opsOf'));
    const pair = suite('area/pair', { title: 'a suite', kind: 'pair' }, ({ test }) => {
      const common = { title: 'do it', chain: 'none', requirements: ['bolt01-ping-08'] } as const;
      test('slug', { ...common, opsOf }, () => Promise.resolve());
    });
    expect(pair.tests[0]?.needs.opsOf).toEqual(opsOf);
  });
});
