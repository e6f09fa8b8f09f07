import { BoltgridError } from '../core/error.ts';

/**
 * Where a feature is presented (BOLT 9): `I` init, `N` node_announcement, `C` channel_announcement (`C-` always odd, `C+` always
 * even), `9` BOLT 11 invoice, `B` allowed_features of a blinded path, `T` channel_type.
 */
type FeatureContext = 'I' | 'N' | 'C' | 'C-' | 'C+' | '9' | 'B' | 'T';

export interface Feature {
  /** The bit that makes it compulsory. The next one makes it optional. */
  readonly even: number;
  readonly contexts: readonly FeatureContext[];
  readonly dependencies: readonly string[];
  /** Taken to be there whether or not its bit is set (`ASSUMED`). */
  readonly assumed: boolean;
}

/** The table of BOLT 9, in its order. */
export const FEATURES = {
  option_data_loss_protect: { even: 0, contexts: [], dependencies: [], assumed: true },
  option_upfront_shutdown_script: { even: 4, contexts: ['I', 'N'], dependencies: [], assumed: false },
  gossip_queries: { even: 6, contexts: [], dependencies: [], assumed: false },
  var_onion_optin: { even: 8, contexts: [], dependencies: [], assumed: true },
  gossip_queries_ex: { even: 10, contexts: ['I', 'N'], dependencies: [], assumed: false },
  option_static_remotekey: { even: 12, contexts: [], dependencies: [], assumed: true },
  payment_secret: { even: 14, contexts: [], dependencies: [], assumed: true },
  basic_mpp: { even: 16, contexts: ['I', 'N', '9'], dependencies: ['payment_secret'], assumed: false },
  option_support_large_channel: { even: 18, contexts: ['I', 'N'], dependencies: [], assumed: false },
  option_anchors: { even: 22, contexts: ['I', 'N', 'T'], dependencies: [], assumed: false },
  option_route_blinding: { even: 24, contexts: ['I', 'N', '9'], dependencies: [], assumed: false },
  option_shutdown_anysegwit: { even: 26, contexts: ['I', 'N'], dependencies: [], assumed: false },
  option_dual_fund: { even: 28, contexts: ['I', 'N'], dependencies: [], assumed: false },
  option_quiesce: { even: 34, contexts: ['I', 'N'], dependencies: [], assumed: false },
  option_attribution_data: { even: 36, contexts: ['I', 'N', '9'], dependencies: [], assumed: false },
  option_onion_messages: { even: 38, contexts: ['I', 'N'], dependencies: [], assumed: false },
  option_provide_storage: { even: 42, contexts: ['I', 'N'], dependencies: [], assumed: false },
  option_channel_type: { even: 44, contexts: [], dependencies: [], assumed: true },
  option_scid_alias: { even: 46, contexts: ['I', 'N', 'T'], dependencies: [], assumed: false },
  option_payment_metadata: { even: 48, contexts: ['9'], dependencies: [], assumed: false },
  option_zeroconf: {
    even: 50,
    contexts: ['I', 'N', 'T'],
    dependencies: ['option_scid_alias'],
    assumed: false,
  },
  option_simple_close: {
    even: 60,
    contexts: ['I', 'N'],
    dependencies: ['option_shutdown_anysegwit'],
    assumed: false,
  },
  option_splice: { even: 62, contexts: ['I', 'N'], dependencies: [], assumed: false },
} as const satisfies Record<string, Feature>;

export type FeatureName = keyof typeof FEATURES;

export const FEATURE_NAMES = Object.keys(FEATURES) as FeatureName[];

/** A bitmap has at most as many bytes as its two-byte length can say. */
const MAX_BIT = 8 * 0xffff - 1;

/** The bits that are set in a bitmap, lowest first. Bit 0 is the lowest of the last byte. */
export function featureBits(bitmap: Uint8Array): Set<number> {
  const bits = new Set<number>();
  for (let bit = 0; bit < bitmap.length * 8; bit++) {
    const byte = bitmap[bitmap.length - 1 - (bit >> 3)] ?? 0;
    if ((byte >> (bit & 7)) & 1) bits.add(bit);
  }
  return bits;
}

/** The shortest bitmap with these bits (BOLT 1: a sender should use the minimum length). Throws `wire.bad-value` (harness). */
export function encodeFeatures(bits: Iterable<number>): Uint8Array {
  const wanted = [...bits];
  for (const bit of wanted) {
    if (!Number.isInteger(bit) || bit < 0 || bit > MAX_BIT) {
      throw new BoltgridError('wire.bad-value', 'harness', `${bit} is no feature bit (0 to ${MAX_BIT})`);
    }
  }
  const bitmap = new Uint8Array((wanted.reduce((highest, bit) => Math.max(highest, bit), -1) >> 3) + 1);
  for (const bit of wanted) {
    const at = bitmap.length - 1 - (bit >> 3);
    bitmap[at] = (bitmap[at] ?? 0) | (1 << (bit & 7));
  }
  return bitmap;
}

/** Both bitmaps of an init as one (BOLT 1: a receiver combines them by logical OR). */
export function combineFeatures(globalfeatures: Uint8Array, features: Uint8Array): Set<number> {
  return new Set([...featureBits(globalfeatures), ...featureBits(features)].sort((a, b) => a - b));
}

/** Whether a feature is offered, compulsory or optional. What is ASSUMED counts only where a bit says so. */
export function hasFeature(bits: ReadonlySet<number>, name: FeatureName): boolean {
  return bits.has(FEATURES[name].even) || bits.has(FEATURES[name].even + 1);
}

export interface MissingDependency {
  readonly feature: FeatureName;
  readonly dependency: string;
}

/** Features that are offered without one that they depend on. What is ASSUMED is never missing. */
export function missingDependencies(bits: ReadonlySet<number>): MissingDependency[] {
  return FEATURE_NAMES.filter((name) => hasFeature(bits, name)).flatMap((feature) =>
    FEATURES[feature].dependencies
      .filter((dependency) => !FEATURES[dependency].assumed && !hasFeature(bits, dependency))
      .map((dependency) => ({ feature, dependency })),
  );
}

/** The even bit of every pair of which both are set: BOLT 9 forbids it, and reads it as compulsory. */
export function pairsWithBothBits(bits: ReadonlySet<number>): number[] {
  return [...bits].filter((bit) => bit % 2 === 0 && bits.has(bit + 1)).sort((a, b) => a - b);
}

/** Bits that BOLT 9 does not assign, lowest first. An even one among them is a feature that a peer must not accept. */
export function unknownBits(bits: ReadonlySet<number>): number[] {
  const known = new Set<number>(FEATURE_NAMES.map((name) => FEATURES[name].even));
  return [...bits].filter((bit) => !known.has(bit - (bit % 2))).sort((a, b) => a - b);
}

/** `option_splice` for either of its bits; `undefined` where BOLT 9 assigns none. */
export function featureOfBit(bit: number): FeatureName | undefined {
  return FEATURE_NAMES.find((name) => FEATURES[name].even === bit - (bit % 2));
}
