import { equalBytes } from '../../core/bytes.ts';
import { BoltgridError } from '../../core/error.ts';
import { defaultCrypto } from '../../crypto/crypto.ts';
import type { Bolts } from '../../wire/bolts.ts';
import type { MessageFields } from '../../wire/types.ts';
import { FIRST_INDEX, perCommitmentSecret, secretIndex } from '../keys/per-commitment-secret.ts';
import { findSecret } from '../keys/secret-store.ts';
import { signatureMessages } from './commit.ts';
import { type Acknowledged, type Commitments, localPoint } from './commitments.ts';
import { forgetUnsigned } from './ledger.ts';
import { revocation } from './revoke.ts';
import type { Fault, Message, Performed, Received } from './step.ts';
import type { Side } from './update.ts';
import { updateMessage } from './updates.ts';

type Reestablish = Omit<MessageFields<Bolts, 'channel_reestablish'>, 'channel_id'>;

const NO_SECRET = new Uint8Array(32);

/** The connection was lost: updates that were not signed are forgotten, on both sides. */
export function disconnected(commitments: Commitments): Commitments {
  const { ledger, sent } = commitments;
  const signature = sent.findIndex(({ name }) => name === 'commitment_signed');
  return {
    ...commitments,
    ledger: forgetUnsigned(ledger),
    sent: sent.filter(({ name }, i) => i <= signature || name === 'revoke_and_ack'),
    missing: [],
  };
}

/** Our `channel_reestablish`, which changes nothing. */
export function reestablish(commitments: Commitments): Message<'channel_reestablish'> {
  const { terms, numbers, remoteSecrets } = commitments;
  const next_revocation_number = revokedBy(commitments, 'remote');
  const your_last_per_commitment_secret =
    next_revocation_number === 0n
      ? undefined
      : findSecret(remoteSecrets, secretIndex(next_revocation_number - 1n));
  return {
    name: 'channel_reestablish',
    fields: {
      channel_id: terms.channel_id,
      next_commitment_number: numbers.local + 1n,
      next_revocation_number,
      your_last_per_commitment_secret: your_last_per_commitment_secret ?? NO_SECRET,
      my_current_per_commitment_point: localPoint(terms, numbers.local),
      tlvs: {},
    },
  };
}

export interface Reestablished extends Received<Commitments> {
  /** The remote proves that it has a newer state than we: we must not broadcast our commitment, and `state` is of no more use. */
  readonly fellBehind: boolean;
  /** Neither side has signed a second commitment: `channel_ready` goes again. */
  readonly repeatsChannelReady: boolean;
}

/** `state.missing` says what is to be sent again. */
export function receiveReestablish(commitments: Commitments, fields: Reestablish): Reestablished {
  const { numbers } = commitments;
  const { next_commitment_number, next_revocation_number } = fields;
  const result = { state: commitments, faults: [], fellBehind: false, repeatsChannelReady: false };
  const isSecret = isLastSecret(commitments, fields);
  const revoked = revokedBy(commitments, 'local');
  if (next_revocation_number > revoked && isSecret) return { ...result, fellBehind: true };
  const faults = [
    ...commitmentNumberFaults(commitments, next_commitment_number),
    ...revocationNumberFaults(revoked, next_revocation_number),
    ...(isSecret ? [] : secretFaults(fields)),
    ...pointFaults(fields),
  ];
  if (faults.length > 0) return { ...result, faults };
  const lost: Readonly<Record<Acknowledged, boolean>> = {
    revoke_and_ack: next_revocation_number < revoked,
    commitment_signed: next_commitment_number === numbers.remote,
  };
  const missing = (['revoke_and_ack', 'commitment_signed'] as const).filter((name) => lost[name]);
  return {
    ...result,
    state: { ...commitments, missing, remoteRepeats: true },
    repeatsChannelReady: numbers.local === 0n && next_commitment_number === 1n,
  };
}

/** Sends what the remote's `channel_reestablish` asked for, in the order in which it was sent at first. */
export function resend(commitments: Commitments): Performed<Commitments> {
  const { missing, sent, terms } = commitments;
  if (missing.length === 0)
    throw new BoltgridError('channel.nothing-to-resend', 'harness', 'the remote asked for nothing again', {
      hint: 'Look at `owed` first.',
    });
  const again = sent.flatMap((each): readonly Message[] => {
    switch (each.name) {
      case 'revoke_and_ack':
        return missing.includes(each.name) ? [lastRevocation(commitments)] : [];
      case 'commitment_signed':
        return missing.includes(each.name) ? signatureMessages(commitments) : [];
      default:
        return missing.includes('commitment_signed') ? [updateMessage(terms, each)] : [];
    }
  });
  // A revocation that the remote must have had, since it has signed again: BOLT 2 has it sent nevertheless.
  const isKnown = sent.some(({ name }) => name === 'revoke_and_ack');
  const early = missing.includes('revoke_and_ack') && !isKnown ? [lastRevocation(commitments)] : [];
  return { state: { ...commitments, missing: [] }, send: [...early, ...again], broadcast: [] };
}

const lastRevocation = (commitments: Commitments): Message =>
  revocation(commitments.terms, revokedBy(commitments, 'local') - 1n);

/** How many commitments the side has revoked, as far as we know: the number of the next that it will revoke. */
const revokedBy = ({ numbers, unrevoked }: Commitments, side: Side): bigint =>
  unrevoked[side] ? numbers[side] - 1n : numbers[side];

function commitmentNumberFaults({ numbers, unrevoked }: Commitments, got: bigint): Fault[] {
  const next = numbers.remote + 1n;
  // Once the remote has revoked the commitment before it, it has had the latest.
  const possible = unrevoked.remote ? [numbers.remote, next] : [next];
  if (possible.includes(got)) return [];
  const note = 'next_commitment_number';
  return [{ requirement: 'bolt02-reestablish-11', expected: possible, got, note }];
}

function revocationNumberFaults(revoked: bigint, got: bigint): Fault[] {
  const possible = revoked > 0n ? [revoked - 1n, revoked] : [revoked];
  if (possible.includes(got)) return [];
  const note = 'next_revocation_number';
  return [{ requirement: 'bolt02-reestablish-12', expected: possible, got, note }];
}

/** Whether the remote shows the secret that its `next_revocation_number` says it has: one that we gave, or will give. */
function isLastSecret(
  { terms }: Commitments,
  { next_revocation_number, your_last_per_commitment_secret }: Reestablish,
): boolean {
  if (next_revocation_number === 0n) return equalBytes(your_last_per_commitment_secret, NO_SECRET);
  const last = next_revocation_number - 1n;
  return (
    last <= FIRST_INDEX &&
    equalBytes(your_last_per_commitment_secret, perCommitmentSecret(terms.secrets.shachainSeed, last))
  );
}

function secretFaults({
  next_revocation_number,
  your_last_per_commitment_secret: got,
}: Reestablish): Fault[] {
  const note = 'your_last_per_commitment_secret';
  return next_revocation_number === 0n
    ? [{ requirement: 'bolt02-reestablish-14', expected: NO_SECRET, got, note }]
    : [
        {
          requirement: 'bolt02-reestablish-15',
          expected: `the secret of our commitment ${next_revocation_number - 1n}`,
          got,
          note,
        },
      ];
}

const pointFaults = ({ my_current_per_commitment_point: got }: Reestablish): Fault[] =>
  defaultCrypto.curve.isPoint(got)
    ? []
    : [
        {
          requirement: 'bolt02-reestablish-13',
          expected: 'a point on secp256k1',
          got,
          note: 'my_current_per_commitment_point',
        },
      ];
