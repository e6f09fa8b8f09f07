import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareVersions, inNodeRange, parseNodeRange } from '../../src/report/versions.ts';

describe('versions', () => {
  it('are ordered by number, a pre-release before its release', () => {
    const ordered = [
      '0.9.9',
      '0.18.0-beta',
      '0.18.0-beta.2',
      '0.18.0-rc1',
      '0.18.0',
      '0.18.1',
      '0.20',
      '24.11',
      '26.04',
    ];
    for (const [i, a] of ordered.entries()) {
      for (const [j, b] of ordered.entries())
        expect(compareVersions(a, b), `${a} ${b}`).toBe(Math.sign(i - j));
    }
    expect(compareVersions('0.20', '0.20.0')).toBe(0);
  });

  it('are ordered in one way only', () => {
    const version = fc.stringMatching(/^\d{1,3}(\.\d{1,3}){0,3}(-[a-z]{1,4}(\.\d{1,2})?)?$/);
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        expect(compareVersions(a, b) + compareVersions(b, a)).toBe(0);
        if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0)
          expect(compareVersions(a, c)).toBeLessThanOrEqual(0);
      }),
    );
  });

  it.each([
    ['ldk', 'ldk@0.1.2', true],
    ['ldk', 'ldk-node@0.1.2', false],
    ['ldk@*', 'ldk@0.1.2', true],
    ['ldk@0.1.2', 'ldk@0.1.2', true],
    ['ldk@0.1.2', 'ldk@0.1.20', false],
    ['ldk@>=0.1.0 <0.2.0', 'ldk@0.1.9', true],
    ['ldk@>=0.1.0 <0.2.0', 'ldk@0.2.0', false],
    ['ldk@>0.1.0', 'ldk@0.1.0', false],
    ['ldk@<=0.1.0', 'ldk@0.1.0', true],
    ['lnd@0.21.2', 'lnd@0.21.2+zeroconf', false],
    ['lnd@0.21.2+zeroconf', 'lnd@0.21.2+zeroconf', true],
    ['lnd+*', 'lnd@0.21.2+zeroconf', true],
  ])('%s and %s: %s', (text, node, expected) => {
    const range = parseNodeRange(text);
    expect(range && inNodeRange(range, node)).toBe(expected);
  });

  it.each(['', 'LDK', 'ldk@', 'ldk@~1', 'ldk@>= 0.1', 'ldk@0.1+', 'ldk 0.1'])('%j is no range', (text) => {
    expect(parseNodeRange(text)).toBeUndefined();
  });
});
