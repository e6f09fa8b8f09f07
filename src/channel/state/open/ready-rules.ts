import { equalBytes } from '../../../core/bytes.ts';
import { defaultCrypto } from '../../../crypto/crypto.ts';
import type { Bolts } from '../../../wire/bolts.ts';
import type { MessageFields } from '../../../wire/types.ts';
import type { Fault } from '../step.ts';
import type { Side } from '../update.ts';
import type { Readying } from './states.ts';

export type ReadyFields = Omit<MessageFields<Bolts, 'channel_ready'>, 'channel_id'>;

/** Everything in a `channel_ready` of either side that BOLT 2 forbids. That an alias is another channel's is for a node to see. */
export const readyFaults = (state: Readying, sender: Side, fields: ReadyFields): Fault[] => [
  ...depthFaults(state, sender, fields),
  ...aliasFaults(state, sender, fields),
  ...(sender === 'remote' ? pointFaults(state, fields) : []),
];

/** The opener trusts itself, but without an alias there is no name for the channel before it is in a block. */
function depthFaults(
  { depth, minimum_depth, commitments: { terms } }: Readying,
  sender: Side,
  { tlvs: { short_channel_id } }: ReadyFields,
): Fault[] {
  if (depth >= minimum_depth || (short_channel_id && sender === terms.opener)) return [];
  return [
    {
      requirement: short_channel_id ? 'bolt02-channel-ready-02' : 'bolt02-channel-ready-12',
      expected: `a funding transaction at minimum_depth, ${minimum_depth}`,
      got: depth,
    },
  ];
}

function aliasFaults(state: Readying, sender: Side, { tlvs }: ReadyFields): Fault[] {
  const alias = tlvs.short_channel_id?.alias;
  if (alias === undefined)
    return state.isAliasNegotiated
      ? [{ requirement: 'bolt02-channel-ready-04', expected: 'an alias', got: undefined }]
      : [];
  const { announce } = state.commitments.terms;
  const isFirst = state.aliases[sender].length === 0;
  // A channel that is announced may use its real name later.
  if (alias !== state.short_channel_id || (announce && !isFirst)) return [];
  return [
    {
      requirement: announce ? 'bolt02-channel-ready-06' : 'bolt02-channel-ready-07',
      expected: 'an alias that is not the real short_channel_id',
      got: alias,
    },
  ];
}

function pointFaults(
  { second_per_commitment_point: known }: Readying,
  { second_per_commitment_point: got }: ReadyFields,
): Fault[] {
  const isGood = known ? equalBytes(known, got) : defaultCrypto.curve.isPoint(got);
  if (isGood) return [];
  return [
    {
      requirement: 'bolt02-channel-ready-03',
      expected: known ?? 'a point on secp256k1',
      got,
      note: 'second_per_commitment_point',
    },
  ];
}
