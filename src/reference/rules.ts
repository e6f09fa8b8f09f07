import type { ChannelRules } from './rules/channels.ts';
import { CHANNEL_RULES } from './rules/channels.ts';
import type { ConnectionRules } from './rules/connections.ts';
import { CONNECTION_RULES } from './rules/connections.ts';
import type { ControlRules } from './rules/control.ts';
import { CONTROL_RULES } from './rules/control.ts';
import type { GossipRules } from './rules/gossip.ts';
import { GOSSIP_RULES } from './rules/gossip.ts';
import type { HandshakeRules } from './rules/handshake.ts';
import { HANDSHAKE_RULES } from './rules/handshake.ts';
import type { HtlcRules } from './rules/htlcs.ts';
import { HTLC_RULES } from './rules/htlcs.ts';
import type { InitRules } from './rules/init.ts';
import { INIT_RULES } from './rules/init.ts';
import type { MessageRules } from './rules/messages.ts';
import { MESSAGE_RULES } from './rules/messages.ts';
import type { OnchainRules } from './rules/onchain.ts';
import { ONCHAIN_RULES } from './rules/onchain.ts';
import type { StorageRules } from './rules/storage.ts';
import { STORAGE_RULES } from './rules/storage.ts';
import type { TransportRules } from './rules/transport.ts';
import { TRANSPORT_RULES } from './rules/transport.ts';

/**
 * What the reference node does on each input. A mutant of it is a function `(rules) => rules` that replaces one entry; nothing
 * in the node asks whether it is one. No rule calls another: that would go past a replacement.
 */
export interface Rules {
  readonly handshake: HandshakeRules;
  readonly transport: TransportRules;
  readonly connections: ConnectionRules;
  readonly init: InitRules;
  readonly messages: MessageRules;
  readonly control: ControlRules;
  readonly storage: StorageRules;
  readonly gossip: GossipRules;
  readonly channels: ChannelRules;
  readonly htlcs: HtlcRules;
  readonly onchain: OnchainRules;
}

/** Right by the BOLTs. */
export const DEFAULT_RULES: Rules = {
  handshake: HANDSHAKE_RULES,
  transport: TRANSPORT_RULES,
  connections: CONNECTION_RULES,
  init: INIT_RULES,
  messages: MESSAGE_RULES,
  control: CONTROL_RULES,
  storage: STORAGE_RULES,
  gossip: GOSSIP_RULES,
  channels: CHANNEL_RULES,
  htlcs: HTLC_RULES,
  onchain: ONCHAIN_RULES,
};
