import { EMPTY } from '../../core/bytes.ts';
import { fromDisplayHash } from '../../bitcoin/hash.ts';
import { makeTransaction, type Transaction, type TransactionOutput } from '../../bitcoin/transaction.ts';
import type { Message } from '../../channel/state/step.ts';
import type { Negotiation } from '../../channel/state/open/negotiation.ts';
import { defaultCrypto } from '../../crypto/crypto.ts';
import { bolts } from '../../wire/bolts.ts';
import type { CaseLinks } from '../shared.ts';
import type { StepOptions } from '../types.ts';
import type { Refused, RefusalOptions } from './types.ts';

/** What a channel needs of the connection that it is on. */
export interface Talk {
  readonly link: number;
  readonly links: CaseLinks;
  /** Our static private key. */
  readonly key: Uint8Array;
  readonly nodeId: Uint8Array;
  /** Feature bits of both inits. */
  readonly features: Negotiation['features'];
  post(message: Message): Promise<void>;
  /** The next message, which must be one of these. */
  hear(names: readonly string[], step: string, options?: StepOptions, partial?: object): Promise<Message>;
  /** `unless`: or this message comes instead. */
  refused(
    ids: readonly Uint8Array[],
    options?: RefusalOptions & { readonly unless?: Message['name'] },
  ): Promise<Refused & { readonly came?: Message }>;
}

/** Every message of BOLT 2 that is about one channel. */
export const CHANNEL_MESSAGES: readonly Message['name'][] = (
  Object.keys(bolts.messages) as Message['name'][]
).filter((name) => {
  const { type } = bolts.messages[name];
  return type === bolts.messages.stfu.type || (type >= 32 && type <= 255);
});

/** As messages carry it: regtest's genesis block. */
export const REGTEST = fromDisplayHash('0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206');

/** A transaction that pays the output and can never confirm: for channels that end before it matters. */
export const imaginaryFunding = (output: TransactionOutput, key: Uint8Array, n: number): Transaction =>
  makeTransaction({
    version: 2,
    inputs: [
      {
        txid: Buffer.from(defaultCrypto.hashes.sha256(Uint8Array.of(...key, n))).toString('hex'),
        vout: 0,
        scriptSig: EMPTY,
        sequence: 0xffff_fffd,
        witness: [],
      },
    ],
    outputs: [output],
    lockTime: 0,
  });

/** The channel that a message names: `channel_id`, or `temporary_channel_id` as long as there is no other. */
export function idIn({ fields }: Message): Uint8Array | undefined {
  if ('temporary_channel_id' in fields) return fields.temporary_channel_id;
  return 'channel_id' in fields ? fields.channel_id : undefined;
}
