import { concat } from '../../core/bytes.ts';
import { BoltgridError } from '../../core/error.ts';
import { defaultCrypto } from '../../crypto/crypto.ts';

/** The points that `open_channel` and `accept_channel` carry, by their names there. */
export interface Basepoints {
  readonly revocation_basepoint: Uint8Array;
  readonly payment_basepoint: Uint8Array;
  readonly delayed_payment_basepoint: Uint8Array;
  readonly htlc_basepoint: Uint8Array;
}

/** A side's private keys: 32 bytes each. */
export interface ChannelSecrets {
  /** Of the first funding; a splice takes another (`fundingSecret`). */
  readonly funding: Uint8Array;
  readonly revocation: Uint8Array;
  readonly payment: Uint8Array;
  readonly delayed_payment: Uint8Array;
  readonly htlc: Uint8Array;
  /** The seed of all per-commitment secrets. */
  readonly shachainSeed: Uint8Array;
}

/**
 * The same secrets for the same 32 bytes and label, so that a scripted peer can be written down. Other labels are other channels.
 */
export function channelSecrets(seed: Uint8Array, label: string): ChannelSecrets {
  return {
    funding: fundingSecret(seed, label, 0),
    revocation: derive(seed, label, 'revocation'),
    payment: derive(seed, label, 'payment'),
    delayed_payment: derive(seed, label, 'delayed_payment'),
    htlc: derive(seed, label, 'htlc'),
    shachainSeed: derive(seed, label, 'shachain'),
  };
}

/** The funding key for a channel's `fundingNumber`th funding: 0 when it opens, then one for each splice. */
export const fundingSecret = (seed: Uint8Array, label: string, fundingNumber: number): Uint8Array =>
  derive(seed, label, `funding ${fundingNumber}`);

export function basepointsOf(secrets: ChannelSecrets): Basepoints {
  const publicKey = (secret: Uint8Array): Uint8Array => defaultCrypto.curve.publicKey(secret);
  return {
    revocation_basepoint: publicKey(secrets.revocation),
    payment_basepoint: publicKey(secrets.payment),
    delayed_payment_basepoint: publicKey(secrets.delayed_payment),
    htlc_basepoint: publicKey(secrets.htlc),
  };
}

const SEED_BYTES = 32;

/** HKDF's output is a private key but in one of 2^128 cases, which is not repaired. */
function derive(seed: Uint8Array, label: string, use: string): Uint8Array {
  if (seed.length !== SEED_BYTES)
    throw new BoltgridError('channel.bad-seed', 'harness', `a seed of ${seed.length} bytes, not 32`);
  const text = new TextEncoder();
  // The label's length keeps two pairs of label and use apart.
  const name = text.encode(label);
  const info = concat(text.encode(`${name.length}:`), name, text.encode(use));
  return defaultCrypto.hashes.hkdf(text.encode('boltgrid channel'), seed, info, SEED_BYTES);
}
