import { FEATURE_NAMES, FEATURES, hasFeature, type FeatureName } from 'boltgrid';

/** Columns of BOLT 9's table: I init, N node_announcement, C channel_announcement (C-, C+ always odd, even). */
export type Context = 'I' | 'N' | 'C' | 'C-' | 'C+';

/**
 * Features that are set, and that the table presents in none of these contexts. Rows without any context are left out: what is
 * ASSUMED, and gossip_queries; earlier revisions presented them in init and node_announcement, and all nodes do. In
 * channel_announcement they have never been.
 */
export function outsideContext(features: ReadonlySet<number>, contexts: readonly Context[]): FeatureName[] {
  const ofChannels = !contexts.includes('I') && !contexts.includes('N');
  return FEATURE_NAMES.filter((name) => {
    const own: readonly string[] = FEATURES[name].contexts;
    const judged = own.length > 0 || ofChannels;
    return judged && hasFeature(features, name) && !contexts.some((context) => own.includes(context));
  });
}
