import { describe, expect, it } from 'vitest';
import { channelType } from '../../../../src/channel/state/open/channel-type.ts';
import {
  type OpenPolicy,
  refusalsOfAccept,
  refusalsOfOpen,
} from '../../../../src/channel/state/open/policy.ts';
import { acceptOf, openWith } from './fixtures.ts';

const ids = (policy: OpenPolicy, open = openWith()): readonly string[] =>
  refusalsOfOpen(policy, open).map(({ requirement }) => requirement);

describe('what a node finds unreasonable', () => {
  it.each([
    ['funding_satoshis', 'atLeast', 1_000_000n, 1n, 'bolt02-open-channel-29'],
    ['htlc_minimum_msat', 'atMost', 1n, -1n, 'bolt02-open-channel-30'],
    ['max_htlc_value_in_flight_msat', 'atLeast', 1_000_000_000n, 1n, 'bolt02-open-channel-31'],
    ['channel_reserve_satoshis', 'atMost', 10_000n, -1n, 'bolt02-open-channel-32'],
    ['max_accepted_htlcs', 'atLeast', 483n, 1n, 'bolt02-open-channel-33'],
    ['dust_limit_satoshis', 'atMost', 354n, -1n, 'bolt02-open-channel-34'],
    ['to_self_delay', 'atMost', 144n, -1n, 'bolt02-open-channel-37'],
    ['feerate_per_kw', 'atMost', 2500n, -1n, 'bolt02-open-channel-39'],
    ['feerate_per_kw', 'atLeast', 2500n, 1n, 'bolt02-open-channel-39'],
  ])('%s: %s', (field, bound, at, step, requirement) => {
    expect(ids({ bounds: { [field]: { [bound]: at } } })).toEqual([]);
    expect(ids({ bounds: { [field]: { [bound]: at + step } } })).toEqual([requirement]);
  });

  it('minimum_depth, and other fields of accept_channel', () => {
    const accept = acceptOf(openWith());
    const bounds = { minimum_depth: { atMost: 3 }, to_self_delay: { atMost: 144 } };
    expect(refusalsOfAccept({ bounds }, accept)).toEqual([]);
    expect(refusalsOfAccept({ bounds }, { ...accept, minimum_depth: 4 })).toEqual([
      { requirement: 'bolt02-accept-channel-07', field: 'minimum_depth', limit: { atMost: 3 }, got: 4 },
    ]);
  });

  it('a channel that is not announced', () => {
    expect(ids({ wantsAnnounced: true })).toEqual([]);
    expect(ids({ wantsAnnounced: true }, openWith({ announce: false }))).toEqual(['bolt02-open-channel-28']);
  });

  it('option_zeroconf of a stranger', () => {
    const open = openWith({ channel_type: channelType('option_anchors', { option_zeroconf: true }) });
    expect(ids({}, open)).toEqual([]);
    expect(ids({ trustsOpener: true }, open)).toEqual([]);
    expect(ids({ trustsOpener: false }, open)).toEqual(['bolt02-open-channel-47']);
    expect(ids({ trustsOpener: false })).toEqual([]);
  });
});
