import type { Transaction } from '../../bitcoin/transaction.ts';
import type { LiveChannel } from '../../channel/engine/channel.ts';
import { commitmentOf } from '../../channel/state/commitments.ts';
import { completeCommitment, signCommitment } from '../../channel/transactions/signatures.ts';

/** Our latest commitment, with both signatures; `undefined` without the remote's. */
export function localCommitment({ readying: { commitments } }: LiveChannel): Transaction | undefined {
  const [live] = commitments.fundings;
  if (!live.remoteSignatures) return undefined;
  const commitment = commitmentOf(commitments, 'local', 'latest', live);
  const owner = signCommitment(commitment, live.local_funding_privkey);
  return completeCommitment(commitment, { owner, other: live.remoteSignatures.signature });
}
