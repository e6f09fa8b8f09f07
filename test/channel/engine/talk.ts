import { p2wpkh } from '../../../src/bitcoin/output.ts';
import { makeTransaction } from '../../../src/bitcoin/transaction.ts';
import { type Answers, nextAnswer } from '../../../src/channel/engine/answers.ts';
import type { Channel, LiveChannel } from '../../../src/channel/engine/channel.ts';
import { lost, reconnected } from '../../../src/channel/engine/link.ts';
import { awaited } from '../../../src/channel/engine/owed.ts';
import { type Command, perform } from '../../../src/channel/engine/perform.ts';
import { receive } from '../../../src/channel/engine/receive.ts';
import { see } from '../../../src/channel/engine/sight.ts';
import { awaitOpenChannel } from '../../../src/channel/state/open/accepter.ts';
import type { OpenerChoices } from '../../../src/channel/state/open/defaults.ts';
import type { Negotiation } from '../../../src/channel/state/open/negotiation.ts';
import { openChannel } from '../../../src/channel/state/open/opener.ts';
import type { Fault, Message } from '../../../src/channel/state/step.ts';
import { FUNDING_SATOSHIS, negotiation, secretsOf, TEMPORARY_ID } from '../state/open/fixtures.ts';

export type Name = 'opener' | 'accepter';

export const otherOf = (name: Name): Name => (name === 'opener' ? 'accepter' : 'opener');

const NAMES: readonly Name[] = ['opener', 'accepter'];
const MINIMUM_DEPTH = 3;

const answersOf: Readonly<Record<Name, Answers>> = {
  opener: {
    alias: '16000000x1x0',
    shutdownScript: p2wpkh(new Uint8Array(33).fill(2)),
    feerate_per_kw: 1000,
    locktime: 0,
  },
  accepter: {
    accept: { minimum_depth: MINIMUM_DEPTH },
    alias: '16000000x2x0',
    shutdownScript: p2wpkh(new Uint8Array(33).fill(3)),
    feerate_per_kw: 1200,
    locktime: 0,
  },
};

/** Two engines, each `local` to itself, over a connection that keeps the order and loses what is on the way when it is lost. */
export class Talk {
  readonly channels: Record<Name, Channel>;
  readonly inbox: Record<Name, Message[]> = { opener: [], accepter: [] };
  readonly #negotiation: Negotiation;

  constructor(choices: Partial<OpenerChoices> = {}, given: Negotiation = negotiation) {
    this.#negotiation = given;
    const opening = openChannel({
      negotiation: given,
      secrets: secretsOf.opener,
      temporary_channel_id: TEMPORARY_ID,
      funding_satoshis: FUNDING_SATOSHIS,
      choices: { push_msat: 300_000_000n, ...choices },
    });
    this.channels = {
      opener: { name: 'opening', negotiation: given, opening: opening.state },
      accepter: {
        name: 'opening',
        negotiation: given,
        opening: awaitOpenChannel({ negotiation: given, secrets: secretsOf.accepter }),
      },
    };
    this.inbox.accepter.push(...opening.send);
  }

  /** Both ready. */
  static ready(choices?: Partial<OpenerChoices>, given?: Negotiation): Talk {
    const talk = new Talk(choices, given);
    talk.settle();
    talk.seeDepth(MINIMUM_DEPTH);
    talk.settle();
    return talk;
  }

  live(name: Name): LiveChannel {
    const channel = this.channels[name];
    if (channel.name !== 'live') throw new Error(`${name} is in ${channel.opening.name}`);
    return channel;
  }

  do(name: Name, command: Command): void {
    const { state, send } = perform(this.channels[name], command);
    this.channels[name] = state;
    this.inbox[otherOf(name)].push(...send);
  }

  /** The next thing that is owed; `false` where nothing is. */
  answer(name: Name): boolean {
    const command = nextAnswer(this.channels[name], { ...answersOf[name], ...this.#funding(name) });
    if (command) this.do(name, command);
    return command !== undefined;
  }

  /** Hears one message. */
  hear(name: Name): readonly Fault[] {
    const message = this.inbox[name].shift();
    return message ? this.take(name, message) : [];
  }

  take(name: Name, message: Message): readonly Fault[] {
    const { state, faults } = receive(this.channels[name], message);
    this.channels[name] = state;
    return faults;
  }

  seeDepth(depth: number): void {
    for (const name of NAMES) {
      const output = this.live(name).readying.fundingOutput;
      this.channels[name] = see(this.channels[name], { depth, short_channel_id: '100x1x0', output }).state;
    }
  }

  reconnect(): void {
    for (const name of NAMES) {
      this.inbox[name] = [];
      const kept = lost(this.channels[name]);
      if (kept) this.channels[name] = reconnected(kept, this.#negotiation);
    }
  }

  /** Until nothing is on the way, and nothing is owed. Throws for a fault, and where it does not come to rest. */
  settle(): void {
    for (let round = 0; round < 1000; round++) {
      let isBusy = false;
      for (const name of NAMES) {
        while (this.inbox[name].length > 0) {
          isBusy = true;
          const faults = this.hear(name);
          if (faults.length > 0) throw new Error(`${name} finds ${JSON.stringify(faults, inWords)}`);
        }
        isBusy = this.answer(name) || isBusy;
      }
      if (!isBusy) return;
    }
    throw new Error('they do not come to rest');
  }

  awaited(): readonly string[] {
    return NAMES.flatMap((name) => awaited(this.channels[name]));
  }

  /** What pays the funding output that the state asks for. */
  #funding(name: Name): Pick<Answers, 'fundingTransaction'> {
    const channel = this.channels[name];
    if (channel.name !== 'opening' || channel.opening.name !== 'awaits_funding') return {};
    const { fundingOutput } = channel.opening;
    const input = {
      txid: '22'.repeat(32),
      vout: 0,
      scriptSig: new Uint8Array(0),
      sequence: 0,
      witness: [],
    };
    return {
      fundingTransaction: makeTransaction({
        version: 2,
        inputs: [input],
        outputs: [fundingOutput],
        lockTime: 0,
      }),
    };
  }
}

const inWords = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}` : value);
