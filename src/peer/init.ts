import { EMPTY } from '../core/bytes.ts';
import type { Bolts } from '../wire/bolts.ts';
import { encodeFeatures } from '../wire/features.ts';
import type { MessageFields, MessageTable } from '../wire/types.ts';
import type { PeerOptions } from './types.ts';

/** What BOLT 9 calls ASSUMED: every node has it, and some refuse a peer that does not say so. All optional (odd). */
const ASSUMED = [1, 9, 13, 15, 45];
/** What a usual peer offers besides: no v2 opens, no quiescence, no splicing, no storage, unless a case asks for it. */
const USUAL = [5, 7, 17, 19, 23, 25, 27, 39, 47];

/** Feature bits of our init. */
export function offeredFeatures(features: PeerOptions['features'] = 'default'): Set<number> {
  if (features === 'minimal') return new Set(ASSUMED);
  const bits = new Set([...ASSUMED, ...USUAL]);
  if (features === 'default') return bits;
  for (const bit of features.drop ?? []) bits.delete(bit);
  for (const bit of features.add ?? []) bits.add(bit);
  return bits;
}

/** Our init: what the features give, with the fields that a case sets itself. */
export function initFields({
  features,
  init,
}: Pick<PeerOptions<MessageTable>, 'features' | 'init'>): MessageFields<Bolts, 'init'> {
  return {
    globalfeatures: EMPTY,
    features: encodeFeatures(offeredFeatures(features)),
    tlvs: {},
    ...(init === false ? undefined : init),
  };
}
