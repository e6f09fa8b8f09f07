import { outpoint, type Transaction } from '../../bitcoin/transaction.ts';
import { equalBytes } from '../../core/bytes.ts';
import { commitmentOf, type Commitments, revokedCommitmentOf } from '../state/commitments.ts';
import type { LiveFunding } from '../state/live-funding.ts';
import type { Side } from '../state/update.ts';
import type { Commitment } from '../transactions/commitment.ts';
import { readCommitmentNumber } from '../transactions/obscured-number.ts';
import { type CommitmentOutput, recogniseOutputs } from '../transactions/outputs.ts';

/** A commitment transaction that we know whole. */
export interface CommitmentClose {
  readonly kind: 'commitment';
  readonly owner: Side;
  /** `previous` is the one before the latest, while it is not revoked: both are valid. */
  readonly status: 'latest' | 'previous' | 'revoked';
  readonly commitment: Commitment;
  /** Of a commitment of the remote that is revoked. */
  readonly per_commitment_secret?: Uint8Array;
  /** Of a commitment of ours, as the remote gave them. */
  readonly htlc_signature?: readonly Uint8Array[];
}

/** What spent a funding output (BOLT 5). */
export type Close =
  | CommitmentClose
  | { readonly kind: 'mutual_close' }
  /** The remote's commitment is one that we do not know of, since we lost data: only `to_remote` can be taken. */
  | {
      readonly kind: 'ahead';
      readonly commitmentNumber: bigint;
      readonly to_remote: CommitmentOutput | undefined;
    }
  | { readonly kind: 'unknown' };

/** What a channel was when its funding output is spent. */
export interface KnownChannel {
  readonly commitments: Commitments;
  /** States from before, of which we kept the remote's signatures: our own earlier commitments are known from them alone. */
  readonly earlier: readonly Commitments[];
  /** The `scriptpubkey`s of `shutdown` and closing messages of both sides: a mutual close pays to nothing else. */
  readonly shutdownScripts: readonly Uint8Array[];
}

/** The live funding that the transaction spends; `undefined` where it spends none, or is a splice of ours to another. */
export function fundingSpentBy(
  { fundings }: Commitments,
  tx: Pick<Transaction, 'txid' | 'inputs'>,
): LiveFunding | undefined {
  if (fundings.some(({ funding }) => funding.txid === tx.txid)) return undefined;
  const spent = new Set(tx.inputs.map(outpoint));
  return fundings.find(({ funding: { txid, output_index } }) =>
    spent.has(outpoint({ txid, vout: output_index })),
  );
}

export function recogniseClose(known: KnownChannel, live: LiveFunding, tx: Transaction): Close {
  const remoteLatest = commitmentOf(known.commitments, 'remote', 'latest', live);
  const number = readCommitmentNumber(tx, remoteLatest.parameters.obscuringFactor);
  if (number === undefined) return isMutualClose(known, tx) ? { kind: 'mutual_close' } : { kind: 'unknown' };
  const candidates = [
    ...localCloses(known, live, number),
    ...remoteCloses(known.commitments, live, number, remoteLatest),
  ];
  const found = candidates.find(({ commitment }) => commitment.transaction.txid === tx.txid);
  if (found) return found;
  if (number <= known.commitments.numbers.remote) return { kind: 'unknown' };
  // Without the point of that commitment, only the output with our static key is known.
  const to_remote = recogniseOutputs(remoteLatest.parameters, tx, []).find(
    (output) => output?.kind === 'to_remote',
  );
  return { kind: 'ahead', commitmentNumber: number, to_remote };
}

/** Closing transactions have a height as lock time, so they never read as commitments. */
const isMutualClose = ({ shutdownScripts }: KnownChannel, { outputs }: Transaction): boolean =>
  outputs.length > 0 &&
  outputs.every(({ script }) => shutdownScripts.some((candidate) => equalBytes(candidate, script)));

function localCloses(
  { commitments, earlier }: KnownChannel,
  { funding }: LiveFunding,
  number: bigint,
): readonly CommitmentClose[] {
  const { numbers, unrevoked } = commitments;
  const isPrevious = unrevoked.local && number === numbers.local - 1n;
  const status = number === numbers.local ? 'latest' : isPrevious ? 'previous' : 'revoked';
  return [commitments, ...earlier]
    .filter((state) => state.numbers.local === number)
    .flatMap((state) => {
      const live = state.fundings.find((each) => each.funding.txid === funding.txid);
      if (!live) return [];
      const commitment = commitmentOf(state, 'local', 'latest', live);
      const htlc_signature = live.remoteSignatures?.htlc_signature;
      return [
        { kind: 'commitment', owner: 'local', status, commitment, ...(htlc_signature && { htlc_signature }) },
      ];
    });
}

function remoteCloses(
  commitments: Commitments,
  live: LiveFunding,
  number: bigint,
  latest: Commitment,
): readonly CommitmentClose[] {
  const remote = { kind: 'commitment', owner: 'remote' } as const;
  if (number === commitments.numbers.remote) return [{ ...remote, status: 'latest', commitment: latest }];
  if (number > commitments.numbers.remote) return [];
  const previous = previousOfRemote(commitments, live);
  if (previous?.parameters.commitmentNumber === number)
    return [{ ...remote, status: 'previous', commitment: previous }];
  const revoked = revokedCommitmentOf(commitments, number, live);
  return revoked ? [{ ...remote, status: 'revoked', ...revoked }] : [];
}

/** The remote's commitment before its latest, as long as it has not revoked it. */
export function previousOfRemote(commitments: Commitments, live: LiveFunding): Commitment | undefined {
  const { numbers, unrevoked, remotePoints, remotePast } = commitments;
  const number = numbers.remote - 1n;
  const ledger = remotePast[Number(number)];
  if (!unrevoked.remote || !remotePoints.previous || !ledger) return undefined;
  const before: Commitments = {
    ...commitments,
    ledger,
    numbers: { ...numbers, remote: number },
    remotePoints: { current: remotePoints.previous },
  };
  return commitmentOf(before, 'remote', 'latest', live);
}
