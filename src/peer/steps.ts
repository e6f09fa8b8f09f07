import { equalBytes } from '../core/bytes.ts';
import { BoltgridError } from '../core/error.ts';
import type { DecodedMessage } from '../wire/types.ts';
import { describe, type AnyMessage, type Arrival } from './arrivals.ts';
import type { Deadline } from './inbox.ts';
import { hasFields } from './matching.ts';
import type { CaseLinks } from './shared.ts';
import { silent, unexpected, type Awaited } from './step.ts';
import type { Refused, RefusalOptions } from './channel/types.ts';
import type { ClosedWith, StepOptions } from './types.ts';

type Next = (deadline: Deadline, wanted: readonly string[]) => Promise<Arrival | undefined>;

/** Sends a ping that asks for so many bytes. */
type Ping = (length: number) => Promise<void>;

/** What a step may gather before what it waits for; a node that goes on and on is no reason to run out of memory. */
const MOST_GATHERED = 5_000;
/** How many names a reader takes in. */
const FEW = 6;

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
    // A step that takes any message of a channel says in its own words what it waits for.
    const message = names.length > FEW ? step.replace(/^expect /, '') : names.join(' or ');
    const expected = Object.keys(partial).length === 0 ? message : { message, ...partial };
    const facts: StepFacts = { step, expected, awaited: 'message', options };
    const arrival = await this.#arrival(facts, this.#deadline(options), names);
    const { message: got } = arrival.kind === 'message' ? arrival : this.#fail(facts, arrival);
    if (got.name === undefined || !names.includes(got.name)) this.#fail(facts, arrival);
    if (!hasFields(got.fields, partial)) this.#fail(facts, arrival);
    this.#links.held(options.requirement, step);
    return got;
  }

  /** Ping and pong; returns what came between. */
  async barrier(ping: Ping, options: StepOptions = {}): Promise<AnyMessage[]> {
    const facts: StepFacts = { step: 'ping and pong', expected: 'pong', awaited: 'message', options };
    const before: AnyMessage[] = [];
    await this.#untilPong(facts, ping, (message, arrival) => {
      if (before.push(message) > MOST_GATHERED) this.#fail(facts, arrival);
    });
    this.#links.held(options.requirement, facts.step);
    return before;
  }

  /**
   * Nothing visible came of what was sent: only the pong of a ping sent after it; the node's control path answers, and has led to
   * nothing either.
   */
  async ignored(ping: Ping, options: StepOptions = {}): Promise<void> {
    const expected = 'only the pong of a later ping';
    const facts: StepFacts = { step: 'expect no reaction', expected, awaited: 'message', options };
    const refuse = (_: AnyMessage, arrival: Arrival): void => {
      this.#fail(facts, arrival);
    };
    await this.#untilPong(facts, ping, refuse);
    if (this.#links.nodeSpeaks) {
      await this.#links.nodeSpeaks();
      await this.#untilPong(facts, ping, refuse);
    }
    this.#links.held(options.requirement, facts.step);
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

  /** A close, or the pong of a ping sent now. */
  async pongOrClosed(ping: Ping, options: StepOptions = {}): Promise<ClosedWith | undefined> {
    const step = 'expect a pong or a close';
    const facts: StepFacts = { step, expected: 'a pong, or the node closes', awaited: 'message', options };
    const length = this.#pingLength();
    await ping(length);
    const end = await this.#untilEnd(
      facts,
      (message) => isPong(message, length),
      () => true,
    );
    this.#links.held(options.requirement, step);
    return end.reason ? end : undefined;
  }

  /**
   * The node refuses what was done on a channel: `error` for it or for all, `warning` and a close, or a close. A warning alone is no
   * refusal: it must close then.
   */
  async refused(
    ids: readonly Uint8Array[],
    { passing = [], unless, ...options }: RefusalOptions & { readonly unless?: string } = {},
  ): Promise<Refused & { readonly came?: AnyMessage }> {
    let came: AnyMessage | undefined;
    const facts: StepFacts = {
      step: 'expect the channel refused',
      expected: `error, warning and a close, or a close${unless === undefined ? '' : `; or ${unless}`}`,
      awaited: 'message',
      options,
    };
    const isError = ({ name, fields }: AnyMessage): boolean =>
      name === 'error' && [ALL_CHANNELS, ...ids].some((id) => isEqual(fields.channel_id, id));
    const isPassing = ({ name }: AnyMessage): boolean =>
      name === 'warning' || passing.some((each) => each === name);
    const isInstead = (message: AnyMessage): boolean => {
      if (message.name === unless) came = message;
      return came !== undefined;
    };
    const { messages, reason } = await this.#untilEnd(
      facts,
      (message) => isError(message) || isInstead(message),
      isPassing,
    );
    this.#links.held(options.requirement, facts.step);
    const word =
      messages.find(({ name }) => name === 'error') ?? messages.find(({ name }) => name === 'warning');
    const by = word?.name === 'error' || word?.name === 'warning' ? word.name : 'close';
    return { by, isClosed: reason !== undefined, messages, ...(came && { came }) };
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

  async #untilPong(
    facts: StepFacts,
    ping: Ping,
    other: (message: AnyMessage, arrival: Arrival) => void,
  ): Promise<void> {
    const length = this.#pingLength();
    await ping(length);
    const deadline = this.#deadline(facts.options);
    for (;;) {
      const arrival = await this.#arrival(facts, deadline, []);
      const { message } = arrival.kind === 'message' ? arrival : this.#fail(facts, arrival);
      if (isPong(message, length)) return;
      other(message, arrival);
    }
  }

  /** Until the connection ends or a message is enough. */
  async #untilEnd(
    facts: StepFacts,
    isEnough: (message: AnyMessage) => boolean,
    isAllowed: (message: AnyMessage) => boolean = isComplaint,
  ): Promise<ClosedWith> {
    const deadline = this.#deadline(facts.options);
    const messages: AnyMessage[] = [];
    for (;;) {
      const arrival = await this.#arrival(facts, deadline, []);
      if (arrival.kind === 'ended') {
        // A node that we had to cut off has not closed.
        if (arrival.reason.by === 'local') this.#fail(facts, arrival);
        return { messages: messages as unknown as DecodedMessage[], reason: arrival.reason };
      }
      const { message } = arrival.kind === 'message' ? arrival : this.#fail(facts, arrival);
      if (isComplaint(message) && messages.push(message) > MOST_GATHERED) this.#fail(facts, arrival);
      if (isEnough(message)) return { messages: messages as unknown as DecodedMessage[] };
      if (!isAllowed(message)) this.#fail(facts, arrival);
    }
  }

  async #arrival(facts: StepFacts, deadline: Deadline, wanted: readonly string[]): Promise<Arrival> {
    const arrival = await this.#next(deadline, wanted);
    if (arrival?.kind === 'ended' && arrival.reason.by === 'local' && !arrival.reason.error) {
      throw new BoltgridError(
        'peer.closed-by-suite',
        'harness',
        `${facts.step}: the case itself has closed this connection`,
      );
    }
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
    return { leftMs: withinMs ?? this.#links.answerMs };
  }

  /** Each ping asks for another length, so that a pong tells which ping it answers. */
  #pingLength(): number {
    return 3 + (this.#pings++ % 60);
  }
}

const ALL_CHANNELS = new Uint8Array(32);

const isEqual = (value: unknown, id: Uint8Array): boolean =>
  value instanceof Uint8Array && equalBytes(value, id);

const isComplaint = ({ name }: AnyMessage): boolean => name === 'error' || name === 'warning';

function isPong({ name, fields }: AnyMessage, length: number): boolean {
  return name === 'pong' && fields.ignored instanceof Uint8Array && fields.ignored.length === length;
}
