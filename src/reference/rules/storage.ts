import { bolts } from '../../wire/bolts.ts';
import type { Bolts } from '../../wire/bolts.ts';
import { encodeMessage } from '../../wire/codec.ts';
import { hasFeature } from '../../wire/features.ts';
import type { MessageFields } from '../../wire/types.ts';
import type { Action, Situation } from '../situation.ts';
import { IGNORE, send } from '../situation.ts';

/** BOLT 1, "Peer storage". */
export interface StorageRules {
  /** Stored where the feature is offered, without a channel too; the latest replaces what was there (bolt01-peer-storage-06, -07, -09). */
  store(message: MessageFields<Bolts, 'peer_storage'>, situation: Situation): readonly Action[];
  /** What is sent when init has gone both ways: the last blob of this peer (bolt01-peer-storage-10, -11). */
  reconnected(situation: Situation): readonly Action[];
  /** We let nobody store anything: irrelevant data, of which we may warn (bolt01-peer-storage-13). */
  retrieved(message: MessageFields<Bolts, 'peer_storage_retrieval'>, situation: Situation): readonly Action[];
}

export const STORAGE_RULES: StorageRules = {
  store: ({ blob }, { node }) =>
    hasFeature(node.features, 'option_provide_storage') ? [{ do: 'store', blob }] : IGNORE,
  reconnected: ({ peer: { blob } }) =>
    blob === undefined ? IGNORE : send(encodeMessage(bolts, 'peer_storage_retrieval', { blob })),
  retrieved: () => IGNORE,
};
