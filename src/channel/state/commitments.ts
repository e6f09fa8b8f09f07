import { BoltgridError } from '../../core/error.ts';
import { defaultCrypto } from '../../crypto/crypto.ts';
import { commitmentKeys } from '../keys/commitment-keys.ts';
import { perCommitmentPoint, perCommitmentSecret, secretIndex } from '../keys/per-commitment-secret.ts';
import { EMPTY_SECRET_STORE, findSecret, type SecretStore } from '../keys/secret-store.ts';
import { buildCommitment, type Commitment } from '../transactions/commitment.ts';
import { obscuringFactor } from '../transactions/obscured-number.ts';
import type { CommitmentParameters } from '../transactions/types.ts';
import { type Ledger, openLedger, specificationOf } from './ledger.ts';
import type { LiveFunding } from './live-funding.ts';
import type { ChannelTerms } from './terms.ts';
import { otherSide, type Side, type Update } from './update.ts';

/** The commitments of a channel from the first on: what was signed and revoked, and what is to be. */
export interface Commitments {
  readonly terms: ChannelTerms;
  readonly ledger: Ledger;
  /** The one in use first, then those of splices that are not locked. */
  readonly fundings: readonly [LiveFunding, ...LiveFunding[]];
  /** Of each side's latest signed commitment: 0 at first. */
  readonly numbers: Readonly<Record<Side, bigint>>;
  /** Whether the side owes the revocation of the commitment before its latest. */
  readonly unrevoked: Readonly<Record<Side, boolean>>;
  readonly remotePoints: RemotePoints;
  /** Of all that the remote has revoked. */
  readonly remoteSecrets: SecretStore;
  /** The ledgers of the remote's commitments before its latest, by number: what is needed to punish one. */
  readonly remotePast: readonly Ledger[];
  /** What we sent and do not know to have arrived, in order. */
  readonly sent: readonly Sent[];
  /** Which of it the remote's `channel_reestablish` asks for, until it is sent. */
  readonly missing: readonly Acknowledged[];
  /** Since a reconnection the remote has not signed: its updates may be ones that it first sent before it acknowledged ours. */
  readonly remoteRepeats: boolean;
}

/** Per-commitment points of the remote. */
interface RemotePoints {
  /** Of the commitment before the latest, as long as it is not revoked. */
  readonly previous?: Uint8Array;
  /** Of its latest commitment. */
  readonly current: Uint8Array;
  /** Of the one after it: absent until `channel_ready` or `revoke_and_ack` gives it. */
  readonly next?: Uint8Array;
}

/** The messages whose arrival `channel_reestablish` tells. */
export type Acknowledged = 'revoke_and_ack' | 'commitment_signed';

/** A `commitment_signed` stands for the whole batch. */
type Sent = Update | { readonly name: Acknowledged };

/** The first commitments, as both sides know them once the funding output is known. */
export const openCommitments = ({
  terms,
  funding,
  feerate_per_kw,
  remoteFirstPoint,
}: {
  readonly terms: ChannelTerms;
  readonly funding: LiveFunding;
  readonly feerate_per_kw: number;
  readonly remoteFirstPoint: Uint8Array;
}): Commitments => ({
  terms,
  ledger: openLedger(feerate_per_kw),
  fundings: [funding],
  numbers: { local: 0n, remote: 0n },
  unrevoked: { local: false, remote: false },
  remotePoints: { current: remoteFirstPoint },
  remoteSecrets: EMPTY_SECRET_STORE,
  remotePast: [],
  sent: [],
  missing: [],
  remoteRepeats: false,
});

/** `channel_ready` came with the point of the remote's commitment 1. */
export const withSecondPoint = (
  commitments: Commitments,
  second_per_commitment_point: Uint8Array,
): Commitments => ({
  ...commitments,
  remotePoints: { ...commitments.remotePoints, next: second_per_commitment_point },
});

/** The commitment of `owner` that is signed, or the one that would be signed now. */
export function commitmentOf(
  commitments: Commitments,
  owner: Side,
  which: 'latest' | 'next',
  funding: LiveFunding,
): Commitment {
  const { terms, ledger, numbers } = commitments;
  const commitmentNumber = numbers[owner] + (which === 'next' ? 1n : 0n);
  const point =
    owner === 'local' ? localPoint(terms, commitmentNumber) : remotePoint(commitments.remotePoints, which);
  return buildCommitment(
    parametersOf(terms, owner, funding, commitmentNumber, point),
    specificationOf(ledger, funding.shares, owner, which),
  );
}

/** The per-commitment point of our own commitment. */
export const localPoint = ({ secrets }: ChannelTerms, commitmentNumber: bigint): Uint8Array =>
  perCommitmentPoint(perCommitmentSecret(secrets.shachainSeed, commitmentNumber));

/** A commitment that the remote has revoked, and the secret with which its outputs can be taken. */
export function revokedCommitmentOf(
  { terms, remotePast, remoteSecrets }: Commitments,
  commitmentNumber: bigint,
  funding: LiveFunding,
): { readonly commitment: Commitment; readonly per_commitment_secret: Uint8Array } | undefined {
  const ledger = remotePast[Number(commitmentNumber)];
  const per_commitment_secret = findSecret(remoteSecrets, secretIndex(commitmentNumber));
  if (!ledger || !per_commitment_secret) return undefined;
  const point = perCommitmentPoint(per_commitment_secret);
  const commitment = buildCommitment(
    parametersOf(terms, 'remote', funding, commitmentNumber, point),
    specificationOf(ledger, funding.shares, 'remote', 'latest'),
  );
  return { commitment, per_commitment_secret };
}

function parametersOf(
  terms: ChannelTerms,
  owner: Side,
  { funding, local_funding_privkey, remote_funding_pubkey }: LiveFunding,
  commitmentNumber: bigint,
  per_commitment_point: Uint8Array,
): CommitmentParameters {
  const other = otherSide(owner);
  const { format, opener } = terms;
  return {
    format,
    feePayer: opener === owner ? 'owner' : 'other',
    dust_limit_satoshis: terms[owner].dust_limit_satoshis,
    funding,
    owner_funding_pubkey:
      owner === 'local' ? defaultCrypto.curve.publicKey(local_funding_privkey) : remote_funding_pubkey,
    keys: commitmentKeys(terms[owner], terms[other], per_commitment_point),
    commitmentNumber,
    obscuringFactor: obscuringFactor(
      terms[opener].payment_basepoint,
      terms[otherSide(opener)].payment_basepoint,
    ),
    to_self_delay: terms[other].to_self_delay,
  };
}

function remotePoint({ current, next }: RemotePoints, which: 'latest' | 'next'): Uint8Array {
  if (which === 'latest') return current;
  if (next) return next;
  throw new BoltgridError('channel.no-point', 'harness', 'the remote has not given its next point yet');
}
