import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../../src/core/bytes.ts';
import { defaultCrypto } from '../../../src/crypto/crypto.ts';
import {
  basepointsOf,
  type ChannelSecrets,
  channelSecrets,
  fundingSecret,
} from '../../../src/channel/keys/channel-secrets.ts';
import {
  derivePrivateKey,
  derivePublicKey,
  revocationPrivateKey,
  revocationPublicKey,
} from '../../../src/channel/keys/derivation.ts';
import { perCommitmentPoint } from '../../../src/channel/keys/per-commitment-secret.ts';
import { codeOf } from '../../crypto/code-of.ts';

const seed = new Uint8Array(32).fill(7);
const publicKey = (secret: Uint8Array): Uint8Array => defaultCrypto.curve.publicKey(secret);
const keysOf = (secrets: ChannelSecrets): Uint8Array[] => Object.values<Uint8Array>({ ...secrets });

describe('channel secrets', () => {
  it('are the same for the same seed and label, and all different otherwise', () => {
    const all = [
      ['a', 'b', '', '1:a', 'adelayed_'].map((label) => channelSecrets(seed, label)),
      channelSecrets(new Uint8Array(32).fill(8), 'a'),
    ].flat();
    const keys = all.flatMap(keysOf).map(toHex);
    expect(new Set(keys).size).toBe(keys.length);
    expect(channelSecrets(seed, 'a')).toEqual(all[0]);
    expect(all.flatMap(keysOf).every((key) => defaultCrypto.curve.isPrivateKey(key))).toBe(true);
  });

  it('have one funding key for each funding', () => {
    const keys = [0, 1, 2].map((n) => toHex(fundingSecret(seed, 'a', n)));
    expect(new Set(keys).size).toBe(3);
    expect(keys[0]).toBe(toHex(channelSecrets(seed, 'a').funding));
  });

  it('take 32 bytes', () => {
    expect(codeOf(() => channelSecrets(seed.subarray(1), 'a'))).toBe('channel.bad-seed');
  });

  it('have the basepoints of the secrets', () => {
    const secrets = channelSecrets(seed, 'a');
    expect(basepointsOf(secrets)).toEqual({
      revocation_basepoint: publicKey(secrets.revocation),
      payment_basepoint: publicKey(secrets.payment),
      delayed_payment_basepoint: publicKey(secrets.delayed_payment),
      htlc_basepoint: publicKey(secrets.htlc),
    });
  });

  it('derive private keys that are those of the derived public keys', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (label, otherLabel) => {
        const secrets = channelSecrets(seed, label);
        const commitmentSecret = channelSecrets(seed, otherLabel).shachainSeed;
        const point = perCommitmentPoint(commitmentSecret);
        const { htlc_basepoint, revocation_basepoint } = basepointsOf(secrets);
        expect(publicKey(derivePrivateKey(secrets.htlc, point))).toEqual(
          derivePublicKey(htlc_basepoint, point),
        );
        expect(publicKey(revocationPrivateKey(secrets.revocation, commitmentSecret))).toEqual(
          revocationPublicKey(revocation_basepoint, point),
        );
      }),
      { numRuns: 30 },
    );
  });
});
