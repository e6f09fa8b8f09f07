import type { Basepoints, ChannelSecrets } from '../keys/channel-secrets.ts';
import type { CommitmentFormat } from '../transactions/types.ts';
import type { Side } from './update.ts';

/** What one side declared for itself in `open_channel` or `accept_channel` (or their second versions), by the names there. */
export interface SideTerms extends Basepoints {
  /** Of the first funding. */
  readonly funding_pubkey: Uint8Array;
  readonly dust_limit_satoshis: bigint;
  readonly max_htlc_value_in_flight_msat: bigint;
  /** What the *other* side must keep. */
  readonly channel_reserve_satoshis: bigint;
  readonly htlc_minimum_msat: bigint;
  /** How long the *other* side must wait for its own outputs. */
  readonly to_self_delay: number;
  readonly max_accepted_htlcs: number;
  /** Absent where none was given, empty where the side declared that it has none. */
  readonly upfront_shutdown_script?: Uint8Array;
}

/** All that the two sides agreed on when the channel was opened. */
export interface ChannelTerms {
  readonly channel_id: Uint8Array;
  readonly opener: Side;
  readonly format: CommitmentFormat;
  /** Feature bits of `channel_type`. */
  readonly channel_type: ReadonlySet<number>;
  readonly announce: boolean;
  readonly local: SideTerms;
  readonly remote: SideTerms;
  /** Our own private keys. */
  readonly secrets: ChannelSecrets;
}
