import { p2wpkh } from '../../bitcoin/output.ts';
import { type ChannelSecrets, channelSecrets } from '../../channel/keys/channel-secrets.ts';
import { defaultCrypto } from '../../crypto/crypto.ts';
import { formatShortChannelId } from '../../wire/short-channel-id.ts';
import { privateKeyOf } from '../identity.ts';

/** Heights that no chain of tests reaches, so that an alias is never a real `short_channel_id`. */
const FIRST_ALIAS_HEIGHT = 16_000_000n;
const ALIAS_HEIGHTS = 777_216n;

/** What follows from the node's seed and a channel's number. */
export class ChannelKeys {
  readonly #seed: string;
  readonly #walletScripts = new Map<number, Uint8Array>();

  constructor(seed: string) {
    this.#seed = seed;
  }

  get nodeKey(): Uint8Array {
    return privateKeyOf(this.#seed, 'node');
  }

  secrets(number: number): ChannelSecrets {
    return channelSecrets(privateKeyOf(this.#seed, 'channels'), `${number}`);
  }

  /** 32 bytes that nobody can guess, for one use. */
  bytes(use: string): Uint8Array {
    return privateKeyOf(this.#seed, use);
  }

  alias(number: number): string {
    const bytes = this.bytes(`alias ${number}`);
    const value = bytes.subarray(0, 8).reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
    const height = FIRST_ALIAS_HEIGHT + ((value >> 40n) % ALIAS_HEIGHTS);
    return formatShortChannelId((height << 40n) | (value & 0xff_ffff_ffffn));
  }

  /** Where a channel pays us when it is closed. It is asked for often. */
  walletScript(number: number): Uint8Array {
    const known = this.#walletScripts.get(number);
    if (known) return known;
    const script = p2wpkh(defaultCrypto.curve.publicKey(this.bytes(`wallet ${number}`)));
    this.#walletScripts.set(number, script);
    return script;
  }

  /** Of coins that pay for what spends a commitment. */
  get coinKey(): Uint8Array {
    return this.bytes('coins');
  }

  get coinScript(): Uint8Array {
    return p2wpkh(defaultCrypto.curve.publicKey(this.coinKey));
  }

  /** Where others pay us. */
  addressScript(number: number): Uint8Array {
    return p2wpkh(defaultCrypto.curve.publicKey(this.bytes(`address ${number}`)));
  }
}
