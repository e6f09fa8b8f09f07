import { onTestFinished } from 'vitest';
import { EMPTY } from '../../src/core/bytes.ts';
import { isBoltgridError } from '../../src/core/error.ts';
import { randomPrivateKey } from '../../src/crypto/crypto.ts';
import { connectNoise } from '../../src/noise/connection.ts';
import type { NoiseConnection } from '../../src/noise/connection.ts';
import type { ReferenceNode } from '../../src/reference/node.ts';
import { startReference } from '../../src/reference/node.ts';
import type { ReferenceOptions } from '../../src/reference/options.ts';
import { bolts } from '../../src/wire/bolts.ts';
import type { Bolts } from '../../src/wire/bolts.ts';
import { decodeMessage, encodeMessage } from '../../src/wire/codec.ts';
import { encodeFeatures } from '../../src/wire/features.ts';
import type { DecodedMessage, MessageFields, MessageName } from '../../src/wire/types.ts';

export const deadlineMs = 10_000;

export async function reference(options: Partial<ReferenceOptions> = {}): Promise<ReferenceNode> {
  const node = await startReference({ seed: 'test', ...options });
  onTestFinished(() => node.stop());
  return node;
}

export const initOf = (
  bits: Iterable<number>,
  more: Partial<MessageFields<Bolts, 'init'>> = {},
): Uint8Array =>
  encodeMessage(bolts, 'init', { globalfeatures: EMPTY, features: encodeFeatures(bits), tlvs: {}, ...more });

/** A peer that does only what a test says. */
export class Dialled {
  readonly connection: NoiseConnection;

  constructor(connection: NoiseConnection) {
    this.connection = connection;
  }

  raw(message: Uint8Array): Promise<void> {
    return this.connection.send(message);
  }

  async send<N extends MessageName<Bolts>>(name: N, fields: MessageFields<Bolts, N>): Promise<void> {
    await this.raw(encodeMessage(bolts, name, fields));
  }

  async next(): Promise<DecodedMessage> {
    return decodeMessage(bolts, await this.connection.receive({ deadlineMs }));
  }

  async expect<N extends MessageName<Bolts>>(name: N): Promise<MessageFields<Bolts, N>> {
    const message = await this.next();
    if (message.name !== name)
      throw new Error(`expected ${name}, got ${String(message.name)} (${message.type})`);
    return message.fields as unknown as MessageFields<Bolts, N>;
  }

  /** What comes before the answer to a ping that is sent now. */
  async upToPong(): Promise<DecodedMessage[]> {
    await this.send('ping', { num_pong_bytes: 1717, ignored: EMPTY });
    const before: DecodedMessage[] = [];
    for (;;) {
      const message = await this.next();
      if (message.name === 'pong' && message.fields.ignored.length === 1717) return before;
      before.push(message);
    }
  }

  /** Everything that still comes before the node hangs up properly. */
  async upToClose(): Promise<DecodedMessage[]> {
    const before: DecodedMessage[] = [];
    try {
      for (;;) before.push(await this.next());
    } catch (error) {
      if (!isBoltgridError(error) || error.code !== 'noise.closed') throw error;
      const { by, how } = await this.connection.closed;
      if (by !== 'remote' || how !== 'fin') throw new Error(`ended by ${by}, ${how}`, { cause: error });
      return before;
    }
  }
}

/** Where a node is found, and by which key. */
type Target = Pick<ReferenceNode, 'host' | 'port' | 'publicKey'>;

/** The handshake, and nothing after it. */
export async function dial(node: Target, localPrivateKey: Uint8Array = randomPrivateKey()): Promise<Dialled> {
  const { host, port, publicKey } = node;
  const connection = await connectNoise({
    host,
    port,
    remotePublicKey: publicKey,
    localPrivateKey,
    deadlineMs,
  });
  onTestFinished(() => connection.close());
  return new Dialled(connection);
}

/** The handshake, and init in both directions. */
export async function greeted(
  node: Target,
  { key, init = initOf([1, 9]) }: { readonly key?: Uint8Array; readonly init?: Uint8Array } = {},
): Promise<Dialled> {
  const peer = await dial(node, key);
  await peer.expect('init');
  await peer.raw(init);
  return peer;
}
