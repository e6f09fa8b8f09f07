import type { OpenerChoices } from '../../channel/state/open/defaults.ts';
import { BoltgridError } from '../../core/error.ts';
import type { Channels } from './channels.ts';
import type { HeldChannel } from './state.ts';

interface Waiter {
  readonly resolve: (held: HeldChannel) => void;
  readonly reject: (error: BoltgridError) => void;
}

/** Channels that the node was told to open, until their funding transaction is on its way. */
export class Openings {
  readonly #channels: Channels;
  readonly #waiters = new Map<HeldChannel, Waiter>();

  constructor(channels: Channels) {
    this.#channels = channels;
  }

  /**
   * Resolves when the funding transaction was broadcast. Rejects with `reference.not-connected`, `reference.not-opened`, and what the
   * engine throws for choices that BOLT 2 forbids.
   */
  open(peer: Uint8Array, fundingSat: bigint, choices: Partial<OpenerChoices>): Promise<HeldChannel> {
    return new Promise((resolve, reject) => {
      const link = this.#channels.linkTo(peer);
      if (!link) throw new BoltgridError('reference.not-connected', 'user', 'no such peer is connected');
      const held = this.#channels.open(link, fundingSat, choices);
      this.#waiters.set(held, { resolve, reject });
    });
  }

  funded(held: HeldChannel): void {
    this.#waiters.get(held)?.resolve(held);
    this.#waiters.delete(held);
  }

  failed(held: HeldChannel, reason: string): void {
    this.#waiters.get(held)?.reject(new BoltgridError('reference.not-opened', 'node', reason));
    this.#waiters.delete(held);
  }
}
