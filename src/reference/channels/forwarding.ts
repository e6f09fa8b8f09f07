import { isTalking } from '../../channel/engine/channel.ts';
import { failureOfMalformed } from '../../channel/onion/failure.ts';
import { createFailure, wrapFailure } from '../../channel/onion/returned.ts';
import type { AddHtlc } from '../../channel/state/ledger.ts';
import type { Removal } from '../../channel/state/update.ts';
import { EMPTY } from '../../core/bytes.ts';
import { messageOf } from '../../core/error.ts';
import type { NextChannel, ToForward } from '../rules/htlcs.ts';
import type { Htlcs, HtlcsHost } from './htlcs.ts';
import {
  type ForwardRecord,
  type HeldChannel,
  type HtlcPlace,
  isClosed,
  type OutgoingHtlc,
} from './state.ts';

/** HTLCs that go on to another peer. */
export class Forwarding {
  readonly #host: HtlcsHost;
  readonly #htlcs: Pick<Htlcs, 'fail' | 'failWith' | 'held'>;

  constructor(host: HtlcsHost, htlcs: Pick<Htlcs, 'fail' | 'failWith' | 'held'>) {
    this.#host = host;
    this.#htlcs = htlcs;
  }

  forward(from: HtlcPlace, add: AddHtlc, told: ToForward, nextPacket: Uint8Array): void {
    const { rules } = this.#host;
    const next = this.#next(told.short_channel_id);
    const failure = rules.htlcs.forward(told, add, next, this.#host.situation());
    const { amt_to_forward: amount_msat, outgoing_cltv_value: cltv_expiry } = told;
    const record: ForwardRecord = {
      from: from.channel,
      ...(next && { to: next.held.number }),
      outgoingMsat: amount_msat,
      feeMsat: add.amount_msat - amount_msat,
      state: 'pending',
    };
    const { forwards } = this.#host.state();
    forwards.push(record);
    if (failure || !next) {
      Object.assign(record, { state: 'failed', reason: failure?.name ?? 'unknown_next_peer' });
      this.#htlcs.fail(from, failure ?? { name: 'unknown_next_peer', fields: {} });
      return;
    }
    const { payment_hash } = add;
    const fields = { amount_msat, payment_hash, cltv_expiry, onion_routing_packet: nextPacket, tlvs: {} };
    try {
      const id = nextId(next.held);
      next.held.outgoing.set(id, {
        amount_msat,
        payment_hash,
        origin: { kind: 'forward', from, record: forwards.length - 1 },
      });
      this.#host.command(next.held, { do: 'update', update: { name: 'update_add_htlc', fields } });
    } catch (error) {
      next.held.outgoing.delete(nextId(next.held));
      this.#host.log(`an HTLC cannot go on: ${messageOf(error)}`);
      Object.assign(record, { state: 'failed', reason: 'temporary_channel_failure' });
      this.#htlcs.fail(from, { name: 'temporary_channel_failure', fields: { channel_update: EMPTY } });
    }
  }

  /** It was removed further on, for good: failures go back now, a preimage has gone back before. */
  settled(htlc: OutgoingHtlc, from: HtlcPlace, removal: Removal): void {
    if (removal.name === 'update_fulfill_htlc') {
      this.ended(htlc, 'settled');
      return;
    }
    this.ended(htlc, 'failed');
    const sharedSecret = this.#htlcs.held(from)?.incoming.get(from.id)?.sharedSecret;
    if (!sharedSecret) return;
    const returned =
      removal.name === 'update_fail_htlc'
        ? wrapFailure(sharedSecret, { reason: removal.fields.reason })
        : createFailure(sharedSecret, failureOfMalformed(removal.fields));
    this.#htlcs.failWith(from, returned.reason);
  }

  ended({ origin }: OutgoingHtlc, state: 'settled' | 'failed'): void {
    const record = origin.kind === 'forward' ? this.#host.state().forwards[origin.record] : undefined;
    if (record) record.state = state;
  }

  #next(short_channel_id: string): NextChannel | undefined {
    const held = this.#host
      .state()
      .channels.find((each) => !isClosed(each) && this.#host.rules.htlcs.isNamed(short_channel_id, each));
    return held && { held, policy: held.policy, isUsable: isUsable(held) };
  }
}

export const nextId = ({ channel }: HeldChannel): bigint =>
  channel.name === 'live' ? channel.readying.commitments.ledger.nextHtlcId.local : 0n;

/** Ready, connected, and not being closed. */
export const isUsable = ({ channel, failed }: HeldChannel): boolean =>
  !failed &&
  channel.name === 'live' &&
  channel.readying.name === 'open' &&
  isTalking(channel) &&
  channel.shutdown.scriptpubkeys.local === undefined &&
  channel.shutdown.scriptpubkeys.remote === undefined;
