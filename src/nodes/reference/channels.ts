import { scriptOfAddress } from '../../bitcoin/output.ts';
import { isTalking, type LiveChannel } from '../../channel/engine/channel.ts';
import { channelType, encodeChannelType } from '../../channel/state/open/channel-type.ts';
import { specificationOf } from '../../channel/state/ledger.ts';
import { fromHex, toHex } from '../../core/bytes.ts';
import { BoltgridError } from '../../core/error.ts';
import type { ChannelDesk } from '../../reference/channels/desk.ts';
import { fundingOf, type HeldChannel, isClosed, isOpen } from '../../reference/channels/state.ts';
import { isUsable } from '../../reference/channels/forwarding.ts';
import { channelIdOf } from '../../channel/engine/channel.ts';
import type { Channel } from '../operations.ts';
import type { Performers } from './performers.ts';

const FORMATS = { 'static-remotekey': 'option_static_remotekey', anchors: 'option_anchors' } as const;

export const CHANNEL_PERFORMERS: Performers = {
  open: async (
    { desk },
    { publicKey, amountSat, pushSat, announce, type, reserveSat, upfrontShutdownAddress },
  ) => {
    const held = await desk.openings.open(fromHex(publicKey), amountSat, {
      announce: announce ?? false,
      feerate_per_kw: desk.feeratePerKw,
      ...(pushSat !== undefined && { push_msat: pushSat * 1000n }),
      ...(type && { channel_type: channelType(FORMATS[type]) }),
      ...(reserveSat !== undefined && { channel_reserve_satoshis: reserveSat }),
      ...(upfrontShutdownAddress !== undefined && {
        upfront_shutdown_script: scriptOfAddress(upfrontShutdownAddress),
      }),
    });
    const funding = fundingOf(held);
    if (!funding) throw new BoltgridError('reference.not-opened', 'node', 'the channel failed');
    return {
      channelId: idOf(held),
      fundingTxid: funding.txid,
      fundingOutputIndex: funding.output_index,
    };
  },
  channels: ({ desk }) => ({ channels: desk.channels.all().map((held) => describe(desk, held)) }),
  setPolicy: ({ desk }, { channelId, ...params }) => {
    const held = find(desk, channelId);
    const { policy } = held;
    held.policy = {
      fee_base_msat: params.feeBaseMsat ?? policy.fee_base_msat,
      fee_proportional_millionths: params.feeProportionalMillionths ?? policy.fee_proportional_millionths,
      cltv_expiry_delta: params.cltvExpiryDelta ?? policy.cltv_expiry_delta,
      htlc_minimum_msat: params.htlcMinimumMsat ?? policy.htlc_minimum_msat,
      htlc_maximum_msat: params.htlcMaximumMsat ?? policy.htlc_maximum_msat,
      isEnabled: params.enabled ?? policy.isEnabled,
    };
    return {};
  },
  close: ({ desk }, { channelId, address, feeratePerKw }) => {
    const held = find(desk, channelId);
    if (held.failed) throw new BoltgridError('reference.not-open', 'user', 'the channel has failed');
    if (held.channel.name === 'opening') {
      desk.channels.run.fail(held, 'closed before it was funded');
      return {};
    }
    if (!isTalking(held.channel))
      throw new BoltgridError('reference.not-connected', 'user', 'the peer is not connected');
    held.closing = {
      isAsked: true,
      feerate_per_kw: feeratePerKw,
      script: address === undefined ? upfrontOf(held.channel) : scriptOfAddress(address),
    };
    desk.channels.run.advance(held);
    return {};
  },
  forceClose: async ({ desk }, { channelId }) => {
    const held = find(desk, channelId);
    if (held.channel.name === 'live' && held.channel.fellBehind)
      throw new BoltgridError('reference.fell-behind', 'user', 'its commitment may be revoked');
    desk.channels.run.fail(held, 'closed by its owner');
    await desk.settled();
    return {};
  },
};

function upfrontOf({ readying }: LiveChannel): Uint8Array | undefined {
  const script = readying.commitments.terms.local.upfront_shutdown_script;
  return script && script.length > 0 ? script : undefined;
}

function find(desk: ChannelDesk, channelId: string): HeldChannel {
  const held = desk.channels.all().find((each) => idOf(each) === channelId);
  if (!held) throw new BoltgridError('reference.unknown-channel', 'user', 'there is no such channel');
  return held;
}

export const idOf = (held: HeldChannel): string => toHex(channelIdOf(held.channel) ?? new Uint8Array(32));

function describe(desk: ChannelDesk, held: HeldChannel): Channel {
  const { channel, policy, spent, failed } = held;
  return {
    channelId: idOf(held),
    peer: toHex(held.peer),
    state: stateOf(held),
    usable: isUsable(held),
    ...(failed && { reason: Buffer.from(failed.error.fields.data).toString('latin1') }),
    ...(channel.name === 'live' && describeLive(desk, channel)),
    ...(spent && { closingTxid: spent.txid }),
    feeBaseMsat: policy.fee_base_msat,
    feeProportionalMillionths: policy.fee_proportional_millionths,
    cltvExpiryDelta: policy.cltv_expiry_delta,
  };
}

function stateOf(held: HeldChannel): Channel['state'] {
  if (isClosed(held)) return 'closed';
  const { channel, failed, spent } = held;
  if (channel.name === 'opening') return 'pending';
  const { local, remote } = channel.shutdown.scriptpubkeys;
  if (failed || spent || local || remote) return 'closing';
  return isOpen(held) ? 'open' : 'pending';
}

function describeLive(_desk: ChannelDesk, { readying }: LiveChannel): Partial<Channel> {
  const { commitments, depth, minimum_depth, short_channel_id, aliases } = readying;
  const { terms, ledger, fundings } = commitments;
  const [{ funding, shares }] = fundings;
  const specification = specificationOf(ledger, shares, 'local', 'latest');
  const atLeast0 = (msat: bigint): bigint => (msat > 0n ? msat : 0n);
  const balanceMsat = atLeast0(specification.ownerBalanceMsat);
  const [localAlias] = aliases.local;
  const [remoteAlias] = aliases.remote;
  return {
    opener: terms.opener,
    announced: terms.announce,
    capacitySat: funding.funding_satoshis,
    balanceMsat,
    outboundMsat: atLeast0(balanceMsat - terms.remote.channel_reserve_satoshis * 1000n),
    inboundMsat: atLeast0(specification.otherBalanceMsat - terms.local.channel_reserve_satoshis * 1000n),
    fundingTxid: funding.txid,
    fundingOutputIndex: funding.output_index,
    confirmations: depth,
    confirmationsRequired: minimum_depth,
    ...(short_channel_id !== undefined && { shortChannelId: short_channel_id }),
    ...(localAlias !== undefined && { localAlias }),
    ...(remoteAlias !== undefined && { remoteAlias }),
    channelType: toHex(encodeChannelType(terms.channel_type)),
    feeratePerKw: ledger.feerate_per_kw,
    localReserveSat: terms.remote.channel_reserve_satoshis,
    remoteReserveSat: terms.local.channel_reserve_satoshis,
    localDustLimitSat: terms.local.dust_limit_satoshis,
    remoteDustLimitSat: terms.remote.dust_limit_satoshis,
    toSelfDelay: terms.remote.to_self_delay,
    htlcs: specification.htlcs.map((htlc) => ({
      direction: htlc.offeredBy === 'owner' ? ('out' as const) : ('in' as const),
      amountMsat: htlc.amount_msat,
      paymentHash: toHex(htlc.payment_hash),
      cltvExpiry: htlc.cltv_expiry,
    })),
  };
}
