import { channelIdOf, isAbout } from '../../channel/engine/channel.ts';
import { lost, reconnected } from '../../channel/engine/link.ts';
import { awaitOpenChannel } from '../../channel/state/open/accepter.ts';
import type { OpenerChoices } from '../../channel/state/open/defaults.ts';
import type { Negotiation } from '../../channel/state/open/negotiation.ts';
import { openChannel } from '../../channel/state/open/opener.ts';
import type { Message } from '../../channel/state/step.ts';
import { equalBytes, toHex } from '../../core/bytes.ts';
import { messageOf } from '../../core/error.ts';
import type { ChannelSituation, Situation } from '../situation.ts';
import type { ChannelKeys } from './channel-keys.ts';
import type { PeerLink } from './peer-link.ts';
import { ChannelRunner, idIn, type RunnerHost } from './runner.ts';
import {
  emptyState,
  type ForwardingPolicy,
  type HeldChannel,
  isClosed,
  isOpen,
  type NodeState,
} from './state.ts';

/** What the channels need of their node. */
export interface ChannelsHost extends RunnerHost {
  readonly features: ReadonlySet<number>;
  readonly chainHash: Uint8Array;
  readonly keys: ChannelKeys;
  /** With a peer that is not connected. */
  situationOf(peer: Uint8Array): Situation;
  height(): number;
  feeratePerKw(): number;
  /** The connection with its peer is gone. */
  lost(held: HeldChannel): void;
  /** It has come to an end without a commitment. */
  forgotten(held: HeldChannel, reason: string): void;
}

const DEFAULT_POLICY: ForwardingPolicy = {
  fee_base_msat: 1000n,
  fee_proportional_millionths: 10,
  cltv_expiry_delta: 40,
  htlc_minimum_msat: 1n,
  isEnabled: true,
};

/** The channels of the node with all its peers: messages in, messages out, by the rule table. */
export class Channels {
  /** Takes their steps. */
  readonly run: ChannelRunner;
  readonly #host: ChannelsHost;
  readonly #links = new Map<string, PeerLink>();
  #state: NodeState = emptyState();

  constructor(host: ChannelsHost) {
    this.#host = host;
    this.run = new ChannelRunner(host, this);
  }

  get state(): NodeState {
    return this.#state;
  }

  /** Takes up the channels of a copy, while no peer is connected. */
  restore(state: NodeState): void {
    this.#state = state;
  }

  all(): readonly HeldChannel[] {
    return this.#state.channels;
  }

  linkOf(held: HeldChannel): PeerLink | undefined {
    return this.#links.get(toHex(held.peer));
  }

  linkTo(publicKey: Uint8Array): PeerLink | undefined {
    return this.#links.get(toHex(publicKey));
  }

  /** Init has gone both ways. */
  connected(link: PeerLink): void {
    const key = toHex(link.publicKey);
    const older = this.#links.get(key);
    if (older) this.disconnected(older);
    this.#links.set(key, link);
    for (const held of this.#of(link)) {
      if (isClosed(held) || held.channel.name === 'opening') continue;
      held.channel = reconnected(held.channel, this.#negotiation(link));
      if (held.failed) {
        this.run.speakOfFailed(held, held.failed.error, 'reconnected');
      } else this.run.advance(held);
    }
  }

  disconnected(link: PeerLink): void {
    const key = toHex(link.publicKey);
    if (this.#links.get(key) !== link) return;
    this.#links.delete(key);
    for (const held of this.#of(link)) {
      const channel = lost(held.channel);
      held.later = [];
      if (channel) {
        held.channel = channel;
        this.#host.lost(held);
        this.#host.moved(held, undefined);
      } else this.forget(held, 'the connection was lost');
    }
  }

  /** `false` where the message is about no channel with this peer. */
  receive(link: PeerLink, message: Message): boolean {
    const id = idIn(message);
    const held = id && this.#of(link).find((each) => !isClosed(each) && isAbout(each.channel, id));
    if (held) this.run.take(held, message);
    else if (message.name === 'open_channel') this.run.take(this.#hold(link), message);
    else return false;
    return true;
  }

  /** An `error` of the peer, about one channel or all. */
  errorCame(link: PeerLink, fields: Message<'error'>['fields']): void {
    const isAll = fields.channel_id.every((byte) => byte === 0);
    for (const held of this.#of(link)) {
      if (isClosed(held) || held.failed) continue;
      if (!isAll && !isAbout(held.channel, fields.channel_id)) continue;
      const reaction = this.#host.rules.channels.peerError(fields, held.channel, this.situation(held));
      if (reaction === 'fail_channel') this.run.fail(held, 'the peer sent an error', { silently: true });
    }
  }

  /** Sends `open_channel`. Throws `channel.wrong-message` where BOLT 2 does not allow it. */
  open(link: PeerLink, funding_satoshis: bigint, choices: Partial<OpenerChoices>): HeldChannel {
    const held = this.#hold(link);
    try {
      const situation = this.situation(held);
      const { state, send } = openChannel({
        negotiation: held.channel.negotiation,
        secrets: this.#host.keys.secrets(held.number),
        temporary_channel_id: this.#host.keys.bytes(`temporary id ${held.number}`),
        funding_satoshis,
        choices: this.#host.rules.channels.opening(choices, situation),
      });
      held.channel = { name: 'opening', negotiation: held.channel.negotiation, opening: state };
      this.run.send(held, send, situation);
      return held;
    } catch (error) {
      this.forget(held, messageOf(error));
      throw error;
    }
  }

  /** A new channel, of which nothing is known yet but its keys. */
  #hold(link: PeerLink): HeldChannel {
    const number = this.#state.channelCount++;
    const secrets = this.#host.keys.secrets(number);
    const negotiation = this.#negotiation(link);
    const held: HeldChannel = {
      number,
      peer: link.publicKey,
      channel: { name: 'opening', negotiation, opening: awaitOpenChannel({ negotiation, secrets }) },
      closing: {},
      later: [],
      noticed: '',
      closingsSeen: 0,
      isSettled: false,
      preimages: [],
      coins: new Map(),
      policy: DEFAULT_POLICY,
      incoming: new Map(),
      removals: new Map(),
      outgoing: new Map(),
    };
    this.#state.channels.push(held);
    return held;
  }

  /** It has come to an end without a commitment on the chain. */
  forget(held: HeldChannel, reason: string): void {
    this.#state.channels = this.#state.channels.filter((each) => each !== held);
    this.#host.forgotten(held, reason);
  }

  situation(held: HeldChannel): ChannelSituation {
    const { channel, fundingTransaction, closing, number, peer } = held;
    const link = this.linkOf(held);
    const { keys } = this.#host;
    return {
      ...(link?.situation() ?? this.#host.situationOf(peer)),
      height: this.#host.height(),
      feerate_per_kw: this.#host.feeratePerKw(),
      pending: this.#state.channels.filter(
        (each) => equalBytes(each.peer, peer) && !isOpen(each) && !isClosed(each),
      ).length,
      fundingSatoshis:
        channel.name === 'opening' && 'open' in channel.opening
          ? channel.opening.open.funding_satoshis
          : undefined,
      fundingTransaction,
      alias: channel.name === 'live' && channel.readying.isAliasNegotiated ? keys.alias(number) : undefined,
      closing: {
        script: closing.script ?? keys.walletScript(number),
        feerate_per_kw: closing.feerate_per_kw,
      },
    };
  }

  #of(link: PeerLink): readonly HeldChannel[] {
    return this.#state.channels.filter(({ peer }) => equalBytes(peer, link.publicKey));
  }

  #negotiation(link: PeerLink): Negotiation {
    return {
      chain_hash: this.#host.chainHash,
      features: { local: this.#host.features, remote: link.features },
      channelIds: this.#of(link).flatMap(({ channel }) => channelIdOf(channel) ?? []),
    };
  }
}
