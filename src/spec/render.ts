import { cleanText } from '../core/text.ts';
import type { Change, ChangeKind } from './merge.ts';
import type { Requirement } from './requirement.ts';
import type { SpecReport } from './update.ts';

const KINDS: readonly ChangeKind[] = ['moved', 'changed', 'returned', 'new', 'gone'];

/** The report as text for a terminal: what was read, each change, a sum, and the cases that are touched. */
export function renderSpecReport({ read, changes, touched }: SpecReport): string {
  const lines = [
    ...read.map(
      ({ repository, commit, sentences }) =>
        `${repository} ${commit?.slice(0, 12) ?? '(commit not known)'}: ${sentences} requirements`,
    ),
    ...KINDS.flatMap((kind) => changes.filter((change) => change.kind === kind)).flatMap(changeLines),
    KINDS.map((kind) => `${changes.filter((change) => change.kind === kind).length} ${kind}`).join(', '),
    ...(touched.length === 0 ? [] : ['', 'Cases that judge what has changed or gone:']),
    ...touched.map(({ caseId, requirements }) => `  ${caseId}: ${requirements.join(', ')}`),
  ];
  return lines.map((line) => cleanText(line)).join('\n') + '\n';
}

function changeLines({ kind, before, after, text }: Change): string[] {
  const level = before && before.level !== after.level ? `${before.level} → ${after.level}` : after.level;
  return [`${kind.padEnd(INDENT)}${after.id} (${level})`, ...details(kind, after, before, text)];
}

const INDENT = 10;

function details(kind: ChangeKind, after: Requirement, before?: Requirement, text?: string): string[] {
  const lines =
    kind === 'gone'
      ? [`was in ${place(after)}`]
      : [...(kind === 'moved' && before ? [`from ${place(before)} to ${place(after)}`] : []), text ?? ''];
  return lines.map((line) => ' '.repeat(INDENT) + line);
}

const place = ({ document, section }: Requirement): string => [document, ...section.slice(1)].join(' / ');
