import { fromDisplayHash } from '../../bitcoin/hash.ts';
import { equalBytes } from '../../core/bytes.ts';
import type { Bolts } from '../../wire/bolts.ts';
import type { MessageFields } from '../../wire/types.ts';
import { unsignedHtlcs, verifyCommitment } from '../transactions/signatures.ts';
import { COMMITMENT_SIGNED } from './commit.ts';
import { commitmentOf, type Commitments } from './commitments.ts';
import { sign, unsignedFor } from './ledger.ts';
import type { LiveFunding } from './live-funding.ts';
import type { Fault, Received } from './step.ts';

type CommitmentSigned = MessageFields<Bolts, 'commitment_signed'>;

const MOST_IN_BATCH = 20;

/** What is wrong with a `start_batch`. One that is to be ignored has faults too: what comes after it then comes alone. */
export function startBatchFaults({
  batch_size,
  tlvs,
}: Omit<MessageFields<Bolts, 'start_batch'>, 'channel_id'>): readonly Fault[] {
  const faults: Fault[] = [];
  const type = tlvs.message_type?.message_type;
  if (batch_size <= 1)
    faults.push({ requirement: 'bolt02-batching-01', expected: 'batch_size above 1', got: batch_size });
  if (batch_size > MOST_IN_BATCH)
    faults.push({
      requirement: 'bolt02-batching-02',
      expected: `batch_size of at most ${MOST_IN_BATCH}`,
      got: batch_size,
    });
  if (type !== COMMITMENT_SIGNED)
    faults.push({
      requirement: 'bolt02-batching-03',
      expected: COMMITMENT_SIGNED,
      got: type,
      note: 'message_type',
    });
  return faults;
}

/**
 * One `commitment_signed` that came alone, or all of a batch. Our own commitment before this one is then to be revoked. A lone one
 * may leave `funding_txid` out: nothing depends on it, and nodes without splices do not send it.
 */
export function receiveCommitmentSigned(
  commitments: Commitments,
  messages: readonly [CommitmentSigned, ...CommitmentSigned[]],
): Received<Commitments> {
  const { ledger, unrevoked, numbers, sent } = commitments;
  const faults = [...timingFaults(commitments), ...batchFaults(commitments, messages)];
  if (faults.length > 0) return { state: commitments, faults };
  const [first, ...more] = commitments.fundings.map((live) => judged(commitments, live, messages));
  const found = [...(first?.faults ?? []), ...more.flatMap((each) => each.faults)];
  if (!first || found.length > 0) return { state: commitments, faults: found };
  return {
    state: {
      ...commitments,
      fundings: [first.live, ...more.map(({ live }) => live)],
      ledger: sign(ledger, 'local'),
      numbers: { ...numbers, local: numbers.local + 1n },
      unrevoked: { ...unrevoked, local: true },
      // Without our revocation the remote could not have signed again.
      sent: sent.filter(({ name }) => name !== 'revoke_and_ack'),
      remoteRepeats: false,
    },
    faults,
  };
}

function timingFaults({ ledger, unrevoked, numbers }: Commitments): Fault[] {
  // The BOLT says so only by the order of the messages: the point that the signature is for has not been sent.
  if (unrevoked.local)
    return [
      {
        requirement: 'bolt02-commitment-signed-12',
        expected: `no commitment_signed before commitment ${numbers.local - 1n} is revoked`,
        got: 'commitment_signed',
      },
    ];
  return unsignedFor(ledger, 'local').length > 0
    ? []
    : [{ requirement: 'bolt02-commitment-signed-01', expected: 'an update to sign', got: 'none' }];
}

/** Whether there is one message for each live funding. */
function batchFaults(
  { fundings }: Commitments,
  messages: readonly [CommitmentSigned, ...CommitmentSigned[]],
): Fault[] {
  if (messages.length === 1) {
    if (fundings.length > 1)
      return [
        { requirement: 'bolt02-commitment-signed-07', expected: `a batch of ${fundings.length}`, got: 'one' },
      ];
    const got = txidOf(messages[0]);
    const [{ funding }] = fundings;
    return !got || isFor(funding.txid)(messages[0])
      ? []
      : [{ requirement: 'bolt02-commitment-signed-05', expected: funding.txid, got, note: 'funding_txid' }];
  }
  if (messages.some((message) => !txidOf(message)))
    return [
      { requirement: 'bolt02-commitment-signed-10', expected: 'funding_txid in each', got: 'one without' },
    ];
  return fundings.flatMap(({ funding: { txid } }, i) => {
    if (messages.some(isFor(txid))) return [];
    const requirement = i === 0 ? 'bolt02-commitment-signed-08' : 'bolt02-commitment-signed-09';
    return [{ requirement, expected: txid, got: 'no commitment_signed', note: 'funding_txid' }];
  });
}

/** The signatures for our next commitment on one funding. */
function judged(
  commitments: Commitments,
  live: LiveFunding,
  messages: readonly [CommitmentSigned, ...CommitmentSigned[]],
): { readonly live: LiveFunding; readonly faults: readonly Fault[] } {
  // Batches are there for splices: messages for other fundings are ignored. One that comes alone may not name its funding.
  const { signature, htlc_signature } = messages.find(isFor(live.funding.txid)) ?? messages[0];
  const commitment = commitmentOf(commitments, 'local', 'next', live);
  const faults: Fault[] = [];
  if (!verifyCommitment(commitment, live.remote_funding_pubkey, signature))
    faults.push({
      requirement: 'bolt02-commitment-signed-12',
      expected: `a signature for ${commitment.transaction.txid}, with a low S`,
      got: signature,
    });
  const { length } = commitment.htlcOutputs;
  if (htlc_signature.length !== length)
    faults.push({
      requirement: 'bolt02-commitment-signed-04',
      expected: length,
      got: htlc_signature.length,
      note: 'num_htlcs',
    });
  else
    for (const { vout, htlc } of unsignedHtlcs(commitment, htlc_signature))
      faults.push({
        requirement: 'bolt02-commitment-signed-14',
        expected: `a signature for HTLC ${htlc.id}, output ${vout}, with a low S`,
        got: htlc_signature[commitment.htlcOutputs.findIndex((output) => output.vout === vout)],
      });
  return { live: { ...live, remoteSignatures: { signature, htlc_signature } }, faults };
}

const txidOf = ({ tlvs }: CommitmentSigned): Uint8Array | undefined => tlvs.funding_txid?.funding_txid;

const isFor =
  (txid: string) =>
  (message: CommitmentSigned): boolean => {
    const got = txidOf(message);
    return got !== undefined && equalBytes(got, fromDisplayHash(txid));
  };
