import * as ldk from 'ldk-0.1.2';
import { OperationError, type Channel, type Handlers, type PendingHtlc } from 'boltgrid/driver';
import type { Context } from '../context.ts';
import { formatScid, hex, outpointOf, some, u32, unhex, value, yes } from '../ldk.ts';
import { userConfig } from '../settings.ts';
import { scriptFor } from '../wallet.ts';
import { refuse } from './refuse.ts';

export function channelOperations(context: Context) {
  const { channels, peers, records, wallet, broadcaster, waiters, settings, pump } = context;
  let nextUserChannelId = BigInt(Date.now()) << 20n;

  const find = (channelId: string): ldk.ChannelDetails => {
    const found = channels.list_channels().find((channel) => idOf(channel) === channelId);
    if (!found) throw new OperationError('rejected', `no open channel ${channelId}`);
    return found;
  };

  return {
    open: async ({
      publicKey,
      amountSat,
      pushSat,
      announce = true,
      type,
      feeratePerKw,
      reserveSat,
      ...rest
    }) => {
      refuse(rest);
      if (!peers.list_peers().some((peer) => hex(peer.get_counterparty_node_id()) === publicKey)) {
        throw new OperationError('not-ready', 'the peer is not connected');
      }
      const config = userConfig(settings, {
        announce,
        anchors: type !== 'static-remotekey',
        ...(reserveSat !== undefined && { reserveMillionths: Number((reserveSat * 1_000_000n) / amountSat) }),
      });
      const userChannelId = nextUserChannelId++;
      const key = userChannelId.toString();
      if (feeratePerKw !== undefined) waiters.fundingFeerates.set(key, feeratePerKw);
      const opened = waiters.opens.wait(key);
      try {
        const pushMsat = (pushSat ?? 0n) * 1000n;
        value(
          'open',
          channels.create_channel(unhex(publicKey), amountSat, pushMsat, userChannelId, null, config),
        );
        pump();
        const result = await opened;
        wallet.save();
        if (await broadcaster.hasTaken(result.fundingTxid)) return result;
        throw new OperationError('rejected', 'the chain backend refused the funding transaction');
      } finally {
        waiters.fundingFeerates.delete(key);
      }
    },

    channels: () => {
      const open = channels.list_channels().map((channel) => view(channel));
      const closed = [...records.closed.values()].map((channel) => withClosing(context, channel));
      return Promise.resolve({ channels: [...open, ...closed] });
    },

    setPolicy: ({ channelId, feeBaseMsat, feeProportionalMillionths, cltvExpiryDelta, ...rest }) => {
      refuse(rest);
      const channel = find(channelId);
      const config = channel.get_config();
      if (feeBaseMsat !== undefined) config.set_forwarding_fee_base_msat(Number(feeBaseMsat));
      if (feeProportionalMillionths !== undefined) {
        config.set_forwarding_fee_proportional_millionths(feeProportionalMillionths);
      }
      if (cltvExpiryDelta !== undefined) config.set_cltv_expiry_delta(cltvExpiryDelta);
      const peer = channel.get_counterparty().get_node_id();
      value('setPolicy', channels.update_channel_config(peer, [channel.get_channel_id()], config));
      pump();
      return Promise.resolve({});
    },

    close: ({ channelId, address, feeratePerKw, ...rest }) => {
      refuse(rest);
      const channel = find(channelId);
      const script = address === undefined ? null : shutdownScript(scriptFor(address));
      value(
        'close',
        channels.close_channel_with_feerate_and_script(
          channel.get_channel_id(),
          channel.get_counterparty().get_node_id(),
          u32(feeratePerKw),
          script,
        ),
      );
      pump();
      return Promise.resolve({});
    },

    forceClose: async ({ channelId }) => {
      const channel = find(channelId);
      const funding = channel.get_funding_txo() as ldk.OutPoint | null;
      const peer = channel.get_counterparty().get_node_id();
      value(
        'forceClose',
        channels.force_close_broadcasting_latest_txn(channel.get_channel_id(), peer, 'closed on request'),
      );
      pump();
      if (funding === null) return {};
      const outpoint = outpointOf(funding);
      await waiters.until(() => (broadcaster.hasTriedToSpend(outpoint) ? true : undefined));
      return {};
    },
  } satisfies Handlers;

  function view(channel: ldk.ChannelDetails): Channel {
    const funding = channel.get_funding_txo() as ldk.OutPoint | null;
    const outpoint = funding ? outpointOf(funding) : undefined;
    const type = channel.get_channel_type() as ldk.ChannelTypeFeatures | null;
    const counterparty = channel.get_counterparty();
    const config = channel.get_config() as ldk.ChannelConfig | null;
    const localReserveSat = some<bigint>(channel.get_unspendable_punishment_reserve());
    const outboundMsat = channel.get_outbound_capacity_msat();
    return {
      channelId: idOf(channel),
      peer: hex(counterparty.get_node_id()),
      state: stateOf(channel),
      usable: yes(channel.get_is_usable()),
      opener: yes(channel.get_is_outbound()) ? 'local' : 'remote',
      announced: yes(channel.get_is_announced()),
      capacitySat: channel.get_channel_value_satoshis(),
      outboundMsat,
      inboundMsat: channel.get_inbound_capacity_msat(),
      remoteReserveSat: counterparty.get_unspendable_punishment_reserve(),
      ...optional({
        // LDK tells what is above the reserve: below it the balance is not known.
        balanceMsat: outboundMsat > 0n ? outboundMsat + (localReserveSat ?? 0n) * 1000n : undefined,
        localReserveSat,
        fundingTxid: outpoint?.txid,
        fundingOutputIndex: outpoint?.vout,
        confirmations: some<number>(channel.get_confirmations()),
        confirmationsRequired: some<number>(channel.get_confirmations_required()),
        shortChannelId: scid(channel.get_short_channel_id()),
        // Each side's own is what the other may use towards it: for outbound routes ours, for inbound ones the peer's.
        localAlias: scid(channel.get_outbound_scid_alias()),
        remoteAlias: scid(channel.get_inbound_scid_alias()),
        channelType: type ? hex(type.write()) : undefined,
        feeratePerKw: some<number>(channel.get_feerate_sat_per_1000_weight()),
        toSelfDelay: some<number>(channel.get_force_close_spend_delay()),
        feeBaseMsat: config ? BigInt(config.get_forwarding_fee_base_msat()) : undefined,
        feeProportionalMillionths: config?.get_forwarding_fee_proportional_millionths(),
        cltvExpiryDelta: config?.get_cltv_expiry_delta(),
      }),
      htlcs: [
        ...channel.get_pending_inbound_htlcs().map((htlc) => htlcView('in', htlc)),
        ...channel.get_pending_outbound_htlcs().map((htlc) => htlcView('out', htlc)),
      ],
    };
  }
}

const idOf = (channel: ldk.ChannelDetails): string => hex(channel.get_channel_id().get_a());

function stateOf(channel: ldk.ChannelDetails): Channel['state'] {
  const shutdown = some<ldk.ChannelShutdownState>(channel.get_channel_shutdown_state());
  const { LDKChannelShutdownState_NotShuttingDown: none } = ldk.ChannelShutdownState;
  if (shutdown !== undefined && shutdown !== none) return 'closing';
  return yes(channel.get_is_channel_ready()) ? 'open' : 'pending';
}

/** Which transaction spent the funding output shows only after LDK has let go of the channel. */
function withClosing({ broadcaster }: Context, channel: Channel): Channel {
  const { fundingTxid, fundingOutputIndex } = channel;
  if (fundingTxid === undefined || fundingOutputIndex === undefined) return channel;
  const closingTxid = broadcaster.spenderOf({ txid: fundingTxid, vout: fundingOutputIndex });
  return closingTxid === undefined ? channel : { ...channel, closingTxid };
}

const htlcView = (
  direction: PendingHtlc['direction'],
  htlc: ldk.InboundHTLCDetails | ldk.OutboundHTLCDetails,
): PendingHtlc => ({
  direction,
  amountMsat: htlc.get_amount_msat(),
  paymentHash: hex(htlc.get_payment_hash()),
  cltvExpiry: htlc.get_cltv_expiry(),
});

function scid(option: ldk.Option_u64Z): string | undefined {
  const found = some<bigint>(option);
  // The bindings give u64 as if it were signed, and an alias may be any number.
  return found === undefined ? undefined : formatScid(BigInt.asUintN(64, found));
}

/** Without the fields that are not known. */
function optional<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, field]) => field !== undefined)) as never;
}

/** Of the forms that BOLT 2 allows for shutdown_scriptpubkey, the npm package can make these. */
function shutdownScript(script: Uint8Array): ldk.ShutdownScript {
  const [version, length] = script;
  const program = script.slice(2);
  if (version === 0 && length === 20) return ldk.ShutdownScript.constructor_new_p2wpkh(program);
  if (version === 0 && length === 32) return ldk.ShutdownScript.constructor_new_p2wsh(program);
  throw new OperationError('rejected', 'only P2WPKH and P2WSH addresses can be given');
}
