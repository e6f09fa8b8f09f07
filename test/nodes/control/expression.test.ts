import { describe, expect, it } from 'vitest';
import { compile, evaluate, isTrue } from '../../../src/nodes/control/expression.ts';
import { failureOf } from './program.ts';

const ask = (expression: string | string[], input?: unknown, bindings = {}): Promise<unknown> =>
  evaluate(expression, input, bindings);

describe('results', () => {
  const peers = { peers: [{ key: 'a', up: true }, { key: 'b' }] };

  it.each([
    ['peers.key', ['a', 'b']],
    ['peers[up].key', 'a'],
    ['peers[up].key[]', ['a']],
    ['[peers[up].key]', ['a']],
    ['peers[key = "z"].key', undefined],
    ['{"keys": peers[key = "z"].key}', {}],
    ['{"keys": [peers[key = "z"].key]}', { keys: [] }],
    ['peers.{"key": key, "up": up}', [{ key: 'a', up: true }, { key: 'b' }]],
    ['{"f": null}', { f: null }],
  ])('%s', async (expression, value) => {
    const result = await ask(expression, peers);
    expect(result).toEqual(value);
    // Only JSON: the arrays that JSONata makes have a property `sequence`.
    expect(Array.isArray(result) ? Object.keys(result) : []).toEqual(
      Array.isArray(result) ? result.map((_, index) => String(index)) : [],
    );
  });

  it.each(['$sum', 'function($x){$x}', '{"f": $sum}', '[function(){1}]'])(
    '%s is no JSON',
    async (expression) => {
      expect((await failureOf(ask(expression))).message).toMatch(/function/);
    },
  );

  it('bindings are seen at any depth; the input may be an array', async () => {
    expect(await ask('$[$ = $params.wanted]', ['a', 'b'], { params: { wanted: 'b' } })).toBe('b');
    expect(
      await ask(['{', "  'n': $count($),", "  'p': $params.a.b", '}'], [1, 2], { params: { a: { b: 1 } } }),
    ).toEqual({
      n: 2,
      p: 1,
    });
  });

  it('one compiled expression serves several calls at a time', async () => {
    const results = await Promise.all(
      Array.from({ length: 50 }, (_, index) => ask('$sum([x, $y])', { x: index }, { y: index })),
    );
    expect(results).toEqual(results.map((_, index) => 2 * index));
    expect(compile('$sum([x, $y])')).toBe(compile('$sum([x, $y])'));
  });
});

describe('faults', () => {
  it('syntax: with the line', async () => {
    const error = await failureOf(ask(['{', "  'a': 1,", "  'b': ", '}']));
    expect([error.code, error.blame]).toEqual(['node.internal', 'harness']);
    expect(error.message).toContain('line 4');
  });

  it.each(['$uppercase(1)', '$nobody(1)', '1 + "a"', '$sat("a")'])('%s', async (expression) => {
    expect((await failureOf(ask(expression))).code).toBe('node.internal');
  });

  it('recursion without end', async () => {
    const error = await failureOf(ask('($f := function($x) { 1 + $f($x) }; $f(1))'));
    expect(error.code).toBe('node.internal');
  });
});

describe('truth, as $boolean', () => {
  const values = [undefined, null, true, false, 0, 1, '', 'a', [], [0], [0, 1], [[]], {}, { a: 0 }, [{}]];

  it.each(values.filter((value) => value !== undefined).map((value) => [value]))('of %j', async (value) => {
    expect(isTrue(value)).toBe(await ask('$boolean($v)', {}, { v: value }));
  });

  it('of nothing', () => {
    expect(isTrue(undefined)).toBe(false);
  });
});
