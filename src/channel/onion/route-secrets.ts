import { defaultCrypto, scalarMultiply } from '../../crypto/crypto.ts';
import { blindingFactor } from './keys.ts';

/** What a sender shares with one hop. */
export interface HopSecret {
  readonly ephemeralPrivateKey: Uint8Array;
  /** What the hop sees: `public_key` of an onion, `path_key` of a blinded path. */
  readonly ephemeralPublicKey: Uint8Array;
  readonly sharedSecret: Uint8Array;
}

/**
 * The chain of ephemeral keys from a session key along a route, and the secret shared with each node (BOLT 4, Shared Secret, Blinding
 * Ephemeral Onion Keys and Route Blinding: one algorithm). Throws `crypto.bad-private-key` and `crypto.bad-point`.
 */
export function routeSecrets(sessionKey: Uint8Array, nodeIds: readonly Uint8Array[]): HopSecret[] {
  const { curve } = defaultCrypto;
  let ephemeralPrivateKey = sessionKey;
  return nodeIds.map((nodeId) => {
    const ephemeralPublicKey = curve.publicKey(ephemeralPrivateKey);
    const sharedSecret = curve.ecdh(ephemeralPrivateKey, nodeId);
    const hop: HopSecret = { ephemeralPrivateKey, ephemeralPublicKey, sharedSecret };
    ephemeralPrivateKey = scalarMultiply(
      ephemeralPrivateKey,
      blindingFactor(ephemeralPublicKey, sharedSecret),
    );
    return hop;
  });
}
