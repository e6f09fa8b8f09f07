import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { toHex } from '../../../src/core/bytes.ts';
import { defaultCrypto } from '../../../src/crypto/crypto.ts';
import { commitmentKeys } from '../../../src/channel/keys/commitment-keys.ts';
import {
  derivePrivateKey,
  derivePublicKey,
  revocationPrivateKey,
  revocationPublicKey,
} from '../../../src/channel/keys/derivation.ts';
import { perCommitmentPoint } from '../../../src/channel/keys/per-commitment-secret.ts';
import { bytesOf, privateKeyOf, readAppendix } from '../bolt03.ts';

const e = z.record(z.string(), z.string()).parse(readAppendix('e'));
const value = (name: string): Uint8Array => bytesOf(e[name]!);

describe('BOLT 3, appendix E', () => {
  const point = value('per_commitment_point');

  it('has the points of its secrets', () => {
    expect(perCommitmentPoint(value('per_commitment_secret'))).toEqual(point);
    expect(defaultCrypto.curve.publicKey(value('base_secret'))).toEqual(value('base_point'));
  });

  it('derives a public key', () => {
    expect(derivePublicKey(value('base_point'), point)).toEqual(value('localpubkey'));
  });

  it('derives its private key', () => {
    expect(derivePrivateKey(value('base_secret'), point)).toEqual(value('localprivkey'));
  });

  it('derives the revocation public key', () => {
    expect(revocationPublicKey(value('base_point'), point)).toEqual(value('revocationpubkey'));
  });

  it('derives the revocation private key', () => {
    expect(revocationPrivateKey(value('base_secret'), value('per_commitment_secret'))).toEqual(
      value('revocationprivkey'),
    );
  });
});

describe('BOLT 3, appendix C', () => {
  const { basics } = z.object({ basics: z.record(z.string(), z.string()) }).parse(readAppendix('c'));
  const secret = (name: string): Uint8Array => privateKeyOf(basics[name]!);
  const point = (name: string): Uint8Array => bytesOf(basics[name]!);
  const commitmentPoint = point('local_per_commitment_point');

  it("has the keys of the local side's commitment", () => {
    const keys = commitmentKeys(
      {
        delayed_payment_basepoint: point('local_delayed_payment_basepoint'),
        htlc_basepoint: point('local_htlc_basepoint'),
      },
      {
        revocation_basepoint: point('remote_revocation_basepoint'),
        payment_basepoint: point('remote_payment_basepoint'),
        htlc_basepoint: point('remote_htlc_basepoint'),
      },
      commitmentPoint,
    );
    expect(
      Object.fromEntries(Object.entries<Uint8Array>({ ...keys }).map(([name, key]) => [name, toHex(key)])),
    ).toEqual({
      per_commitment_point: basics.local_per_commitment_point,
      owner_delayedpubkey: basics.local_delayedpubkey,
      owner_htlcpubkey: basics.local_htlcpubkey,
      other_htlcpubkey: basics.remote_htlcpubkey,
      other_pubkey: basics.remote_payment_basepoint,
      revocationpubkey: basics.local_revocation_pubkey,
    });
  });

  it.each([
    ['local_payment_basepoint_secret', 'local_privkey'],
    ['remote_payment_basepoint_secret', 'remote_privkey'],
    ['local_delayed_payment_basepoint_secret', 'local_delayed_privkey'],
  ])('derives from %s the private key %s', (basepointSecret, privateKey) => {
    expect(derivePrivateKey(secret(basepointSecret), commitmentPoint)).toEqual(secret(privateKey));
  });

  it('has the point of its per-commitment secret', () => {
    expect(perCommitmentPoint(secret('x_local_per_commitment_secret'))).toEqual(commitmentPoint);
  });
});
