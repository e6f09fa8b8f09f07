import { isTalking, type LiveChannel } from '../../channel/engine/channel.ts';
import type { Command } from '../../channel/engine/perform.ts';
import { encodeFailure, type Failure, malformedHtlc } from '../../channel/onion/failure.ts';
import { invalidOnionBlinding } from '../../channel/onion/instructions.ts';
import { createFailure } from '../../channel/onion/returned.ts';
import { type AddHtlc, removable } from '../../channel/state/ledger.ts';
import type { Message } from '../../channel/state/step.ts';
import type { Removal } from '../../channel/state/update.ts';
import { EMPTY } from '../../core/bytes.ts';
import { toHex } from '../../core/bytes.ts';
import { defaultCrypto } from '../../crypto/crypto.ts';
import type { Rules } from '../rules.ts';
import type { HtlcSituation } from '../rules/htlcs.ts';
import type { ChannelKeys } from './channel-keys.ts';
import { Forwarding } from './forwarding.ts';
import { Receiving } from './receiving.ts';
import type { HeldChannel, HtlcPlace, NodeState, OutgoingHtlc } from './state.ts';

export interface HtlcsHost {
  readonly rules: Rules;
  readonly keys: ChannelKeys;
  state(): NodeState;
  situation(): HtlcSituation;
  advance(held: HeldChannel): void;
  /** Throws what the engine throws. */
  command(held: HeldChannel, command: Command): void;
  /** A payment of ours has come to its end at the peer. */
  paymentEnded(htlc: OutgoingHtlc, removal: Removal): void;
  readonly log: (line: string) => void;
}

/** What the node does with HTLCs: those that are offered to it, and those that it offered. */
export class Htlcs {
  readonly receiving: Receiving;
  readonly #host: HtlcsHost;
  readonly #forwarding: Forwarding;

  constructor(host: HtlcsHost) {
    this.#host = host;
    this.receiving = new Receiving(host, this);
    this.#forwarding = new Forwarding(host, this);
  }

  /** A channel has taken a step, by a message or by us. */
  moved(held: HeldChannel, by: Message | undefined): void {
    const { channel } = held;
    if (channel.name !== 'live') return;
    if (by) this.#noteRemoval(held, by);
    this.#takeUp(held, channel);
    this.#letGo(held, channel);
  }

  /** The connection is gone: what was offered and not signed is as if it had never been. */
  lost(held: HeldChannel): void {
    if (held.channel.name !== 'live') return;
    const next = held.channel.readying.commitments.ledger.nextHtlcId.local;
    for (const [id, htlc] of held.outgoing) {
      if (id < next) continue;
      held.outgoing.delete(id);
      const { origin } = htlc;
      if (origin.kind === 'forward') {
        this.#forwarding.ended(htlc, 'failed');
        this.fail(origin.from, {
          name: 'temporary_channel_failure',
          fields: { channel_update: EMPTY },
        });
      } else
        this.#host.paymentEnded(htlc, {
          name: 'update_fail_htlc',
          fields: { id, reason: EMPTY, tlvs: {} },
        });
    }
  }

  /** An HTLC that we offered has come to its end on the chain. */
  endedOnchain(htlc: OutgoingHtlc, payment_preimage: Uint8Array | undefined): void {
    const { origin } = htlc;
    if (origin.kind === 'payment') {
      const removal: Removal = payment_preimage
        ? { name: 'update_fulfill_htlc', fields: { id: 0n, payment_preimage, tlvs: {} } }
        : { name: 'update_fail_htlc', fields: { id: 0n, reason: EMPTY, tlvs: {} } };
      this.#host.paymentEnded(htlc, removal);
      return;
    }
    this.#forwarding.ended(htlc, payment_preimage ? 'settled' : 'failed');
    if (payment_preimage) this.fulfill(origin.from, payment_preimage);
    else this.fail(origin.from, { name: 'permanent_channel_failure', fields: {} });
  }

  /** What is to be done about an HTLC now. */
  wish(held: HeldChannel, live: LiveChannel): Command | undefined {
    const { commitments } = live.readying;
    if (!isTalking(live) || commitments.missing.length > 0) return undefined;
    for (const [id, update] of held.removals)
      if (removable(commitments.ledger, 'local', id)) return { do: 'update', update };
    return undefined;
  }

  held({ channel }: HtlcPlace): HeldChannel | undefined {
    return this.#host.state().channels.find(({ number }) => number === channel);
  }

  fulfill(place: HtlcPlace, payment_preimage: Uint8Array): void {
    this.#remove(place, {
      name: 'update_fulfill_htlc',
      fields: { id: place.id, payment_preimage, tlvs: {} },
    });
  }

  /** With a failure of our own. */
  fail(place: HtlcPlace, failure: Failure): void {
    const htlc = this.held(place)?.incoming.get(place.id);
    if (!htlc) return;
    const { add, sharedSecret } = htlc;
    if (add.tlvs.blinded_path || !sharedSecret) this.#failMalformed(place, add);
    else {
      const { name, fields } = this.#host.rules.htlcs.failure(failure, add);
      const { reason } = createFailure(sharedSecret, encodeFailure(name, fields as never));
      this.#remove(place, { name: 'update_fail_htlc', fields: { id: place.id, reason, tlvs: {} } });
    }
  }

  /** With what came back from further on. */
  failWith(place: HtlcPlace, reason: Uint8Array): void {
    this.#remove(place, { name: 'update_fail_htlc', fields: { id: place.id, reason, tlvs: {} } });
  }

  /** Within a blinded path nothing else is told (bolt02-remove-htlc-08). */
  #failMalformed(place: HtlcPlace, { onion_routing_packet }: AddHtlc): void {
    const failure = invalidOnionBlinding(defaultCrypto.hashes.sha256(onion_routing_packet));
    this.#remove(place, {
      name: 'update_fail_malformed_htlc',
      fields: { id: place.id, ...malformedHtlc(failure) },
    });
  }

  #remove(place: HtlcPlace, removal: Removal): void {
    const held = this.held(place);
    if (!held || held.removals.has(place.id)) return;
    held.removals.set(place.id, removal);
    this.#host.advance(held);
  }

  /** HTLCs that have just been irrevocably committed. */
  #takeUp(held: HeldChannel, live: LiveChannel): void {
    const { ledger } = live.readying.commitments;
    for (const { by, add } of this.#host.rules.htlcs.committed(ledger))
      if (by === 'remote' && !held.incoming.has(add.id)) this.#decide(held, add);
  }

  #decide(held: HeldChannel, add: AddHtlc): void {
    const { rules, keys } = this.#host;
    const place = { channel: held.number, id: add.id };
    const pathKey = add.tlvs.blinded_path?.path_key;
    const peeled = rules.htlcs.peel({
      packet: add.onion_routing_packet,
      privateKey: keys.nodeKey,
      associatedData: add.payment_hash,
      ...(pathKey && { pathKey }),
    });
    if (peeled.kind === 'malformed') {
      held.incoming.set(add.id, { add });
      this.#remove(place, {
        name: 'update_fail_malformed_htlc',
        fields: { id: add.id, ...malformedHtlc(peeled.failure) },
      });
      return;
    }
    held.incoming.set(add.id, { add, sharedSecret: peeled.sharedSecret });
    if (this.#isRepeated(add.onion_routing_packet)) {
      this.fail(place, { name: 'temporary_node_failure', fields: {} });
      return;
    }
    if (peeled.kind === 'failed') {
      this.fail(place, peeled.failure);
      return;
    }
    const told = rules.htlcs.read({
      ...peeled,
      isFinal: peeled.kind === 'final',
      privateKey: keys.nodeKey,
      htlc: {
        amount_msat: add.amount_msat,
        cltv_expiry: add.cltv_expiry,
        ...(pathKey && { path_key: pathKey }),
      },
    });
    this.#host.log(`channel ${held.number}: HTLC ${add.id} of ${add.amount_msat} msat: ${told.kind}`);
    switch (told.kind) {
      case 'final':
        this.receiving.take(place, add, told);
        break;
      case 'forward':
        if (peeled.kind === 'forward') this.#forwarding.forward(place, add, told, peeled.nextPacket);
        break;
      case 'failed':
        this.fail(place, told.failure);
        break;
      case 'blinded_forward':
      case 'blinded_final':
      case 'blinded_failed':
        // Route blinding is not offered.
        this.#failMalformed(place, add);
        break;
    }
  }

  #isRepeated(packet: Uint8Array): boolean {
    const { onions } = this.#host.state();
    const hmac = toHex(packet.subarray(-32));
    const hasCome = onions.has(hmac);
    onions.add(hmac);
    return this.#host.rules.htlcs.isRepeated(packet, hasCome);
  }

  /** A preimage counts at once; a failure once it cannot be taken back. */
  #noteRemoval(held: HeldChannel, { name, fields }: Message): void {
    if (
      name !== 'update_fulfill_htlc' &&
      name !== 'update_fail_htlc' &&
      name !== 'update_fail_malformed_htlc'
    )
      return;
    const htlc = held.outgoing.get(fields.id);
    if (!htlc) return;
    const { origin } = htlc;
    const removal = { name, fields } as Removal;
    htlc.removal = removal;
    if (!this.#host.rules.htlcs.countsAtOnce(removal)) return;
    if (origin.kind === 'payment') this.#host.paymentEnded(htlc, removal);
    else if (removal.name === 'update_fulfill_htlc')
      this.fulfill(origin.from, removal.fields.payment_preimage);
    else this.#forwarding.settled(htlc, origin.from, removal);
  }

  /** HTLCs that are gone for good, on both commitments. */
  #letGo(held: HeldChannel, live: LiveChannel): void {
    const { htlcs, pending } = live.readying.commitments.ledger;
    const isThere = (side: 'local' | 'remote', id: bigint): boolean =>
      htlcs.some(({ by, add }) => by === side && add.id === id) ||
      pending.some(
        ({ by, update }) => by === side && update.name === 'update_add_htlc' && update.fields.id === id,
      );
    for (const id of [...held.incoming.keys()])
      if (!isThere('remote', id)) {
        held.incoming.delete(id);
        held.removals.delete(id);
      }
    for (const [id, htlc] of [...held.outgoing]) {
      if (isThere('local', id) || !htlc.removal) continue;
      held.outgoing.delete(id);
      this.#settled(htlc, htlc.removal);
    }
  }

  #settled(htlc: OutgoingHtlc, removal: Removal): void {
    if (htlc.origin.kind === 'forward') this.#forwarding.settled(htlc, htlc.origin.from, removal);
    else if (removal.name !== 'update_fulfill_htlc') this.#host.paymentEnded(htlc, removal);
  }
}
