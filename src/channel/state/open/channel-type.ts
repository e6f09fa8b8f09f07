import { encodeFeatures, FEATURES, type FeatureName } from '../../../wire/features.ts';
import type { CommitmentFormat } from '../../transactions/types.ts';

/** What a channel type can say beside its commitment format (BOLT 2, Defined Channel Types). */
interface Variation {
  readonly option_scid_alias?: boolean;
  readonly option_zeroconf?: boolean;
}

/** The feature bits of a channel type. */
export function channelType(format: CommitmentFormat, variation: Variation = {}): ReadonlySet<number> {
  const names: FeatureName[] = ['option_static_remotekey'];
  if (format === 'option_anchors') names.push('option_anchors');
  if (variation.option_scid_alias) names.push('option_scid_alias');
  if (variation.option_zeroconf) names.push('option_zeroconf');
  return new Set(names.map(bitOf));
}

/** Its commitment format; `undefined` where BOLT 2 defines no such type. */
export function formatOf(type: ReadonlySet<number>): CommitmentFormat | undefined {
  const [remoteKey, anchors, ...variations] = TYPE_BITS;
  if (!type.has(remoteKey) || [...type].some((bit) => ![remoteKey, anchors, ...variations].includes(bit)))
    return undefined;
  return type.has(anchors) ? 'option_anchors' : 'option_static_remotekey';
}

/** Whether a feature is among those of a channel type: there it always is its even bit. */
export const typeHas = (type: ReadonlySet<number>, name: FeatureName): boolean => type.has(bitOf(name));

/** The one bitmap that stands for it. */
export const encodeChannelType = (type: ReadonlySet<number>): Uint8Array => encodeFeatures(type);

const bitOf = (name: FeatureName): number => FEATURES[name].even;

const TYPE_BITS = [
  bitOf('option_static_remotekey'),
  bitOf('option_anchors'),
  bitOf('option_scid_alias'),
  bitOf('option_zeroconf'),
] as const;
