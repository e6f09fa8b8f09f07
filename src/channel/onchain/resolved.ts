import type { CommitmentClose } from './recognise.ts';
import { revealedPreimage } from '../transactions/outputs.ts';
import { outpoint } from '../../bitcoin/transaction.ts';
import { type Followed, followed, type FollowedOutput } from './follow.ts';
import type { Onchain } from './onchain.ts';

/** BOLT 5, General Nomenclature: a resolving transaction that is at least 100 deep makes its outputs irrevocably resolved. */
const IRREVOCABLE_DEPTH = 100;

export interface Resolution {
  readonly output: FollowedOutput['output'];
  /** What resolves it; `undefined` as long as nothing does. */
  readonly by: 'commitment' | 'spend' | 'preimage' | 'expiry' | undefined;
  readonly isIrrevocable: boolean;
}

/** How far each output of a closed channel is settled; none as long as no commitment is in a block. */
export function resolutions(onchain: Onchain): readonly Resolution[] {
  const chain = followed(onchain);
  if (!chain) return [];
  return chain.outputs.map((each) => resolutionOf(onchain, chain, each));
}

/** Whether the funding output and all that came of it is irrevocably resolved: the channel can be forgotten. */
export function isIrrevocablyResolved(onchain: Onchain): boolean {
  const chain = followed(onchain);
  if (!chain || chain.close.kind === 'unknown' || !isDeep(onchain, chain.closedBy.height)) return false;
  return resolutions(onchain).every(({ isIrrevocable }) => isIrrevocable);
}

const isDeep = ({ height }: Onchain, since: number): boolean => height - since + 1 >= IRREVOCABLE_DEPTH;

function resolutionOf(onchain: Onchain, { close, closedBy }: Followed, each: FollowedOutput): Resolution {
  const { output, spentBy } = each;
  const by = (name: Resolution['by'], isIrrevocable: boolean): Resolution => ({
    output,
    by: name,
    isIrrevocable,
  });
  if (close.kind !== 'commitment' || !mustBeSpent(close, each))
    return by('commitment', isDeep(onchain, closedBy.height));
  if (spentBy) {
    return revealsOurs(close, each) ? by('preimage', true) : by('spend', isDeep(onchain, spentBy.height));
  }
  if ('htlc' in output && isOfferedToUs(close, each) && onchain.height >= output.htlc.cltv_expiry)
    return by('expiry', true);
  return by(undefined, false);
}

/** An HTLC that we offered was taken with the preimage: for us the matter is settled, whatever comes of the transaction. */
function revealsOurs(close: CommitmentClose, { output, spentBy }: FollowedOutput): boolean {
  if (!('htlc' in output) || !spentBy || close.status === 'revoked') return false;
  if ((output.htlc.offeredBy === 'owner') !== (close.owner === 'local')) return false;
  const input = spentBy.tx.inputs.find((candidate) => outpoint(candidate) === outpoint(output));
  return input !== undefined && revealedPreimage(input.witness, output.htlc.payment_hash) !== undefined;
}

const isOfferedToUs = ({ owner, status }: CommitmentClose, { output }: FollowedOutput): boolean =>
  status !== 'revoked' && 'htlc' in output && (output.htlc.offeredBy === 'owner') === (owner === 'remote');

/** The others are resolved by the commitment, or by the HTLC transaction, itself. */
function mustBeSpent({ owner, status }: CommitmentClose, { output }: FollowedOutput): boolean {
  switch (output.kind) {
    case 'to_local':
    case 'second_stage':
      return owner === 'local' || status === 'revoked';
    case 'offered_htlc':
    case 'received_htlc':
      return true;
    case 'to_remote':
    case 'to_local_anchor':
    case 'to_remote_anchor':
      return false;
  }
}
