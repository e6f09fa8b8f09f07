import type { Level } from '../core/verdict.ts';

/**
 * `<document>-<section>-<nn>`, for example `bolt01-ping-07`: the seventh normative sentence found in that section when ids were
 * given. Given once, never reused, whatever becomes of the sentence.
 */
export type RequirementId = string;

export interface Requirement {
  readonly id: RequirementId;
  /** `bolt01` … `bolt12`, `blip0003` … */
  readonly document: string;
  /** File in its repository: `01-messaging.md`. */
  readonly file: string;
  readonly level: Level;
  /** Headings from the document's title down to the section, as written. */
  readonly section: readonly string[];
  /** The anchor that GitHub gives to the last of those headings. */
  readonly anchor: string;
  /**
   * 16 bytes in hex: the first eight of sha256 over heading and parent bullets, then the first eight of sha256 over the text, all
   * normalised. Two halves, so that a sentence is known again when only its conditions were touched. The text itself is not copied.
   */
  readonly hash: string;
  /** Commit at which the hash was taken. */
  readonly commit: string;
  /** Set when the sentence is no longer in the document. */
  readonly gone?: true;
}
