import { equalBytes } from '../../core/bytes.ts';
import { BoltgridError } from '../../core/error.ts';
import { defaultCrypto } from '../../crypto/crypto.ts';
import type { Bolts } from '../../wire/bolts.ts';
import type { MessageFields } from '../../wire/types.ts';
import { perCommitmentPoint, perCommitmentSecret, secretIndex } from '../keys/per-commitment-secret.ts';
import { insertSecret } from '../keys/secret-store.ts';
import { type Commitments, localPoint } from './commitments.ts';
import { revoke as revokeInLedger } from './ledger.ts';
import { assertNothingMissing } from './missing.ts';
import type { Fault, Message, Performed, Received } from './step.ts';
import type { ChannelTerms } from './terms.ts';

/** Revokes our commitment before the latest. Throws `channel.nothing-to-revoke` where there is none. */
export function revoke(commitments: Commitments): Performed<Commitments> {
  assertNothingMissing(commitments);
  const { terms, ledger, unrevoked, numbers, sent } = commitments;
  if (!unrevoked.local)
    throw new BoltgridError(
      'channel.nothing-to-revoke',
      'harness',
      'no commitment of ours is to be revoked',
      {
        hint: 'Look at `owed` first.',
      },
    );
  return {
    state: {
      ...commitments,
      ledger: revokeInLedger(ledger, 'local'),
      unrevoked: { ...unrevoked, local: false },
      sent: [...sent, { name: 'revoke_and_ack' }],
    },
    send: [revocation(terms, numbers.local - 1n)],
    broadcast: [],
  };
}

/** The `revoke_and_ack` for our commitment `commitmentNumber`. */
export const revocation = (terms: ChannelTerms, commitmentNumber: bigint): Message<'revoke_and_ack'> => ({
  name: 'revoke_and_ack',
  fields: {
    channel_id: terms.channel_id,
    per_commitment_secret: perCommitmentSecret(terms.secrets.shachainSeed, commitmentNumber),
    next_per_commitment_point: localPoint(terms, commitmentNumber + 2n),
  },
});

export function receiveRevokeAndAck(
  commitments: Commitments,
  {
    per_commitment_secret,
    next_per_commitment_point,
  }: Omit<MessageFields<Bolts, 'revoke_and_ack'>, 'channel_id'>,
): Received<Commitments> {
  const { ledger, unrevoked, numbers, remotePoints, remoteSecrets, sent } = commitments;
  const { previous, current } = remotePoints;
  const faults: Fault[] = [];
  if (!previous || !generates(per_commitment_secret, previous))
    faults.push({
      requirement: 'bolt02-revoke-and-ack-01',
      expected: previous ?? 'no revoke_and_ack: the commitment before the latest is revoked',
      got: per_commitment_secret,
      note: 'per_commitment_secret, of this point',
    });
  if (!defaultCrypto.curve.isPoint(next_per_commitment_point))
    faults.push({
      requirement: 'bolt02-revoke-and-ack-02',
      expected: 'a point on secp256k1',
      got: next_per_commitment_point,
    });
  if (faults.length > 0) return { state: commitments, faults };
  const insertion = insertSecret(remoteSecrets, secretIndex(numbers.remote - 1n), per_commitment_secret);
  if (!insertion.inserted)
    return {
      state: commitments,
      faults: [
        {
          requirement: 'bolt02-revoke-and-ack-05',
          expected: 'the secret from which those before derive',
          got: per_commitment_secret,
          note: `secret ${insertion.mismatch} does not derive from it`,
        },
      ],
    };
  return {
    state: {
      ...commitments,
      ledger: revokeInLedger(ledger, 'remote'),
      unrevoked: { ...unrevoked, remote: false },
      remotePoints: { current, next: next_per_commitment_point },
      remoteSecrets: insertion.store,
      // Our commitment_signed has arrived, and so has all that went before it.
      sent: sent.slice(sent.findIndex(({ name }) => name === 'commitment_signed') + 1),
    },
    faults,
  };
}

const generates = (secret: Uint8Array, point: Uint8Array): boolean =>
  defaultCrypto.curve.isPrivateKey(secret) && equalBytes(perCommitmentPoint(secret), point);
