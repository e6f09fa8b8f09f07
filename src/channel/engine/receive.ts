import type { Bolts } from '../../wire/bolts.ts';
import type { MessageFields } from '../../wire/types.ts';
import { receiveClosingSigned } from '../state/close/closing-signed.ts';
import { prematureFault, receiveShutdown, updateFaults } from '../state/close/shutdown.ts';
import { receiveClosingComplete, receiveClosingSig } from '../state/close/simple-close.ts';
import { receiveCommitmentSigned } from '../state/commitment-signed.ts';
import { receiveFundingCreated, receiveOpenChannel } from '../state/open/accepter.ts';
import { receiveAcceptChannel, receiveFundingSigned } from '../state/open/opener.ts';
import { receiveChannelReady } from '../state/open/ready.ts';
import type { OpeningState } from '../state/open/states.ts';
import { quiescenceFaults, receiveStfu } from '../state/quiescence.ts';
import { receiveReestablish } from '../state/reestablish.ts';
import { receiveRevokeAndAck } from '../state/revoke.ts';
import type { Fault, Message, Received } from '../state/step.ts';
import type { Update } from '../state/update.ts';
import { receiveUpdate } from '../state/updates.ts';
import {
  type Channel,
  type Closing,
  closingTerms,
  type LiveChannel,
  opened,
  readyWasSentBy,
  type OpeningChannel,
  shutdownConditions,
  shutdownTerms,
  withCommitments,
} from './channel.ts';
import { inOrder, notNow } from './order.ts';
import { progressed } from './progress.ts';
import { quiescenceConditions } from './quiescence.ts';

type Fields<N extends Message['name']> = MessageFields<Bolts, N>;

/** What came from the peer and is about this channel. A message that has no place here is a fault, and changes nothing. */
export function receive(channel: Channel, message: Message): Received<Channel> {
  if (channel.name === 'opening') return receiveOpening(channel, message);
  const early = inOrder(channel, message.name);
  if (early) return { state: channel, faults: [early] };
  const { state, faults } = receiveLive(channel, message);
  return { state: faults.length > 0 ? channel : progressed(state), faults };
}

function receiveOpening(channel: OpeningChannel, { name, fields }: Message): Received<Channel> {
  const { opening, negotiation } = channel;
  const came = (received: Received<OpeningState>): Received<Channel> => ({
    state: received.faults.length > 0 ? channel : opened(negotiation, received.state),
    faults: received.faults,
  });
  if (name === 'open_channel' && opening.name === 'awaits_open_channel')
    return came(receiveOpenChannel(opening, fields));
  if (name === 'accept_channel' && opening.name === 'awaits_accept_channel')
    return came(receiveAcceptChannel(opening, fields));
  if (name === 'funding_created' && opening.name === 'awaits_funding_created')
    return came(receiveFundingCreated(opening, fields));
  if (name === 'funding_signed' && opening.name === 'awaits_funding_signed')
    return came(receiveFundingSigned(opening, fields));
  return { state: channel, faults: [notNow(name, opening.name)] };
}

function receiveLive(live: LiveChannel, message: Message): Received<LiveChannel> {
  const { commitments } = live.readying;
  switch (message.name) {
    case 'channel_ready':
      return readyCame(live, message.fields);
    case 'update_add_htlc':
    case 'update_fulfill_htlc':
    case 'update_fail_htlc':
    case 'update_fail_malformed_htlc':
    case 'update_fee':
      return updateCame(live, message);
    case 'commitment_signed': {
      const { state, faults } = receiveCommitmentSigned(commitments, [message.fields]);
      return { state: withCommitments(live, state), faults };
    }
    case 'revoke_and_ack': {
      const { state, faults } = receiveRevokeAndAck(commitments, message.fields);
      return { state: withCommitments(live, state), faults };
    }
    case 'stfu': {
      const conditions = quiescenceConditions(live);
      const { state, faults } = receiveStfu(live.quiescence, conditions, message.fields);
      return { state: { ...live, quiescence: state }, faults };
    }
    case 'channel_reestablish':
      return reestablishCame(live, message.fields);
    case 'shutdown': {
      const { shutdown } = live;
      const { state, faults } = receiveShutdown(
        shutdown,
        shutdownTerms(live),
        shutdownConditions(live),
        message.fields,
      );
      return { state: { ...live, shutdown: state }, faults };
    }
    case 'closing_signed':
    case 'closing_complete':
    case 'closing_sig':
      return closingCame(live, message);
    default:
      return { state: live, faults: [notNow(message.name, live.readying.name)] };
  }
}

function readyCame(live: LiveChannel, fields: Fields<'channel_ready'>): Received<LiveChannel> {
  const { state, faults } = receiveChannelReady(live.readying, fields);
  return { state: { ...readyWasSentBy('remote', live), readying: state }, faults };
}

function updateCame(live: LiveChannel, update: Update): Received<LiveChannel> {
  const { shutdown, closing, readying, quiescence } = live;
  const faults = [
    ...quiescenceFaults(quiescence, 'remote', update.name),
    ...updateFaults(shutdown, 'remote', update.name, hasNegotiated(closing)),
  ];
  if (faults.length > 0) return { state: live, faults };
  const received = receiveUpdate(readying.commitments, update);
  return { state: withCommitments(live, received.state), faults: received.faults };
}

function reestablishCame(live: LiveChannel, fields: Fields<'channel_reestablish'>): Received<LiveChannel> {
  const { state, faults, fellBehind, repeatsChannelReady } = receiveReestablish(
    live.readying.commitments,
    fields,
  );
  const { reestablished } = live.link;
  return {
    state: {
      ...withCommitments(live, state),
      fellBehind,
      link: {
        isUp: true,
        reestablished: { ...reestablished, remote: true },
        // Only what was sent before can go again.
        repeatsChannelReady: {
          local: repeatsChannelReady && live.readying.isSent,
          remote: repeatsChannelReady && live.readying.second_per_commitment_point !== undefined,
        },
      },
    },
    faults,
  };
}

type ClosingMessage = Extract<Message, { name: 'closing_signed' | 'closing_complete' | 'closing_sig' }>;

function closingCame(live: LiveChannel, message: ClosingMessage): Received<LiveChannel> {
  const { closing, shutdown } = live;
  const terms = closingTerms(live);
  const came = ({ state, faults }: Received<Closing>): Received<LiveChannel> => ({
    state: { ...live, closing: state },
    faults,
  });
  if (closing?.name === 'closing_signed' && message.name === 'closing_signed')
    return came(receiveClosingSigned(closing, terms, message.fields));
  if (closing?.name === 'closing_complete' && message.name === 'closing_complete')
    return came(receiveClosingComplete(closing, terms, message.fields));
  if (closing?.name === 'closing_complete' && message.name === 'closing_sig')
    return came(receiveClosingSig(closing, terms, message.fields));
  const fault: Fault = closing
    ? notNow(message.name, `the negotiation by ${closing.name}`)
    : prematureFault(shutdown, message.name === 'closing_signed' ? 'closing_signed' : 'closing_complete');
  return { state: live, faults: [fault] };
}

/** Whether the peer has sent a message of the negotiation, and so knows that no HTLC is left. */
function hasNegotiated(closing: Closing | undefined): boolean {
  if (!closing) return false;
  return closing.name === 'closing_signed'
    ? closing.proposals.remote !== undefined
    : closing.offered.remote !== undefined || closing.closings.length > 0;
}
