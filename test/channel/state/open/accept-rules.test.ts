import { describe, expect, it } from 'vitest';
import { acceptFaults } from '../../../../src/channel/state/open/accept-rules.ts';
import { channelType } from '../../../../src/channel/state/open/channel-type.ts';
import type { AcceptFields, OpenFields } from '../../../../src/channel/state/open/negotiation.ts';
import { encodeFeatures } from '../../../../src/wire/features.ts';
import { acceptOf, CHANNEL_TYPES, negotiation, openWith } from './fixtures.ts';

const ids = (edit: Partial<AcceptFields>, open: OpenFields = openWith()): readonly string[] =>
  acceptFaults({ ...acceptOf(open), ...edit }, open, negotiation).map(({ requirement }) => requirement);

const BAD_POINT = Uint8Array.of(3, ...new Uint8Array(32).fill(0xff));

describe('accept_channel at a bound, and one past it', () => {
  const own = { dust_limit_satoshis: 600n };

  it.each<readonly [string, Partial<AcceptFields>, Partial<AcceptFields>, string]>([
    [
      'its reserve, against the opener’s dust limit',
      { channel_reserve_satoshis: 500n },
      { channel_reserve_satoshis: 499n },
      'bolt02-accept-channel-04',
    ],
    [
      'its dust limit, against the opener’s reserve',
      { dust_limit_satoshis: 9000n },
      { dust_limit_satoshis: 9001n },
      'bolt02-accept-channel-05',
    ],
    [
      'its reserve, against its own dust limit',
      { ...own, channel_reserve_satoshis: 600n },
      { ...own, channel_reserve_satoshis: 599n },
      'bolt02-open-channel-08',
    ],
    [
      'its dust limit',
      { dust_limit_satoshis: 354n },
      { dust_limit_satoshis: 353n },
      'bolt02-open-channel-42',
    ],
    [
      'max_accepted_htlcs',
      { max_accepted_htlcs: 483 },
      { max_accepted_htlcs: 484 },
      'bolt02-open-channel-38',
    ],
    [
      'both sides at its reserve',
      // The opener has 1000000 less 3470 satoshis for the first commitment, the accepter nothing.
      { channel_reserve_satoshis: 996_529n },
      { channel_reserve_satoshis: 996_530n },
      'bolt02-open-channel-44',
    ],
  ])('%s', (_, at, past, requirement) => {
    const open = openWith({ dust_limit_satoshis: 500n, channel_reserve_satoshis: 9000n });
    expect(ids(at, open)).toEqual([]);
    expect(ids(past, open)).toEqual([requirement]);
  });
});

describe('accept_channel', () => {
  it.each(CHANNEL_TYPES)('echoes the type %s', (_, channel_type) => {
    const open = openWith({ channel_type, announce: false });
    const minimum_depth = 0;
    expect(ids({ minimum_depth }, open)).toEqual([]);
    const { upfront_shutdown_script } = acceptOf(open).tlvs;
    const script = { ...(upfront_shutdown_script && { upfront_shutdown_script }) };
    const other = channelType(channel_type.has(22) ? 'option_static_remotekey' : 'option_anchors');
    expect(
      ids({ minimum_depth, tlvs: { ...script, channel_type: { type: encodeFeatures(other) } } }, open),
    ).toEqual(['bolt02-accept-channel-06']);
    const padded = Uint8Array.of(0, ...encodeFeatures(channel_type));
    expect(ids({ minimum_depth, tlvs: { ...script, channel_type: { type: padded } } }, open)).toEqual([
      'bolt02-accept-channel-06',
    ]);
    expect(ids({ minimum_depth, tlvs: script }, open)).toEqual(['bolt02-accept-channel-06']);
  });

  it('is right as we make it, whatever the opener takes for dust', () => {
    const dust_limit_satoshis = 20_000n;
    expect(ids({}, openWith({ dust_limit_satoshis, channel_reserve_satoshis: 20_000n }))).toEqual([]);
  });

  it('waits for no block in a channel with option_zeroconf', () => {
    const channel_type = channelType('option_anchors', { option_zeroconf: true });
    expect(ids({ minimum_depth: 1 }, openWith({ channel_type }))).toEqual(['bolt02-accept-channel-02']);
    expect(ids({ minimum_depth: 0 }, openWith())).toEqual([]);
  });

  it('names the open_channel that it answers', () => {
    expect(ids({ temporary_channel_id: new Uint8Array(32) })).toEqual(['bolt02-accept-channel-01']);
  });

  it.each([
    ['funding_pubkey', '06'],
    ['revocation_basepoint', '06'],
    ['payment_basepoint', '06'],
    ['delayed_payment_basepoint', '06'],
    ['htlc_basepoint', '06'],
    ['first_per_commitment_point', '07'],
  ])('has a %s on the curve', (name, expected) => {
    expect(ids({ [name]: BAD_POINT })).toEqual([`bolt02-open-channel-${expected}`]);
  });

  it('has an upfront shutdown script, which may be empty', () => {
    const { channel_type } = acceptOf(openWith()).tlvs;
    expect(ids({ tlvs: { ...(channel_type && { channel_type }) } })).toEqual(['bolt02-open-channel-10']);
  });
});
