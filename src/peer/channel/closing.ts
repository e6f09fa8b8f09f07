import type { Transaction } from '../../bitcoin/transaction.ts';
import { localCommitmentTransaction } from '../../channel/onchain/unilateral.ts';
import type { Commitments } from '../../channel/state/commitments.ts';
import type { Message } from '../../channel/state/step.ts';
import { BoltgridError } from '../../core/error.ts';
import { p2wpkh } from '../../bitcoin/output.ts';
import { defaultCrypto } from '../../crypto/crypto.ts';
import type { ScriptedChannel } from './scripted-channel.ts';
import type { Changes } from './types.ts';

export async function close(
  channel: ScriptedChannel,
  {
    scriptpubkey = p2wpkh(defaultCrypto.curve.publicKey(channel.talk.key)),
    changes,
  }: { readonly scriptpubkey?: Uint8Array; readonly changes?: Changes } = {},
): Promise<Transaction> {
  if (!channel.live.shutdown.isSent.local) await channel.do({ do: 'shutdown', scriptpubkey }, changes);
  await channel.settle(changes && { changes });
  const [agreed] = channel.live.closings;
  if (!agreed)
    throw new BoltgridError('channel.invariant', 'harness', 'the negotiation ended without a closing');
  await channel.talk.links.chain?.broadcast(agreed);
  return agreed;
}

export async function reestablish(
  channel: ScriptedChannel,
  changes?: Changes,
): Promise<Extract<Message, { name: 'channel_reestablish' }>['fields']> {
  await channel.do({ do: 'channel_reestablish' }, changes);
  const fields = await channel.expect('channel_reestablish');
  await channel.settle();
  return fields;
}

export const ownCommitment = (
  channel: ScriptedChannel,
  commitments: Commitments = channel.commitments,
): Transaction => localCommitmentTransaction(commitments, commitments.fundings[0]);
