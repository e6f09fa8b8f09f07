import * as ldk from 'ldk-0.1.2';
import type { StartParams } from 'boltgrid/driver';

/** What a version or profile of the manifest may set. */
export interface Settings {
  /** Blocks until a channel that a peer opened is ready. */
  readonly minimumDepth: number | undefined;
  /** Whether channels of any peer are used before they confirm. */
  readonly zeroConf: boolean;
}

export function readSettings({ settings }: StartParams): Settings {
  const { minimumDepth, zeroConf } = settings;
  return {
    minimumDepth: typeof minimumDepth === 'number' ? minimumDepth : undefined,
    zeroConf: zeroConf === true,
  };
}

/** What an `open` changes against the node's own configuration. */
export interface ChannelChoice {
  readonly announce?: boolean;
  readonly anchors?: boolean;
  readonly reserveMillionths?: number;
}

/**
 * LDK's defaults with the changes that its own sample node makes: anchors, a free choice of announced or private channels, and
 * inbound channels accepted by hand, which LDK asks for before it accepts anchors. Every getter gives a copy.
 */
export function userConfig(settings: Settings, choice: ChannelChoice = {}): ldk.UserConfig {
  const config = ldk.UserConfig.constructor_default();
  const handshake = config.get_channel_handshake_config();
  handshake.set_negotiate_anchors_zero_fee_htlc_tx(choice.anchors ?? true);
  handshake.set_announce_for_forwarding(choice.announce ?? false);
  if (settings.minimumDepth !== undefined) handshake.set_minimum_depth(settings.minimumDepth);
  if (settings.zeroConf) handshake.set_negotiate_scid_privacy(choice.announce !== true);
  if (choice.reserveMillionths !== undefined) {
    handshake.set_their_channel_reserve_proportional_millionths(choice.reserveMillionths);
  }
  config.set_channel_handshake_config(handshake);
  const limits = config.get_channel_handshake_limits();
  limits.set_force_announced_channel_preference(false);
  config.set_channel_handshake_limits(limits);
  config.set_manually_accept_inbound_channels(true);
  config.set_manually_handle_bolt12_invoices(true);
  return config;
}
