import type { Report } from '../schema.ts';
import type { Colours } from './colours.ts';

/** `13 nodes, 221 cells, 8203 tests` */
export function notHereCount({ nodes, cells, tests }: Report['summary']['notHere']): string {
  const some = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;
  return [
    ...(nodes.length === 0 ? [] : [some(nodes.length, 'node')]),
    some(cells.length, 'cell'),
    some(tests, 'test'),
  ].join(', ');
}

/** What this machine could not run, a line for each reason. */
export function notHereLines(
  notHere: Report['summary']['notHere'],
  colours: Colours,
  title = 'Not run here:',
): string[] {
  if (notHere.cells.length === 0) return [];
  return [
    `${colours.bold(title)} ${notHereCount(notHere)}`,
    ...notHere.reasons.map(({ reason, nodes, cells }) => {
      const names = [...nodes, ...cells].join(', ');
      return `  ${reason.split('\n', 1)[0] ?? ''}: ${colours.dim(names)}`;
    }),
  ];
}
