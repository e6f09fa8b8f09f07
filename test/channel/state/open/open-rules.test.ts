import { describe, expect, it } from 'vitest';
import { p2tr, p2wpkh } from '../../../../src/bitcoin/output.ts';
import { channelType } from '../../../../src/channel/state/open/channel-type.ts';
import type { Negotiation, OpenFields } from '../../../../src/channel/state/open/negotiation.ts';
import { openFaults } from '../../../../src/channel/state/open/open-rules.ts';
import { encodeFeatures, FEATURES } from '../../../../src/wire/features.ts';
import { CHANNEL_TYPES, negotiation, negotiationWithout, openWith, TEMPORARY_ID } from './fixtures.ts';

const ids = (open: OpenFields, given: Negotiation = negotiation): readonly string[] =>
  openFaults(open, given).map(({ requirement }) => requirement);

const edited = (edit: Partial<OpenFields>): OpenFields => ({ ...openWith(), ...edit });
const withType = (type: Uint8Array): OpenFields => {
  const open = openWith({ announce: false });
  return { ...open, tlvs: { ...open.tlvs, channel_type: { type } } };
};
const withScript = (shutdown_scriptpubkey: Uint8Array): OpenFields => {
  const open = openWith();
  return { ...open, tlvs: { ...open.tlvs, upfront_shutdown_script: { shutdown_scriptpubkey } } };
};

const push = (push_msat: bigint): Partial<OpenFields> => ({ push_msat });

/** Not on the curve. */
const BAD_POINT = Uint8Array.of(2, ...new Uint8Array(32).fill(0xff));
const SCRIPT_KEY = openWith().funding_pubkey;

describe('open_channel at a bound, and one past it', () => {
  it.each<readonly [string, Partial<OpenFields>, Partial<OpenFields>, string]>([
    [
      'channel_reserve_satoshis',
      { dust_limit_satoshis: 10_000n, channel_reserve_satoshis: 10_000n },
      { dust_limit_satoshis: 10_001n, channel_reserve_satoshis: 10_000n },
      'bolt02-open-channel-08',
    ],
    [
      'dust_limit_satoshis',
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
    ['channel_flags', { channel_flags: 1 }, { channel_flags: 3 }, 'bolt02-open-channel-09'],
    // 1124 weight at 2500 and two anchors: 2810 and 660 satoshis.
    ['the fee', push(996_530_000n), push(996_530_001n), 'bolt02-open-channel-43'],
  ])('%s', (_, at, past, requirement) => {
    expect(ids(edited(at))).toEqual([]);
    expect(ids(edited(past))).toEqual([requirement]);
  });

  it('push_msat, of which no opener can push all', () => {
    expect(ids(edited(push(1_000_000_000n)))).toEqual(['bolt02-open-channel-43']);
    expect(ids(edited(push(1_000_000_001n)))).toEqual(['bolt02-open-channel-05']);
  });

  it('funding_satoshis, which either side may keep small', () => {
    const open = (funding_satoshis: bigint) => openWith({}, funding_satoshis);
    expect(ids(open(1n << 24n))).toEqual([]);
    const small = negotiationWithout('option_support_large_channel');
    expect(ids(open((1n << 24n) - 1n), small)).toEqual([]);
    for (const side of ['local', 'remote'] as const) {
      const features = { ...negotiation.features, [side]: small.features[side] };
      expect(ids(open(1n << 24n), { ...negotiation, features })).toEqual(['bolt02-open-channel-04']);
    }
  });

  it('both sides at the reserve, whoever of them is', () => {
    const channel_reserve_satoshis = 400_000n;
    // The opener pays 3470 satoshis for the first commitment.
    const shared = (openerSat: bigint, accepterSat: bigint) =>
      openWith({ push_msat: accepterSat * 1000n, channel_reserve_satoshis }, openerSat + accepterSat + 3470n);
    expect(ids(shared(400_000n, 400_000n))).toEqual(['bolt02-open-channel-44']);
    expect(ids(shared(400_001n, 0n))).toEqual([]);
    expect(ids(shared(0n, 400_001n))).toEqual([]);
  });

  it('without anchors the opener pays for less', () => {
    // 724 weight at 2500: 1810 satoshis.
    const channel_type = channelType('option_static_remotekey');
    expect(ids(openWith({ channel_type, push_msat: 998_190_000n }))).toEqual([]);
    expect(ids(openWith({ channel_type, push_msat: 998_190_001n }))).toEqual(['bolt02-open-channel-43']);
  });
});

describe('open_channel', () => {
  it('is right as we make it', () => {
    expect(ids(openWith())).toEqual([]);
  });

  it.each([
    'funding_pubkey',
    'revocation_basepoint',
    'payment_basepoint',
    'delayed_payment_basepoint',
    'htlc_basepoint',
    'first_per_commitment_point',
  ] as const)('has a %s on the curve', (name) => {
    const expected = name === 'first_per_commitment_point' ? '07' : '06';
    expect(openFaults(edited({ [name]: BAD_POINT }), negotiation)).toMatchObject([
      { requirement: `bolt02-open-channel-${expected}`, got: BAD_POINT, note: name },
    ]);
  });

  it('is for our chain, and has an id of its own', () => {
    expect(ids(edited({ chain_hash: new Uint8Array(32) }))).toEqual(['bolt02-open-channel-35']);
    expect(ids(openWith(), { ...negotiation, channelIds: [TEMPORARY_ID] })).toEqual([
      'bolt02-open-channel-02',
    ]);
  });

  it('is not sent where option_dual_fund is negotiated', () => {
    const dual = new Set([...negotiation.features.local, FEATURES.option_dual_fund.even]);
    const both = { ...negotiation, features: { local: dual, remote: dual } };
    expect(ids(openWith(), both)).toEqual(['bolt02-open-channel2-01']);
    expect(ids(openWith(), { ...both, features: { ...negotiation.features, local: dual } })).toEqual([]);
  });
});

describe('the channel type', () => {
  it.each(CHANNEL_TYPES)('%s is defined, where its features are negotiated', (_, type) => {
    expect(ids(withType(encodeFeatures(type)))).toEqual([]);
    const none = negotiationWithout('option_anchors', 'option_scid_alias', 'option_zeroconf');
    expect(ids(withType(encodeFeatures(type)), none)).toEqual(
      type.size > 1 ? ['bolt02-open-channel-16'] : [],
    );
  });

  it.each([
    ['an odd bit', [13]],
    ['both bits', [12, 13]],
    ['anchors alone', [22]],
    ['nothing', []],
    ['a feature that is none of a type', [12, 18]],
    ['an unknown bit', [12, 180]],
  ])('%s is none that is defined', (_, bits) => {
    expect(ids(withType(encodeFeatures(bits)))).toEqual(['bolt02-open-channel-14']);
  });

  it('has no leading zeros', () => {
    expect(ids(withType(Uint8Array.of(0, 0x10, 0)))).toEqual(['bolt02-open-channel-15']);
  });

  it('has no option_scid_alias where the channel is announced', () => {
    const type = channelType('option_anchors', { option_scid_alias: true });
    expect(ids({ ...withType(encodeFeatures(type)), channel_flags: 1 })).toEqual(['bolt02-open-channel-17']);
  });

  it('is there', () => {
    const none = negotiationWithout('option_upfront_shutdown_script');
    expect(ids(edited({ tlvs: {} }), none)).toEqual(['bolt02-open-channel-24']);
    const tlvs = { upfront_shutdown_script: { shutdown_scriptpubkey: new Uint8Array() } };
    expect(ids(edited({ tlvs }), none)).toEqual(['bolt02-open-channel-13']);
    const unknown = { unknown: [{ type: 3n, value: new Uint8Array() }] };
    expect(ids(edited({ tlvs: unknown }), none)).toEqual([
      'bolt02-open-channel-12',
      'bolt02-open-channel-13',
    ]);
  });
});

describe('the upfront shutdown script', () => {
  const { channel_type } = openWith().tlvs;
  const typeOnly = edited({ tlvs: { ...(channel_type && { channel_type }) } });

  it('is there, and one that shutdown allows or empty', () => {
    expect(ids(withScript(new Uint8Array()))).toEqual([]);
    expect(ids(withScript(p2wpkh(SCRIPT_KEY)))).toEqual([]);
    expect(ids(withScript(Uint8Array.of(0x51)))).toEqual(['bolt02-open-channel-10']);
    expect(ids(typeOnly)).toEqual(['bolt02-open-channel-10']);
  });

  it('is of a later witness version only with option_shutdown_anysegwit', () => {
    const script = withScript(p2tr(SCRIPT_KEY.subarray(1)));
    expect(ids(script)).toEqual([]);
    expect(ids(script, negotiationWithout('option_shutdown_anysegwit'))).toEqual(['bolt02-open-channel-10']);
  });

  it('is there with any other record, whatever is in it, where the feature is not negotiated', () => {
    const none = negotiationWithout('option_upfront_shutdown_script');
    expect(ids(typeOnly, none)).toEqual(['bolt02-open-channel-12']);
    expect(ids(withScript(Uint8Array.of(0x51)), none)).toEqual([]);
  });
});
