import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatState,
  isFiltering,
  NO_FILTER,
  parseState,
  showsRow,
  type FilteredRow,
  type PageState,
} from '../../src/report/filter.ts';

// Text of an address is Unicode: a lone surrogate cannot stand in it.
const text = fc.string({ unit: 'grapheme' });
const some = fc.array(text.filter((item) => item !== ''));

const state: fc.Arbitrary<PageState> = fc.record({
  filter: fc.record({ text, verdicts: some, nodes: some, suite: text, levels: some, redOnly: fc.boolean() }),
  shown: fc.option(fc.record({ cell: text, case: text }), { nil: undefined }),
});

describe('the state in the address', () => {
  it('comes back as it was put in', () => {
    fc.assert(
      fc.property(state, (before) => {
        expect(parseState(formatState(before))).toEqual(before);
      }),
    );
  });

  it('is empty when nothing is chosen, and any text is taken', () => {
    expect(formatState({ filter: NO_FILTER, shown: undefined })).toBe('');
    expect(isFiltering(NO_FILTER)).toBe(false);
    fc.assert(
      fc.property(fc.string(), (any) => {
        parseState(any);
      }),
    );
  });

  it('keeps its names, which stand in links that people have shared', () => {
    const { filter, shown } = parseState(
      '#q=a+b&verdict=fail&verdict=timeout&node=ldk%400.1.2&suite=bolt01&level=must&red=1&cell=x&case=y%23z',
    );
    expect(filter).toEqual({
      text: 'a b',
      verdicts: ['fail', 'timeout'],
      nodes: ['ldk@0.1.2'],
      suite: 'bolt01',
      levels: ['must'],
      redOnly: true,
    });
    expect(shown).toEqual({ cell: 'x', case: 'y#z' });
  });
});

describe('filtering', () => {
  const row: FilteredRow = {
    text: 'answers with the asked length bolt01/ping#asked-length bolt01-ping-07',
    suite: 'bolt01/ping',
    level: 'must',
    cells: [
      { nodes: ['ldk@0.1.2'], verdict: 'pass', red: false },
      { nodes: ['lnd@0.21.2'], verdict: 'fail', red: true },
    ],
  };

  it.each([
    [{}, true],
    [{ text: 'LENGTH answers' }, true],
    [{ text: 'ping-07' }, true],
    [{ text: 'length pong' }, false],
    [{ suite: 'bolt01' }, true],
    [{ suite: 'bolt01/ping' }, true],
    [{ suite: 'bolt01/pin' }, false],
    [{ levels: ['should'] }, false],
    [{ levels: ['should', 'must'] }, true],
    [{ verdicts: ['fail'] }, true],
    [{ verdicts: ['timeout'] }, false],
    [{ redOnly: true }, true],
    [{ redOnly: true, nodes: ['ldk@0.1.2'] }, false],
    [{ redOnly: true, verdicts: ['pass'] }, false],
    [{ verdicts: ['fail'], nodes: ['lnd@0.21.2'] }, true],
    [{ nodes: ['no-such@1'] }, true],
  ])('%j: %s', (filter, expected) => {
    expect(showsRow({ ...NO_FILTER, ...filter }, row)).toBe(expected);
  });
});
