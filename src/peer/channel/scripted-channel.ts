import { p2wpkh } from '../../bitcoin/output.ts';
import type { Transaction } from '../../bitcoin/transaction.ts';
import { nextAnswer } from '../../channel/engine/answers.ts';
import {
  type Channel,
  channelIdOf,
  commitmentsOf,
  isAbout,
  type LiveChannel,
} from '../../channel/engine/channel.ts';
import { lost, reconnected } from '../../channel/engine/link.ts';
import { awaited } from '../../channel/engine/owed.ts';
import { type Command, perform } from '../../channel/engine/perform.ts';
import { receive } from '../../channel/engine/receive.ts';
import { see } from '../../channel/engine/sight.ts';
import type { Commitments } from '../../channel/state/commitments.ts';
import type { Fault, Message } from '../../channel/state/step.ts';
import { EMPTY } from '../../core/bytes.ts';
import { BoltgridError } from '../../core/error.ts';
import { defaultCrypto } from '../../crypto/crypto.ts';
import { requirement } from '../../spec/registry.ts';
import type { Bolts } from '../../wire/bolts.ts';
import type { MessageFields } from '../../wire/types.ts';
import { unexpected } from '../step.ts';
import type { Partially, StepOptions } from '../types.ts';
import * as closing from './closing.ts';
import * as establish from './establish.ts';
import * as htlcs from './htlcs.ts';
import * as onions from './onions.ts';
import { watch } from './watch.ts';
import { CHANNEL_MESSAGES, idIn, type Talk } from './talk.ts';
import type { Removal } from './htlcs.ts';
import type { Changes, PeerChannel, Refused, RefusalOptions, SettleOptions } from './types.ts';

/** Of closing transactions: what a regtest node finds neither too low nor too high. */
const CLOSING_FEERATE_PER_KW = 1000;

export class ScriptedChannel implements PeerChannel {
  /** Of an onion of ours, by the id of its HTLC: what a returned failure is read with. */
  readonly onions = new Map<bigint, readonly Uint8Array[]>();
  /** Transactions that we took outputs with: they are not the node's. */
  readonly ownTxids = new Set<string>();
  /** So that no two onions are the same. */
  onionCount = 0;
  /** How the node took away HTLCs of ours, by their ids, as long as nobody has asked; the last connection's alone. */
  readonly removals = new Map<bigint, Removal>();
  /** HTLCs of the node for which nobody has asked yet. */
  readonly offered: MessageFields<Bolts, 'update_add_htlc'>[] = [];
  state: Channel;
  talk: Talk;
  /** Other channels on the same connection. */
  readonly #siblings: () => readonly ScriptedChannel[];
  readonly label: string;
  /** By which an `error` may still name the channel when it has another id already. */
  readonly #temporaryIds: Uint8Array[] = [];

  constructor(state: Channel, talk: Talk, label: string, siblings: () => readonly ScriptedChannel[]) {
    this.state = state;
    this.talk = talk;
    this.label = label;
    this.#siblings = siblings;
  }

  get live(): LiveChannel {
    if (this.state.name === 'live') return this.state;
    throw new BoltgridError(
      'peer.channel-not-live',
      'harness',
      `the channel is still ${this.state.opening.name}`,
    );
  }

  get commitments(): Commitments {
    const commitments = commitmentsOf(this.state);
    if (commitments) return commitments;
    throw new BoltgridError('peer.channel-not-live', 'harness', 'the channel has no funding yet');
  }

  get id(): Uint8Array {
    return channelIdOf(this.state) ?? EMPTY;
  }

  get fundingTxid(): string {
    return this.commitments.fundings[0].funding.txid;
  }

  get fundingOutputIndex(): number {
    return this.commitments.fundings[0].funding.output_index;
  }

  get publicKey(): Uint8Array {
    return defaultCrypto.curve.publicKey(this.talk.key);
  }

  get short_channel_id(): string {
    const { aliases, short_channel_id } = this.live.readying;
    const known = aliases.remote.at(-1) ?? short_channel_id;
    if (known !== undefined) return known;
    throw new BoltgridError(
      'peer.channel-without-name',
      'harness',
      'the channel has no short_channel_id yet',
    );
  }

  prepare(command: Command): readonly Message[] {
    return this.#perform(command).send;
  }

  async post(...messages: readonly Message[]): Promise<void> {
    for (const message of messages) {
      this.#keepTemporaryId(message);
      await this.talk.post(message);
    }
  }

  async do(command: Command, changes: Changes = {}): Promise<void> {
    const { send, broadcast } = this.#perform(command);
    await this.post(...send.flatMap((message) => changed(message, changes)));
    for (const transaction of broadcast) await this.talk.links.chain?.broadcast(transaction);
  }

  async expect<N extends Message['name']>(
    name: N,
    partial?: Partially<MessageFields<Bolts, N>>,
    options?: StepOptions,
  ): Promise<MessageFields<Bolts, N>> {
    for (;;) {
      const names = this.#mayRepeatReady() ? [name, 'channel_ready'] : [name];
      const message = await this.talk.hear(names, `expect ${name}`, options, partial);
      this.take(message, options);
      if (message.name === name) return message.fields as MessageFields<Bolts, N>;
    }
  }

  async expectAny(options?: StepOptions): Promise<Message> {
    const names = awaited(this.state);
    const step = names.length > 0 ? `expect ${names.join(' or ')}` : 'expect a message of the channel';
    for (;;) {
      const message = await this.talk.hear(CHANNEL_MESSAGES, step, options);
      const owner = this.#siblings().find((channel) => channel.isFor(message));
      (owner ?? this).take(message, options);
      if (!owner || owner === this) return message;
    }
  }

  async settle({ except, changes, ...options }: SettleOptions = {}): Promise<readonly Message[]> {
    const heard: Message[] = [];
    for (;;) {
      const command = nextAnswer(this.state, this.#answers(), except);
      if (command) await this.do(command, changes);
      else if (awaited(this.state).length === 0) return heard;
      else heard.push(await this.expectAny(options));
    }
  }

  expectRefused(options?: RefusalOptions): Promise<Refused> {
    return this.talk.refused([this.id, ...this.#temporaryIds], options);
  }

  async expectRefusedUnless(name: Message['name'], options?: RefusalOptions): Promise<Refused | undefined> {
    const ids = [this.id, ...this.#temporaryIds];
    const { came, ...refused } = await this.talk.refused(ids, { ...options, unless: name });
    if (!came) return refused;
    this.take(came, options);
    return undefined;
  }

  readonly open = establish.open.bind(undefined, this);
  readonly accept = establish.accept.bind(undefined, this);
  readonly fund = establish.fund.bind(undefined, this);
  readonly bury = establish.bury.bind(undefined, this);
  readonly establish = establish.establish.bind(undefined, this);
  readonly addHtlc = htlcs.addHtlc.bind(undefined, this);
  readonly fulfill = htlcs.fulfill.bind(undefined, this);
  readonly fail = htlcs.fail.bind(undefined, this);
  readonly updateFee = htlcs.updateFee.bind(undefined, this);
  readonly commit = htlcs.commit.bind(undefined, this);
  readonly addHtlcFor = htlcs.addHtlcFor.bind(undefined, this);
  readonly payInvoice = htlcs.payInvoice.bind(undefined, this);
  readonly expectRemoved = htlcs.expectRemoved.bind(undefined, this);
  readonly pay = htlcs.pay.bind(undefined, this);
  readonly addForward = htlcs.addForward.bind(undefined, this);
  readonly expectHtlc = htlcs.expectHtlc.bind(undefined, this);
  readonly peel = onions.peel.bind(undefined, this);
  readonly close = closing.close.bind(undefined, this);
  readonly reestablish = closing.reestablish.bind(undefined, this);
  readonly ownCommitment = closing.ownCommitment.bind(undefined, this);
  readonly watch = watch.bind(undefined, this);

  /** Whether a message names this channel, or opens it. */
  isFor(message: Message): boolean {
    const id = idIn(message);
    if (this.state.name === 'opening' && this.state.opening.name === 'awaits_open_channel')
      return message.name === 'open_channel';
    return id !== undefined && isAbout(this.state, id);
  }

  /** Judges a message that came, and goes on with it. */
  take(message: Message, options: StepOptions = {}): void {
    if (!this.isFor(message)) throw this.#departure(message, wrongId(this.id, idIn(message)), options);
    const { state, faults } = receive(this.state, message);
    const [first] = faults;
    if (first) throw this.#departure(message, first, options);
    this.#keepTemporaryId(message);
    this.state = state;
    this.#remember(message);
  }

  #remember(message: Message): void {
    switch (message.name) {
      case 'update_add_htlc':
        this.offered.push(message.fields);
        break;
      case 'update_fulfill_htlc':
      case 'update_fail_htlc':
      case 'update_fail_malformed_htlc':
        this.removals.set(message.fields.id, message);
        break;
      default:
    }
  }

  #keepTemporaryId({ name, fields }: Message): void {
    if (name === 'open_channel') this.#temporaryIds.push(fields.temporary_channel_id);
  }

  /** The chain has news of the funding. A wrong output is the opener's departure. */
  async look(): Promise<void> {
    const sight = await this.talk.links.chain?.sight(this.fundingTxid, this.fundingOutputIndex);
    if (!sight) return;
    const { state, faults } = see(this.state, sight);
    const [fault] = faults;
    if (fault) throw this.#failed('look at the funding output', fault, {});
    this.state = state;
  }

  /** The connection is another one; a channel that had no first commitments is gone: `false`. */
  moveTo(talk: Talk): boolean {
    const kept = lost(this.state);
    this.talk = talk;
    this.removals.clear();
    this.offered.length = 0;
    if (!kept) return false;
    this.state = reconnected(kept, { ...kept.negotiation, features: talk.features });
    return true;
  }

  /** After a reconnection the node's `channel_ready` comes again, at a time of its own. */
  #mayRepeatReady(): boolean {
    return this.state.name === 'live' && this.state.link.repeatsChannelReady.remote;
  }

  #perform(command: Command): { send: readonly Message[]; broadcast: readonly Transaction[] } {
    const { state, send, broadcast } = perform(this.state, command);
    this.state = state;
    return { send, broadcast };
  }

  #answers() {
    return {
      alias: this.#alias(),
      shutdownScript: p2wpkh(defaultCrypto.curve.publicKey(this.talk.key)),
      feerate_per_kw: CLOSING_FEERATE_PER_KW,
      locktime: 0,
    };
  }

  /** In blocks that no chain of a test reaches. */
  #alias(): string {
    const [a = 0, b = 0, c = 0, d = 0, e = 0] = defaultCrypto.hashes.sha256(this.id);
    return `${16_000_000 + a}x${b * 256 + c}x${d * 256 + e}`;
  }

  #departure({ name }: Message, fault: Fault | Omit<Fault, 'requirement'>, options: StepOptions) {
    return this.#failed(`judge ${name}`, fault, options);
  }

  #failed(
    step: string,
    { expected, got, note, ...fault }: Omit<Fault, 'requirement'> & Partial<Pick<Fault, 'requirement'>>,
    options: StepOptions,
  ) {
    const { requirement: id } = fault;
    // What a MAY allows is nothing that can be broken.
    const charged = id !== undefined && requirement(id).level !== 'may' ? id : options.requirement;
    return unexpected({
      requirement: charged,
      step: note === undefined ? step : `${step}: ${note}`,
      expected,
      got,
      awaited: 'message',
      link: this.talk.link,
    });
  }
}

const wrongId = (expected: Uint8Array, got: Uint8Array | undefined): Omit<Fault, 'requirement'> => ({
  expected,
  got,
  note: 'channel_id',
});

function changed(message: Message, changes: Changes): readonly Message[] {
  const change = changes[message.name] as ((fields: Message['fields']) => unknown) | undefined;
  if (!change) return [message];
  const result = change(message.fields);
  return [result].flat().map((fields) => ({ name: message.name, fields }) as Message);
}
