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
  /** Headings from the document's title down to the section, as written: for the link's anchor the last one counts. */
  readonly section: readonly string[];
  /** sha256 over heading, parent bullets and normalised text, first 16 bytes in hex. The text itself is not copied. */
  readonly hash: string;
  /** Commit at which the hash was taken. */
  readonly commit: string;
  /** Set when the sentence is no longer in the document. */
  readonly gone?: true;
}
