import type { Command } from '../../channel/engine/perform.ts';
import { makeOnion } from '../../channel/onion/make.ts';
import { encodePayload, type PaymentPayload } from '../../channel/onion/payload.ts';
import { failureOfMalformed } from '../../channel/onion/failure.ts';
import { readFailure } from '../../channel/onion/returned.ts';
import type { Removal } from '../../channel/state/update.ts';
import { equalBytes, toHex } from '../../core/bytes.ts';
import { BoltgridError, messageOf } from '../../core/error.ts';
import type { ChannelKeys } from './channel-keys.ts';
import { isUsable, nextId } from './forwarding.ts';
import type { HeldChannel, NodeState, OutgoingHtlc, PaymentFailure, PaymentRecord } from './state.ts';

/** The node at the end of a hop, and what it receives. */
export interface RouteHop {
  readonly publicKey: Uint8Array;
  readonly short_channel_id: string;
  readonly amountMsat: bigint;
  /** Above the current height. */
  readonly cltvDelta: number;
}

export interface PaymentAsked {
  readonly paymentHash: Uint8Array;
  readonly route: readonly RouteHop[];
  /** Records of the last payload beside those of amount and expiry. */
  readonly final: PaymentPayload;
}

export interface PayingHost {
  readonly keys: ChannelKeys;
  state(): NodeState;
  height(): number;
  command(held: HeldChannel, command: Command): void;
}

/** Payments of the node: one part each, along a route that is given. */
export class Paying {
  readonly #host: PayingHost;
  readonly #looking = new Set<() => void>();
  readonly #waiters = new Map<PaymentRecord, () => void>();

  constructor(host: PayingHost) {
    this.#host = host;
  }

  /** Resolves when the outcome is known. Rejects with `reference.no-route`, `reference.paid-already`, and what the engine throws. */
  async pay({ paymentHash, route, final }: PaymentAsked): Promise<PaymentRecord> {
    const [first] = route;
    const last = route.at(-1);
    const held = first && (await this.#firstChannel(first));
    if (!first || !last || !held)
      throw new BoltgridError('reference.no-route', 'user', 'no usable channel leads there');
    const { payments } = this.#host.state();
    if (payments.some((each) => equalBytes(each.paymentHash, paymentHash) && each.state !== 'failed'))
      throw new BoltgridError('reference.paid-already', 'user', 'there is such a payment');
    const height = this.#host.height();
    const { packet, sharedSecrets } = makeOnion({
      sessionKey: this.#host.keys.bytes(`session ${this.#host.state().secretCount++}`),
      associatedData: paymentHash,
      hops: route.map((hop, i) => ({
        nodeId: hop.publicKey,
        payload: encodePayload(payloadOf(route, i, hop, height, final)),
      })),
    });
    const payment: PaymentRecord = {
      paymentId: `${payments.length}`,
      paymentHash,
      amountMsat: last.amountMsat,
      feeMsat: first.amountMsat - last.amountMsat,
      state: 'pending',
    };
    const id = nextId(held);
    held.outgoing.set(id, {
      amount_msat: first.amountMsat,
      payment_hash: paymentHash,
      origin: {
        kind: 'payment',
        paymentId: payment.paymentId,
        sharedSecrets,
        hops: route.map(({ publicKey }) => publicKey),
      },
    });
    payments.push(payment);
    const ended = new Promise<void>((resolve) => {
      this.#waiters.set(payment, resolve);
    });
    try {
      this.#host.command(held, {
        do: 'update',
        update: {
          name: 'update_add_htlc',
          fields: {
            amount_msat: first.amountMsat,
            payment_hash: paymentHash,
            cltv_expiry: height + first.cltvDelta,
            onion_routing_packet: packet,
            tlvs: {},
          },
        },
      });
    } catch (error) {
      held.outgoing.delete(id);
      this.#finish(payment, { reason: messageOf(error) });
    }
    await ended;
    return payment;
  }

  /** What a removal at the first peer means. */
  ended({ origin }: OutgoingHtlc, removal: Removal): void {
    if (origin.kind !== 'payment') return;
    const payment = this.#host.state().payments.find(({ paymentId }) => paymentId === origin.paymentId);
    if (payment?.state !== 'pending') return;
    if (removal.name === 'update_fulfill_htlc') {
      payment.state = 'succeeded';
      payment.preimage = removal.fields.payment_preimage;
      this.#done(payment);
    } else this.#finish(payment, failureIn(removal, origin.sharedSecrets, origin.hops));
  }

  #finish(payment: PaymentRecord, failure: PaymentFailure): void {
    payment.state = 'failed';
    payment.failure = failure;
    this.#done(payment);
  }

  #done(payment: PaymentRecord): void {
    this.#waiters.get(payment)?.();
    this.#waiters.delete(payment);
  }

  /** A channel has taken a step. */
  moved(): void {
    for (const look of this.#looking) look();
  }

  /** A channel that has just been connected, or made ready, is waited for. */
  #firstChannel(hop: RouteHop): HeldChannel | undefined | Promise<HeldChannel | undefined> {
    const found = this.#usable(hop);
    if (found || !this.#with(hop).some(isComing)) return found;
    return new Promise((resolve) => {
      const done = (held: HeldChannel | undefined): void => {
        clearTimeout(timer);
        this.#looking.delete(look);
        resolve(held);
      };
      const look = (): void => {
        const held = this.#usable(hop);
        if (held) done(held);
      };
      const timer = setTimeout(() => {
        done(undefined);
      }, COMING_MS);
      this.#looking.add(look);
    });
  }

  /** The one that is named, or any other with the same peer. */
  #usable(hop: RouteHop): HeldChannel | undefined {
    const candidates = this.#with(hop).filter(isUsable);
    return candidates.find((held) => names(held).includes(hop.short_channel_id)) ?? candidates[0];
  }

  #with({ publicKey }: RouteHop): readonly HeldChannel[] {
    return this.#host.state().channels.filter(({ peer }) => equalBytes(peer, publicKey));
  }
}

/** How long a payment waits for a channel that is not usable yet. */
const COMING_MS = 2000;

/** Connected, and neither failed nor being closed. */
const isComing = ({ channel, failed, spent }: HeldChannel): boolean =>
  !failed &&
  !spent &&
  channel.name === 'live' &&
  channel.link.isUp &&
  channel.shutdown.scriptpubkeys.local === undefined &&
  channel.shutdown.scriptpubkeys.remote === undefined;

/** All names of a channel, as either side uses them. */
function names({ channel }: HeldChannel): readonly string[] {
  if (channel.name === 'opening') return [];
  const { aliases, short_channel_id } = channel.readying;
  return [...(short_channel_id === undefined ? [] : [short_channel_id]), ...aliases.local, ...aliases.remote];
}

function payloadOf(
  route: readonly RouteHop[],
  i: number,
  hop: RouteHop,
  height: number,
  final: PaymentPayload,
): PaymentPayload {
  const next = route[i + 1] ?? hop;
  return {
    amt_to_forward: { amt_to_forward: next.amountMsat },
    outgoing_cltv_value: { outgoing_cltv_value: height + next.cltvDelta },
    ...(next === hop ? final : { short_channel_id: { short_channel_id: next.short_channel_id } }),
  };
}

function failureIn(
  removal: Exclude<Removal, { name: 'update_fulfill_htlc' }>,
  sharedSecrets: readonly Uint8Array[],
  hops: readonly Uint8Array[],
): PaymentFailure {
  if (removal.name === 'update_fail_malformed_htlc') {
    const failuremsg = failureOfMalformed(removal.fields);
    return {
      reason: toHex(failuremsg),
      failureCode: removal.fields.failure_code,
      ...(hops[0] && { erringNode: hops[0] }),
    };
  }
  const { hop, failuremsg, failure } = readFailure(sharedSecrets, removal.fields);
  const erringNode = hop === undefined ? undefined : hops[hop];
  const [high, low] = failuremsg ?? [];
  return {
    reason: failure?.name ?? 'a failure that cannot be read',
    ...(high !== undefined && low !== undefined && { failureCode: (high << 8) | low }),
    ...(erringNode && { erringNode }),
  };
}
