import { z } from 'zod';

/**
 * A requirement that a suite brings along, of a document that the index does not hold: a proposal, or a protocol of one's own. Its
 * text is in the journal, so that a report needs neither the suite nor the document.
 */
export const ownRequirement = z.strictObject({
  level: z.enum(['must', 'should', 'may']),
  /** The sentence. */
  text: z.string().min(1).max(2000),
  /** Where it is written. */
  url: z
    .url({ protocol: /^https$/ })
    .max(500)
    .optional(),
});

/** `<document>-<section>-<nn>` as in the index, of any document: `blip0099-hello-01`, `mylsp-quote-02`. */
const ownId = z.string().regex(/^[a-z][a-z0-9]*(?:-[a-z0-9]+)+-\d{2,}$/);

export const ownRequirements = z.record(ownId, ownRequirement);

export type OwnRequirement = Readonly<z.infer<typeof ownRequirement>>;

/** By id. */
export type OwnRequirements = Readonly<Record<string, OwnRequirement>>;
