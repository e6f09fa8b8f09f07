import type { RequirementId } from '../../spec/requirement.ts';
import type { Fault, Message } from '../state/step.ts';
import type { LiveChannel } from './channel.ts';

/**
 * The sentence that a message breaks which has no place in a state. BOLT 2 tells the order of messages mostly by its drawings: where no
 * sentence says it, it is the one that says what the message is an answer to, or speaks for.
 */
const OUT_OF_PLACE: Partial<Readonly<Record<Message['name'], RequirementId>>> = {
  open_channel: 'bolt02-open-channel-02',
  accept_channel: 'bolt02-accept-channel-01',
  funding_created: 'bolt02-funding-created-01',
  funding_signed: 'bolt02-funding-signed-02',
  channel_ready: 'bolt02-channel-ready-01',
  shutdown: 'bolt02-shutdown-01',
  closing_signed: 'bolt02-closing-signed-01',
  closing_complete: 'bolt02-closing-complete-01',
  closing_sig: 'bolt02-closing-complete-39',
  channel_reestablish: 'bolt02-reestablish-09',
  commitment_signed: 'bolt02-commitment-signed-01',
  revoke_and_ack: 'bolt02-revoke-and-ack-01',
  update_add_htlc: 'bolt02-update-add-htlc-22',
  update_fee: 'bolt02-update-fee-02',
};

/** For a message that no sentence names at all. */
const ANY: RequirementId = 'bolt02-reestablish-10';

export const notNow = (name: Message['name'], where: string): Fault => ({
  requirement: OUT_OF_PLACE[name] ?? ANY,
  expected: `no ${name} in ${where}`,
  got: name,
});

/** On a new connection `channel_reestablish` goes first in both directions, and once (BOLT 2, Message Retransmission). */
export function inOrder({ link, readying }: LiveChannel, name: Message['name']): Fault | undefined {
  const { local, remote } = link.reestablished;
  if (name === 'channel_reestablish')
    return remote ? notNow(name, 'a connection over which it has been sent') : undefined;
  if (!local || !remote)
    return {
      requirement: local ? 'bolt02-reestablish-09' : 'bolt02-reestablish-10',
      expected: 'channel_reestablish of both sides first',
      got: name,
    };
  const isOfNormalOperation =
    name.startsWith('update_') || name === 'commitment_signed' || name === 'revoke_and_ack';
  return isOfNormalOperation && !readying.second_per_commitment_point
    ? notNow(name, 'a channel before channel_ready')
    : undefined;
}
