import { featuresHex, featuresText, identityFacts, otherBuildsText } from '../identity.ts';
import type { ReportNode } from '../schema.ts';
import type { Colours } from './colours.ts';

/** What a node was: what it says of itself, what it was made from, its flags and features. */
export function nodeLines(node: ReportNode, colours: Colours): string[] {
  const facts: (readonly [string, string | undefined])[] = [
    ...identityFacts(node).map(({ name, text }) => [name, text] as const),
    ['features', featuresText(node) || undefined],
    ['as bitmap', featuresHex(node)],
    ['note', node.note],
    ['builds', otherBuildsText(node)],
  ];
  return [
    colours.bold(node.id),
    ...(node.started ? [] : ['  never started']),
    ...facts.flatMap(([name, text]) =>
      text === undefined
        ? []
        : [`  ${colours.dim(name.padEnd(14))} ${text.replace(/\s*\n\s*/g, ' ').slice(0, 4000)}`],
    ),
    '',
  ];
}
