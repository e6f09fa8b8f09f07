import { onTestFinished } from 'vitest';
import { parseTransaction, type Transaction } from '../../../src/bitcoin/transaction.ts';
import type { Chain } from '../../../src/chain/chain.ts';
import { startMemoryChain } from '../../../src/chain/memory.ts';
import { type Answers, nextAnswer } from '../../../src/channel/engine/answers.ts';
import type { Channel, LiveChannel } from '../../../src/channel/engine/channel.ts';
import { lost, reconnected } from '../../../src/channel/engine/link.ts';
import { type Command, perform } from '../../../src/channel/engine/perform.ts';
import { receive } from '../../../src/channel/engine/receive.ts';
import { see } from '../../../src/channel/engine/sight.ts';
import { channelSecrets } from '../../../src/channel/keys/channel-secrets.ts';
import { awaitOpenChannel } from '../../../src/channel/state/open/accepter.ts';
import type { OpenerChoices } from '../../../src/channel/state/open/defaults.ts';
import type { Negotiation } from '../../../src/channel/state/open/negotiation.ts';
import { openChannel } from '../../../src/channel/state/open/opener.ts';
import type { Message } from '../../../src/channel/state/step.ts';
import { fromHex } from '../../../src/core/bytes.ts';
import { p2wpkh } from '../../../src/bitcoin/output.ts';
import { defaultCrypto } from '../../../src/crypto/crypto.ts';
import type { ReferenceNode } from '../../../src/reference/node.ts';
import type { ReferenceOptions } from '../../../src/reference/options.ts';
import { FEATURES, type FeatureName } from '../../../src/wire/features.ts';
import { type Dialled, greeted, initOf, reference } from '../dialling.ts';

/** The engine as the other side of a channel with the node, over TCP. It answers by itself, and has to be told when to read. */

export const CHAIN_HASH = fromHex('06226e46111a0b59caaf126043eb5bbf28c34f3a5e332a1fc7b2b73cf188910f');
export const KEY = new Uint8Array(32).fill(7);
const SEED = new Uint8Array(32).fill(8);

const COMMON: readonly FeatureName[] = [
  'option_static_remotekey',
  'option_channel_type',
  'payment_secret',
  'var_onion_optin',
  'option_anchors',
  'option_upfront_shutdown_script',
  'option_shutdown_anysegwit',
];

export interface World {
  readonly chain: Chain;
  readonly node: ReferenceNode;
}

export async function world(options: Partial<ReferenceOptions> = {}): Promise<World> {
  const chain = await startMemoryChain();
  onTestFinished(() => chain.close());
  return { chain, node: await reference({ chain, ...options }) };
}

export class Partner {
  readonly world: World;
  readonly key: Uint8Array;
  readonly features: ReadonlySet<number>;
  peer: Dialled;
  channel!: Channel;
  answers: Answers = {
    shutdownScript: p2wpkh(defaultCrypto.curve.publicKey(KEY)),
    feerate_per_kw: 500,
    locktime: 0,
  };
  /** `error` and `warning`, and what is about no channel. */
  readonly heard: Message[] = [];

  constructor(at: World, peer: Dialled, key: Uint8Array, features: ReadonlySet<number>) {
    this.world = at;
    this.peer = peer;
    this.key = key;
    this.features = features;
  }

  static async connect(at: World, more: readonly FeatureName[] = [], key = KEY): Promise<Partner> {
    const features = new Set([...COMMON, ...more].map((name) => FEATURES[name].even + 1));
    return new Partner(at, await greeted(at.node, { key, init: initOf(features) }), key, features);
  }

  get live(): LiveChannel {
    if (this.channel.name !== 'live') throw new Error(`the channel is in ${this.channel.opening.name}`);
    return this.channel;
  }

  get negotiation(): Negotiation {
    return {
      chain_hash: CHAIN_HASH,
      features: { local: this.features, remote: this.world.node.features },
      channelIds: [],
    };
  }

  /** Says `open_channel`, and goes on until the node has said `channel_ready`. */
  async open(choices: Partial<OpenerChoices> = {}, funding_satoshis = 1_000_000n): Promise<void> {
    await this.fund(choices, funding_satoshis);
    await this.confirm(6);
    await this.until(() => this.live.readying.name === 'open');
  }

  /** As far as `funding_signed`. */
  async fund(choices: Partial<OpenerChoices> = {}, funding_satoshis = 1_000_000n): Promise<void> {
    await this.sayOpen(choices, funding_satoshis);
    await this.until(() => this.channel.name === 'opening' && this.channel.opening.name === 'awaits_funding');
    const { channel } = this;
    if (channel.name !== 'opening' || channel.opening.name !== 'awaits_funding') throw new Error();
    const { script, amountSat } = channel.opening.fundingOutput;
    const { raw } = await this.world.chain.fund(script, amountSat);
    this.answers = { ...this.answers, fundingTransaction: parseTransaction(raw) };
    await this.advance();
    await this.until(() => this.channel.name === 'live');
  }

  async sayOpen(choices: Partial<OpenerChoices> = {}, funding_satoshis = 1_000_000n): Promise<void> {
    const { negotiation } = this;
    const { state, send } = openChannel({
      negotiation,
      secrets: channelSecrets(SEED, 'opener'),
      temporary_channel_id: new Uint8Array(32).fill(9),
      funding_satoshis,
      choices: { push_msat: 300_000_000n, announce: false, ...choices },
    });
    this.channel = { name: 'opening', negotiation, opening: state };
    for (const message of send) await this.send(message);
  }

  accept(): void {
    const { negotiation } = this;
    const secrets = channelSecrets(SEED, 'accepter');
    this.channel = { name: 'opening', negotiation, opening: awaitOpenChannel({ negotiation, secrets }) };
  }

  /** New blocks, which both sides have seen then. */
  async confirm(blocks: number): Promise<void> {
    await this.world.chain.mine(blocks);
    await this.world.node.desk.sync();
    await this.look();
  }

  async look(): Promise<void> {
    const { funding } = this.live.readying.commitments.fundings[0];
    const seen = await this.world.chain.transaction(funding.txid);
    const output = seen && parseTransaction(seen.raw).outputs[funding.output_index];
    if (!output) return;
    const { confirmations: depth, blockHeight, index } = seen;
    const short_channel_id = `${blockHeight}x${index}x${funding.output_index}`;
    this.channel = see(this.channel, { depth, output, ...(depth > 0 && { short_channel_id }) }).state;
    await this.advance();
  }

  async send(message: Message): Promise<void> {
    await this.peer.send(message.name, message.fields);
  }

  async do(command: Command): Promise<void> {
    const { state, send, broadcast } = perform(this.channel, command);
    this.channel = state;
    for (const message of send) await this.send(message);
    for (const transaction of broadcast) await this.broadcast(transaction);
  }

  async broadcast({ raw }: Transaction): Promise<void> {
    await this.world.chain.broadcast(raw);
  }

  /** Gives a command, and does what follows from it. */
  async tell(command: Command): Promise<void> {
    await this.do(command);
    await this.advance();
  }

  async advance(): Promise<void> {
    for (
      let command = nextAnswer(this.channel, this.answers);
      command;
      command = nextAnswer(this.channel, this.answers)
    )
      await this.do(command);
  }

  /** Takes messages of the node until something holds. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await this.take();
  }

  async take(): Promise<Message> {
    const message = (await this.peer.next()) as unknown as Message;
    if (
      message.name === 'error' ||
      message.name === 'warning' ||
      !('channel_id' in message.fields || 'temporary_channel_id' in message.fields)
    ) {
      this.heard.push(message);
      return message;
    }
    const { state, faults } = receive(this.channel, message);
    if (faults.length > 0) throw new Error(`${message.name}: ${faults.map((f) => f.requirement).join()}`);
    this.channel = state;
    await this.advance();
    return message;
  }

  async expect(name: Message['name']): Promise<Message> {
    for (;;) {
      const message = await this.take();
      if (message.name === name) return message;
    }
  }

  /** Parts, and comes back. */
  async reconnect(): Promise<void> {
    await this.peer.connection.close();
    const channel = lost(this.channel);
    if (channel) this.channel = channel;
    this.peer = await greeted(this.world.node, { key: this.key, init: initOf(this.features) });
    if (this.channel.name === 'live') this.channel = reconnected(this.channel, this.negotiation);
    await this.advance();
  }
}
