import { equalBytes } from '../../../core/bytes.ts';
import { featureOfBit, FEATURES } from '../../../wire/features.ts';
import type { Fault } from '../step.ts';
import { encodeChannelType, formatOf, typeHas } from './channel-type.ts';
import { firstBalances } from './first-balances.ts';
import { isNegotiated, type Negotiation, type OpenFields } from './negotiation.ts';
import {
  hasRecords,
  LARGE_CHANNEL_SATOSHIS,
  reserveFaults,
  sideFaults,
  typeBitmap,
  typeBits,
} from './rules.ts';

const ANNOUNCE_CHANNEL = 1;

export const announces = ({ channel_flags }: Pick<OpenFields, 'channel_flags'>): boolean =>
  (channel_flags & ANNOUNCE_CHANNEL) !== 0;

/** Everything in an `open_channel` that BOLT 2 forbids, whoever looks at it. What only a node's policy forbids: see policy.ts. */
export const openFaults = (open: OpenFields, negotiation: Negotiation): Fault[] => [
  ...versionFaults(negotiation),
  ...commonOpenFaults(open, negotiation),
];

/** Those that `open_channel2` has too: "the same as for open_channel". */
export const commonOpenFaults = (open: OpenFields, negotiation: Negotiation): Fault[] => [
  ...contextFaults(open, negotiation),
  ...amountFaults(open, negotiation),
  ...flagFaults(open),
  ...sideFaults(open, negotiation),
  ...typeFaults(open, negotiation),
  ...balanceFaults(open),
];

const versionFaults = (negotiation: Negotiation): Fault[] =>
  isNegotiated(negotiation, 'option_dual_fund')
    ? [
        {
          requirement: 'bolt02-open-channel2-01',
          expected: 'open_channel2, since option_dual_fund is negotiated',
          got: 'open_channel',
        },
      ]
    : [];

function contextFaults(open: OpenFields, negotiation: Negotiation): Fault[] {
  const faults: Fault[] = [];
  if (!equalBytes(open.chain_hash, negotiation.chain_hash))
    faults.push({
      requirement: 'bolt02-open-channel-35',
      expected: negotiation.chain_hash,
      got: open.chain_hash,
      note: 'chain_hash',
    });
  if (negotiation.channelIds.some((id) => equalBytes(id, open.temporary_channel_id)))
    faults.push({
      requirement: 'bolt02-open-channel-02',
      expected: 'a temporary_channel_id that no other channel has',
      got: open.temporary_channel_id,
    });
  return faults;
}

function amountFaults({ funding_satoshis, push_msat }: OpenFields, negotiation: Negotiation): Fault[] {
  const faults: Fault[] = [];
  if (
    funding_satoshis >= LARGE_CHANNEL_SATOSHIS &&
    !isNegotiated(negotiation, 'option_support_large_channel')
  )
    faults.push({
      requirement: 'bolt02-open-channel-04',
      expected: `funding_satoshis of less than ${LARGE_CHANNEL_SATOSHIS}`,
      got: funding_satoshis,
    });
  if (push_msat > funding_satoshis * 1000n)
    faults.push({
      requirement: 'bolt02-open-channel-05',
      expected: `push_msat of at most ${funding_satoshis * 1000n}`,
      got: push_msat,
    });
  return faults;
}

/** A receiver ignores undefined bits (bolt02-open-channel-23): one that goes on clears them and receives the message again. */
const flagFaults = ({ channel_flags }: OpenFields): Fault[] =>
  (channel_flags & ~ANNOUNCE_CHANNEL) === 0
    ? []
    : [
        {
          requirement: 'bolt02-open-channel-09',
          expected: 'no bit but announce_channel',
          got: channel_flags,
          note: 'channel_flags',
        },
      ];

function typeFaults(open: OpenFields, negotiation: Negotiation): Fault[] {
  const note = 'channel_type';
  const bitmap = typeBitmap(open);
  if (!bitmap) {
    const requirement = hasRecords(open.tlvs) ? 'bolt02-open-channel-13' : 'bolt02-open-channel-24';
    return [{ requirement, expected: 'a record', got: undefined, note }];
  }
  const type = typeBits(open);
  const faults: Fault[] = [];
  if (!formatOf(type))
    faults.push({ requirement: 'bolt02-open-channel-14', expected: 'a defined type', got: bitmap, note });
  const smallest = encodeChannelType(type);
  if (!equalBytes(smallest, bitmap))
    faults.push({ requirement: 'bolt02-open-channel-15', expected: smallest, got: bitmap, note });
  const missing = [...type].filter((bit) => !isNegotiatedBit(bit, negotiation));
  if (missing.length > 0)
    faults.push({
      requirement: 'bolt02-open-channel-16',
      expected: 'features that were negotiated',
      got: missing,
      note,
    });
  if (announces(open) && typeHas(type, 'option_scid_alias'))
    faults.push({
      requirement: 'bolt02-open-channel-17',
      expected: 'no option_scid_alias in a channel that is announced',
      got: bitmap,
      note,
    });
  return faults;
}

/** Bits that BOLT 9 does not assign are no negotiated features of ours: their type is not defined anyhow. */
function isNegotiatedBit(bit: number, negotiation: Negotiation): boolean {
  const name = featureOfBit(bit);
  return name === undefined || FEATURES[name].assumed || isNegotiated(negotiation, name);
}

function balanceFaults(open: OpenFields): Fault[] {
  const format = formatOf(typeBits(open));
  // Without a type there is no commitment to pay for, and with too great a push neither.
  if (!format || open.push_msat > open.funding_satoshis * 1000n) return [];
  const balances = firstBalances(open, format);
  const faults = reserveFaults(balances, open.channel_reserve_satoshis);
  if (balances.openerMsat < 0n)
    faults.push({
      requirement: 'bolt02-open-channel-43',
      expected: 'an opener that can pay the fee of the first commitment',
      got: balances,
    });
  return faults;
}
