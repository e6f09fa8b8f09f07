import type { Verdict } from '../core/verdict.ts';

/** One sentence for each verdict, as the legend and the panel show it. docs/verdicts.md says more. */
export const MEANINGS: Readonly<Record<Verdict, string>> = {
  pass: 'Every check of the case held.',
  fail: 'The node broke a MUST of the specification.',
  warn: 'The node broke a SHOULD of the specification; this does not fail a run.',
  unsupported: 'The node does not offer the feature in its own init message, so the case was not tried.',
  undrivable: 'The case needs something that cannot be asked of this node from outside.',
  'not-negotiated': 'The two nodes have no feature in common for this case.',
  timeout: 'The node stopped answering on this connection, while a new connection was served.',
  crashed: 'The node’s process ended, or it answers nobody any more.',
  flaky: 'The case failed, then passed when it was run again alone.',
  disputed: 'Every independent implementation fails this MUST: the case itself is in doubt.',
  'setup-error':
    'The chain, the image or the node could not be brought up; nothing was learnt about the node.',
  'harness-error': 'A defect of boltgrid or of the suite, not of the node.',
  'not-run': 'The case was planned and not reached.',
};
