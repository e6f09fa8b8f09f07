import { channelIdOf } from '../../channel/engine/channel.ts';
import type { StepOptions } from '../types.ts';
import { newChannel } from './establish.ts';
import { ScriptedChannel } from './scripted-channel.ts';
import type { Talk } from './talk.ts';
import type { AcceptOptions, EstablishOptions, OpenOptions, PeerChannel } from './types.ts';

/** The channels of one peer; they stay with it over a reconnection. */
export class ChannelDesk {
  #channels: ScriptedChannel[] = [];
  #talk: Talk;
  #count = 0;

  constructor(talk: Talk) {
    this.#talk = talk;
  }

  /** One that nobody has spoken of yet. */
  channel(): ScriptedChannel {
    const ids = this.#channels.flatMap(({ state }) => channelIdOf(state) ?? []);
    const label = `${this.#count++}`;
    const state = newChannel(this.#talk, label, ids);
    const channel = new ScriptedChannel(state, this.#talk, label, () => this.#channels);
    this.#channels.push(channel);
    return channel;
  }

  async open({ depth, changes, ...options }: OpenOptions & EstablishOptions = {}): Promise<PeerChannel> {
    const channel = this.channel();
    await channel.open(options, changes);
    await channel.establish(defined({ depth, changes }));
    return channel;
  }

  async accept(options: AcceptOptions & EstablishOptions & StepOptions = {}): Promise<PeerChannel> {
    const { depth, changes, withinMs, requirement, ...choices } = options;
    const channel = this.channel();
    await channel.expect('open_channel', {}, defined({ withinMs, requirement }));
    await channel.accept(choices, changes);
    await channel.establish(defined({ depth, changes }));
    return channel;
  }

  /** They go on over another connection. */
  moveTo(talk: Talk): void {
    this.#talk = talk;
    this.#channels = this.#channels.filter((channel) => channel.moveTo(talk));
  }
}

type Defined<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };

/** Without what was not given. */
const defined = <T extends object>(options: T): Defined<T> =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Defined<T>;
