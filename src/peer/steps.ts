import { BoltgridError, isBoltgridError } from '../core/error.ts';
import type { DecodedMessage } from '../wire/types.ts';
import { describe, type AnyMessage, type Arrival } from './arrivals.ts';
import type { CaseLinks } from './shared.ts';
import { silent, unexpected, type Awaited } from './step.ts';
import { toJson } from './transcript.ts';
import type { ClosedWith, StepOptions } from './types.ts';

export interface Deadline {
  readonly until: number;
}

type Next = (deadline: Deadline, wanted: readonly string[]) => Promise<Arrival | undefined>;

/** Sends a ping that asks for so many bytes. */
type Ping = (length: number) => Promise<void>;

/** A step in words, and who is charged when it fails. */
interface StepFacts {
  readonly step: string;
  readonly expected: unknown;
  readonly awaited: Awaited;
  readonly options: StepOptions;
}

/** Waiting for what a node does: each method is one step, which holds or throws a step error. */
export class Steps {
  readonly #link: number;
  readonly #links: CaseLinks;
  readonly #next: Next;
  #pings = 0;

  constructor(link: number, links: CaseLinks, next: Next) {
    this.#link = link;
    this.#links = links;
    this.#next = next;
  }

  /** The next message, which must be one of `names` and have the fields of `partial`. */
  async message(
    names: readonly string[],
    step: string,
    options: StepOptions = {},
    partial: Readonly<Record<string, unknown>> = {},
  ): Promise<AnyMessage> {
    const expected =
      Object.keys(partial).length === 0 ? names.join(' or ') : { message: names.join(' or '), ...partial };
    const facts: StepFacts = { step, expected, awaited: 'message', options };
    const arrival = await this.#arrival(facts, this.#deadline(options), names);
    const { message } = arrival.kind === 'message' ? arrival : this.#fail(facts, arrival);
    if (message.name === undefined || !names.includes(message.name)) this.#fail(facts, arrival);
    if (!Object.entries(partial).every(([name, value]) => same(message.fields[name], value)))
      this.#fail(facts, arrival);
    this.#links.held(options.requirement, step);
    return message;
  }

  /** Ping and pong; returns what came between. */
  async barrier(ping: Ping, options: StepOptions = {}, step = 'ping and pong'): Promise<AnyMessage[]> {
    const facts: StepFacts = { step, expected: 'pong', awaited: 'message', options };
    const length = this.#pingLength();
    await ping(length);
    const deadline = this.#deadline(options);
    const before: AnyMessage[] = [];
    for (;;) {
      const arrival = await this.#arrival(facts, deadline, []);
      const { message } = arrival.kind === 'message' ? arrival : this.#fail(facts, arrival);
      if (isPong(message, length)) break;
      before.push(message);
    }
    this.#links.held(options.requirement, step);
    return before;
  }

  /** Nothing visible came of what was sent: only the pong of a ping sent after it, and the node's control path answers. */
  async ignored(ping: Ping, options: StepOptions = {}): Promise<void> {
    const step = 'expect no reaction';
    const [first] = await this.barrier(ping, options, step);
    if (first) {
      const facts: StepFacts = {
        step,
        expected: 'only the pong of a later ping',
        awaited: 'message',
        options,
      };
      this.#fail(facts, { kind: 'message', message: first });
    }
    await this.#links.nodeSpeaks?.();
  }

  async closed(options: StepOptions = {}): Promise<ClosedWith> {
    const facts: StepFacts = {
      step: 'expect the connection closed',
      expected: 'the node closes',
      awaited: 'close',
      options,
    };
    const end = await this.#untilEnd(facts, () => false);
    this.#links.held(options.requirement, facts.step);
    return end;
  }

  async warningOrClosed(options: StepOptions = {}): Promise<ClosedWith> {
    const expected = 'a warning, or the node closes';
    const facts: StepFacts = { step: 'expect a warning or a close', expected, awaited: 'close', options };
    const end = await this.#untilEnd(facts, (message) => message.name === 'warning');
    this.#links.held(options.requirement, facts.step);
    return end;
  }

  /** Rejects when the signal is aborted before the pong came. Whatever else comes is passed over: this is no step. */
  async answersPing(ping: Ping, signal: AbortSignal): Promise<void> {
    const length = this.#pingLength();
    await ping(length);
    const deadline = this.#deadline({});
    for (;;) {
      signal.throwIfAborted();
      const arrival = await this.#next(deadline, []);
      if (arrival?.kind === 'ended') return;
      if (!arrival) throw new BoltgridError('peer.no-pong', 'node', 'no pong');
      if (arrival.kind === 'message' && isPong(arrival.message, length)) return;
    }
  }

  async #untilEnd(facts: StepFacts, enough: (message: AnyMessage) => boolean): Promise<ClosedWith> {
    const deadline = this.#deadline(facts.options);
    const messages: AnyMessage[] = [];
    for (;;) {
      const arrival = await this.#arrival(facts, deadline, []);
      if (arrival.kind === 'ended') {
        if (isBoltgridError(arrival.error) && arrival.error.code.startsWith('noise.frame'))
          this.#fail(facts, arrival);
        return { messages: messages as unknown as DecodedMessage[], reason: arrival.reason };
      }
      const { message } = arrival.kind === 'message' ? arrival : this.#fail(facts, arrival);
      if (message.name !== 'error' && message.name !== 'warning') this.#fail(facts, arrival);
      messages.push(message);
      if (enough(message)) return { messages: messages as unknown as DecodedMessage[] };
    }
  }

  async #arrival(facts: StepFacts, deadline: Deadline, wanted: readonly string[]): Promise<Arrival> {
    const arrival = await this.#next(deadline, wanted);
    if (arrival) return arrival;
    const { step, expected, awaited, options } = facts;
    const ms = options.withinMs ?? this.#links.answerMs;
    throw silent({ requirement: options.requirement, step, expected, awaited, link: this.#link }, ms);
  }

  #fail({ step, expected, awaited, options }: StepFacts, arrival: Arrival): never {
    const got = describe(arrival);
    throw unexpected({ requirement: options.requirement, step, expected, got, awaited, link: this.#link });
  }

  #deadline({ withinMs }: StepOptions): Deadline {
    return { until: performance.now() + (withinMs ?? this.#links.answerMs) };
  }

  /** Each ping asks for another length, so that a pong tells which ping it answers. */
  #pingLength(): number {
    return 3 + (this.#pings++ % 60);
  }
}

function isPong({ name, fields }: AnyMessage, length: number): boolean {
  return name === 'pong' && fields.ignored instanceof Uint8Array && fields.ignored.length === length;
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(toJson(a)) === JSON.stringify(toJson(b));
