import { SIGHASH_ALL } from '../../bitcoin/sighash.ts';
import { outpoint, type Transaction, type TransactionInput } from '../../bitcoin/transaction.ts';
import type { RequirementId } from '../../spec/requirement.ts';
import type { Fault } from '../state/step.ts';
import { isHtlcOutput, revealedPreimage } from '../transactions/outputs.ts';
import { type Duty, dutyOf } from './duties.ts';
import { followed, type FollowedOutput } from './follow.ts';
import type { Onchain } from './onchain.ts';
import { type CommitmentClose, fundingSpentBy, recogniseClose } from './recognise.ts';
import { isCommitted, offererOf } from './unrevoked.ts';

/**
 * What is wrong with a transaction that the remote broadcast. `atHeight` is the latest block's when it was seen first: one that
 * came in block N was for a latest block of N - 1. What a chain refuses anyway is told of too.
 */
export function judgeBroadcast(onchain: Onchain, tx: Transaction, atHeight: number): readonly Fault[] {
  const live = fundingSpentBy(onchain.commitments, tx);
  if (live) {
    const close = recogniseClose(onchain, live, tx);
    return close.kind === 'commitment' ? closeFaults(close) : [];
  }
  const chain = followed(onchain);
  if (chain?.close.kind !== 'commitment') return [];
  const { close, outputs } = chain;
  return tx.inputs.flatMap((input) => {
    const each = outputs.find(({ output }) => outpoint(output) === outpoint(input));
    if (!each) return [];
    return [
      ...earlyFaults(onchain, close, each, atHeight),
      ...preimageFaults(onchain, close, each, input),
      ...htlcTransactionFaults(close, each, input, tx),
    ];
  });
}

export interface Expectation {
  /** That the remote has, of HTLCs that we offered it and that it is to claim: the BOLT asks it of a node that forwarded. */
  readonly preimages: readonly Uint8Array[];
  /** How many blocks the remote may take from the first one in which its transaction fits. */
  readonly graceBlocks: number;
}

/**
 * What the remote should have taken by now, and has not: among others, any output of a revoked commitment of ours. Sentences that
 * say `should` are among them, those that say `may` are not.
 */
export function judgeOverdue(onchain: Onchain, { preimages, graceBlocks }: Expectation): readonly Fault[] {
  const chain = followed(onchain);
  if (!chain) return [];
  const { close, outputs } = chain;
  const knowledge = { commitments: onchain.commitments, preimages };
  return outputs.flatMap((each) => {
    const duty = dutyOf(close, each, 'remote', knowledge);
    if (!duty || duty.level === 'may') return [];
    const lastHeight = duty.fromHeight + graceBlocks + 1;
    if (each.spentBy) return hasEscaped(duty, each) ? [escaped(duty, each)] : [];
    return onchain.height < lastHeight
      ? []
      : [
          {
            requirement: duty.requirement,
            expected: `a spend of ${describe(each)} in block ${lastHeight} or before`,
            got: `unspent at height ${onchain.height}`,
          },
        ];
  });
}

const closeFaults = ({ owner, status, commitment }: CommitmentClose): readonly Fault[] =>
  owner === 'remote' && status === 'revoked'
    ? [
        {
          requirement: 'bolt05-revoked-01',
          expected: 'a commitment that is not revoked',
          got: `commitment ${commitment.parameters.commitmentNumber}`,
        },
      ]
    : [];

function earlyFaults(
  { commitments }: Onchain,
  close: CommitmentClose,
  each: FollowedOutput,
  atHeight: number,
): readonly Fault[] {
  const duty = dutyOf(close, each, 'remote', { commitments, preimages: [] });
  if (!duty || atHeight >= duty.fromHeight) return [];
  return [
    {
      requirement: waitingFor(duty, each),
      expected: `no spend of ${describe(each)} before height ${duty.fromHeight}`,
      got: atHeight,
    },
  ];
}

/** The sentence that tells how long to wait, where it is not the one that calls for the spend. */
function waitingFor({ how, requirement }: Duty, { output, parent }: FollowedOutput): RequirementId {
  if (how !== 'delayed') return requirement;
  if (output.kind === 'to_local') return 'bolt05-local-commitment-02';
  return parent?.kind === 'offered_htlc'
    ? 'bolt05-local-commitment-local-offers-06'
    : 'bolt05-local-commitment-remote-offers-06';
}

/** Until we are irrevocably committed to an HTLC that we offered, the remote must not claim it. */
function preimageFaults(
  { commitments }: Onchain,
  { owner }: CommitmentClose,
  { output }: FollowedOutput,
  { witness }: TransactionInput,
): readonly Fault[] {
  if (!('htlc' in output) || offererOf(output.htlc.offeredBy, owner) !== 'local') return [];
  const { id, payment_hash } = output.htlc;
  if (!revealedPreimage(witness, payment_hash) || isCommitted(commitments, 'local', id)) return [];
  return [
    {
      requirement:
        owner === 'remote'
          ? 'bolt05-local-commitment-remote-offers-04'
          : 'bolt05-remote-commitment-remote-offers-02',
      expected: `no claim of HTLC ${id}, which is not irrevocably committed`,
      got: 'its preimage',
    },
  ];
}

/** BOLT 5, Generation of HTLC Transactions: of the remote, for its own commitment. */
function htlcTransactionFaults(
  { owner, commitment }: CommitmentClose,
  { output }: FollowedOutput,
  { witness }: TransactionInput,
  tx: Transaction,
): readonly Fault[] {
  if (owner !== 'remote' || output.kind === 'second_stage' || !isHtlcOutput(output)) return [];
  const faults: Fault[] = [];
  // BOLT 3: 0 <remotehtlcsig> <localhtlcsig> <preimage, or empty> <script>; `local` is the owner.
  const hashType = witness[2]?.at(-1);
  if (hashType !== SIGHASH_ALL)
    faults.push({ requirement: 'bolt05-htlc-transactions-02', expected: SIGHASH_ALL, got: hashType });
  if (commitment.parameters.format === 'option_anchors' && tx.inputs.length === 1)
    faults.push({
      requirement: 'bolt05-htlc-transactions-04',
      expected: 'inputs that pay a fee',
      got: 'the HTLC alone',
    });
  return faults;
}

/** A revoked output was taken after the delay, by its owner: there was time to punish it. */
function hasEscaped({ how }: Duty, { output, spentBy }: FollowedOutput): boolean {
  if (how !== 'revocation' || (output.kind !== 'to_local' && output.kind !== 'second_stage')) return false;
  const input = spentBy?.tx.inputs.find((candidate) => outpoint(candidate) === outpoint(output));
  // BOLT 3: <sig> 1 takes the branch of the revocation key.
  return input?.witness[1]?.length === 0;
}

const escaped = ({ requirement }: Duty, each: FollowedOutput): Fault => ({
  requirement,
  expected: `a spend of ${describe(each)} with the revocation key`,
  got: `spent by its owner in ${each.spentBy?.tx.txid}`,
});

const describe = ({ output }: FollowedOutput): string => `${output.kind} ${outpoint(output)}`;
