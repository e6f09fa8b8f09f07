import { expect } from 'vitest';
import { toHex } from '../../src/core/bytes.ts';
import { isBoltgridError } from '../../src/core/error.ts';
import type { RunningNode } from '../../src/nodes/node.ts';
import type { OperationName } from '../../src/nodes/operations.ts';
import type { NodePlan } from '../../src/nodes/resolve.ts';
import type { Engine } from '../../src/runtime/docker/engine.ts';
import { eventually, startNetwork, type Found, type Network } from './two-nodes.ts';

/** Confirmations with which every implementation calls a transaction final by default. */
export const SAFE_DEPTH = 8;
export const START_MS = 180_000;
export const CASE_MS = 90_000;
/** A key (the generator of secp256k1) that no node has. */
export const STRANGER = '0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798';

export const keyOf = (node: RunningNode): string => toHex(node.publicKey);

/** Two nodes of one version, and the channel between them that cases share. */
export class Pair {
  readonly #plan: NodePlan;
  #network: Network | undefined;
  channelId = '';

  constructor(plan: NodePlan) {
    this.#plan = plan;
  }

  async start(engine: Engine, found: Found): Promise<void> {
    this.#network = await startNetwork(engine, found, ['alice', 'bob']);
  }

  async close(): Promise<void> {
    await this.#network?.close();
  }

  get network(): Network {
    return present(this.#network);
  }

  get a(): RunningNode {
    return present(this.network.nodes[0]);
  }

  get b(): RunningNode {
    return present(this.network.nodes[1]);
  }

  offers(operation: OperationName): boolean {
    return this.#plan.operations.has(operation);
  }

  connect(): Promise<unknown> {
    return this.a.call('connect', { publicKey: keyOf(this.b), ...this.b.announced });
  }

  async channelOf(node: RunningNode, id = this.channelId) {
    const { channels } = await node.call('channels', {});
    return channels.find(({ channelId }) => channelId === id);
  }

  usable(node: RunningNode, id = this.channelId) {
    return eventually(
      'an open channel',
      () => this.channelOf(node, id),
      (channel) => channel?.state === 'open' && channel.usable,
    );
  }

  /** A opens, and both can pay. */
  async openChannel(amountSat: bigint, pushSat?: bigint): Promise<string> {
    const terms = { publicKey: keyOf(this.b), amountSat, ...(pushSat !== undefined && { pushSat }) };
    const { channelId, fundingTxid } = await whereOffered(
      () => this.a.call('open', { ...terms, feeratePerKw: 1000 }),
      () => this.a.call('open', terms),
    );
    await eventually(
      'the funding transaction',
      () => this.network.chain.transaction(fundingTxid),
      (transaction) => transaction !== undefined,
    );
    await this.network.mine(SAFE_DEPTH);
    await Promise.all([this.a, this.b].map((node) => this.usable(node, channelId)));
    return channelId;
  }

  async payAndSee(payer: RunningNode, payee: RunningNode, amountMsat: bigint): Promise<void> {
    const { invoice, paymentHash } = await payee.call('invoice', { amountMsat, description: 'a test' });
    const payment = await payer.call('pay', { invoice });
    expect(payment).toMatchObject({ state: 'succeeded', paymentHash, amountMsat, feeMsat: 0n });
    const status = await eventually(
      'the invoice',
      () => payee.call('invoiceStatus', { paymentHash }),
      ({ state }) => state === 'paid',
    );
    expect(status).toMatchObject({ state: 'paid', receivedMsat: amountMsat });
  }
}

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the network is not up');
  return value;
}

/** An option that a node does not have is left out: it refuses such a call before it does anything. */
export async function whereOffered<T>(withOption: () => Promise<T>, without: () => Promise<T>): Promise<T> {
  try {
    return await withOption();
  } catch (error) {
    if (isBoltgridError(error) && error.code === 'node.not-offered') return without();
    throw error;
  }
}
