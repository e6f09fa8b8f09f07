import { createHash } from 'node:crypto';
import type { Level } from '../core/verdict.ts';
import { parseMarkdown } from './markdown.ts';
import { statementsOf } from './normative.ts';
import { isNormative, sectionSlug } from './slug.ts';
import { plainText, shownText } from './text.ts';

/** A normative sentence as found in a document. */
export interface Sentence {
  /** `bolt01`, `blip0003`. */
  readonly document: string;
  /** `01-messaging.md`. */
  readonly file: string;
  readonly level: Level;
  readonly section: readonly string[];
  /** Of the last heading, on GitHub. */
  readonly anchor: string;
  /** The section's part of an id that is given to it. */
  readonly slug: string;
  readonly hash: string;
  /** Its own words, normalised. */
  readonly words: string;
  /** With the conditions above it, for a reader. Neither text is ever stored. */
  readonly text: string;
}

/** All normative sentences of a document, in order. */
export function extractSentences(document: string, file: string, source: string): Sentence[] {
  const sections = parseMarkdown(source).filter((section) => isNormative(section.headings));
  return sections.flatMap((section) =>
    statementsOf(section.blocks).map(({ level, parents, text }) => ({
      document,
      file,
      level,
      section: section.headings,
      anchor: section.anchor,
      slug: sectionSlug(document, section.headings),
      hash: hashOf(section.headings.at(-1) ?? '', parents, text),
      words: normalised(text),
      text: [...parents, text].map(shownText).join(' → '),
    })),
  );
}

/** Two halves, so that a sentence is known again when only its heading or conditions were touched. */
function hashOf(heading: string, parents: readonly string[], text: string): string {
  return shortHash([heading, ...parents].map(normalised).join('\n')) + shortHash(normalised(text));
}

export const textHalf = (hash: string): string => hash.slice(16);

const normalised = (text: string): string => plainText(text).replace(/[\s.,;:]+$/, '');

const shortHash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);
