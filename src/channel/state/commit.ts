import { fromDisplayHash } from '../../bitcoin/hash.ts';
import { BoltgridError } from '../../core/error.ts';
import { derivePrivateKey } from '../keys/derivation.ts';
import { signCommitment, signHtlcs } from '../transactions/signatures.ts';
import { commitmentOf, type Commitments } from './commitments.ts';
import { sign, unsignedFor } from './ledger.ts';
import type { LiveFunding } from './live-funding.ts';
import { assertNothingMissing } from './missing.ts';
import type { Message, Performed } from './step.ts';

/** The `message_type` of a batch of `commitment_signed`. */
export const COMMITMENT_SIGNED = 132;

/** Whether `commit` may be called: there is something to sign, and a point to sign for. */
export const canCommit = ({ ledger, unrevoked, remotePoints, missing }: Commitments): boolean =>
  missing.length === 0 &&
  !unrevoked.remote &&
  remotePoints.next !== undefined &&
  unsignedFor(ledger, 'remote').length > 0;

/**
 * Signs the remote's next commitment with all that is pending on it, one for every live funding. Throws `channel.cannot-commit` where
 * there is no change, or where the remote has not revoked the commitment before.
 */
export function commit(commitments: Commitments): Performed<Commitments> {
  assertNothingMissing(commitments);
  if (!canCommit(commitments))
    throw new BoltgridError('channel.cannot-commit', 'harness', 'no commitment can be signed now', {
      hint: 'Look at `owed` first.',
    });
  const { ledger, numbers, remotePoints, sent, unrevoked, remotePast } = commitments;
  const { current, next = current } = remotePoints;
  const state: Commitments = {
    ...commitments,
    ledger: sign(ledger, 'remote'),
    numbers: { ...numbers, remote: numbers.remote + 1n },
    unrevoked: { ...unrevoked, remote: true },
    remotePoints: { previous: current, current: next },
    remotePast: [...remotePast, ledger],
    sent: [...sent, { name: 'commitment_signed' }],
  };
  return { state, send: signatureMessages(state), broadcast: [] };
}

/** Those for the remote's latest commitment: the same each time. */
export function signatureMessages(commitments: Commitments): readonly Message[] {
  const { terms, fundings } = commitments;
  const signatures = fundings.map((live) => signatureMessage(commitments, live));
  if (signatures.length === 1) return signatures;
  const tlvs = { message_type: { message_type: COMMITMENT_SIGNED } };
  return [
    {
      name: 'start_batch',
      fields: { channel_id: terms.channel_id, batch_size: signatures.length, tlvs },
    },
    ...signatures,
  ];
}

/** The one for the remote's latest commitment on one funding, which need not be live yet. */
export function signatureMessage(commitments: Commitments, live: LiveFunding): Message<'commitment_signed'> {
  const { terms, remotePoints } = commitments;
  const htlcKey = derivePrivateKey(terms.secrets.htlc, remotePoints.current);
  const commitment = commitmentOf(commitments, 'remote', 'latest', live);
  return {
    name: 'commitment_signed',
    fields: {
      channel_id: terms.channel_id,
      signature: signCommitment(commitment, live.local_funding_privkey),
      htlc_signature: [...signHtlcs(commitment, htlcKey)],
      tlvs: { funding_txid: { funding_txid: fromDisplayHash(live.funding.txid) } },
    },
  };
}
