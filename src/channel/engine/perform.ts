import type { Transaction } from '../../bitcoin/transaction.ts';
import { BoltgridError } from '../../core/error.ts';
import { type ClosingProposal, sendClosingSigned } from '../state/close/closing-signed.ts';
import { sendShutdown } from '../state/close/shutdown.ts';
import { type OwnClosing, sendClosingComplete, sendClosingSig } from '../state/close/simple-close.ts';
import { commit } from '../state/commit.ts';
import { acceptChannel, signFunding } from '../state/open/accepter.ts';
import type { AccepterChoices } from '../state/open/defaults.ts';
import { createFunding } from '../state/open/opener.ts';
import { broadcastFunding, sendChannelReady } from '../state/open/ready.ts';
import type { OpeningState } from '../state/open/states.ts';
import { quiescenceFaults, sendStfu } from '../state/quiescence.ts';
import { reestablish, resend } from '../state/reestablish.ts';
import { revoke } from '../state/revoke.ts';
import { assertRight } from '../state/right.ts';
import type { Performed } from '../state/step.ts';
import type { Commitments } from '../state/commitments.ts';
import { type NewUpdate, offerUpdate } from '../state/updates.ts';
import {
  type Channel,
  closingTerms,
  type LiveChannel,
  opened,
  readyWasSentBy,
  shutdownConditions,
  shutdownTerms,
  withCommitments,
} from './channel.ts';
import { progressed } from './progress.ts';
import { quiescenceConditions } from './quiescence.ts';

/** Something that we do on a channel, by the message that it sends where it sends one. */
export type Command =
  | { readonly do: 'accept_channel'; readonly choices?: Partial<AccepterChoices> }
  /** For a transaction that pays the `fundingOutput` of the state. */
  | { readonly do: 'funding_created'; readonly transaction: Transaction }
  | { readonly do: 'funding_signed' }
  | { readonly do: 'broadcast_funding' }
  | { readonly do: 'channel_ready'; readonly alias?: string }
  /** `anyway`: whether BOLT 2 allows it or not. */
  | { readonly do: 'update'; readonly update: NewUpdate; readonly anyway?: boolean }
  | { readonly do: 'commitment_signed' }
  | { readonly do: 'revoke_and_ack' }
  | { readonly do: 'channel_reestablish' }
  /** What the peer's `channel_reestablish` asked for. */
  | { readonly do: 'resend' }
  /** Asks for quiescence, or agrees to it. */
  | { readonly do: 'stfu' }
  | { readonly do: 'shutdown'; readonly scriptpubkey: Uint8Array }
  | { readonly do: 'closing_signed'; readonly proposal: ClosingProposal }
  | { readonly do: 'closing_complete'; readonly closing: OwnClosing }
  /** `isUneconomical`: our own output is not worth its cost. */
  | { readonly do: 'closing_sig'; readonly isUneconomical?: boolean };

/** Does what is right now. Throws `channel.wrong-state` (harness) for a command that has no place here, and what the steps throw. */
export function perform(channel: Channel, command: Command): Performed<Channel> {
  if (channel.name === 'live') {
    const { state, send, broadcast } = performLive(channel, command);
    return { state: progressed(state), send, broadcast };
  }
  const { opening, negotiation } = channel;
  const did = ({ state, ...rest }: Performed<OpeningState>): Performed<Channel> => ({
    ...rest,
    state: opened(negotiation, state),
  });
  if (command.do === 'accept_channel' && opening.name === 'has_open_channel')
    return did(acceptChannel(opening, command.choices));
  if (command.do === 'funding_created' && opening.name === 'awaits_funding')
    return did(createFunding(opening, command.transaction));
  if (command.do === 'funding_signed' && opening.name === 'has_funding_created')
    return did(signFunding(opening));
  throw wrongState(command, opening.name);
}

function performLive(live: LiveChannel, command: Command): Performed<LiveChannel> {
  const { readying, shutdown, closing } = live;
  const { commitments } = readying;
  const did = ({ state, ...rest }: Performed<Commitments>): Performed<LiveChannel> => ({
    ...rest,
    state: withCommitments(live, state),
  });
  switch (command.do) {
    case 'broadcast_funding': {
      const { state, ...rest } = broadcastFunding(readying);
      return { ...rest, state: { ...live, readying: state } };
    }
    case 'channel_ready': {
      const { state, ...rest } = sendChannelReady(readying, command.alias);
      return { ...rest, state: { ...readyWasSentBy('local', live), readying: state } };
    }
    case 'update':
      if (!command.anyway)
        assertRight(command.update.name, quiescenceFaults(live.quiescence, 'local', command.update.name));
      return did(offerUpdate(commitments, command.update, command.anyway));
    case 'commitment_signed':
      return did(commit(commitments));
    case 'revoke_and_ack':
      return did(revoke(commitments));
    case 'resend':
      return did(resend(commitments));
    case 'stfu': {
      const { state, ...rest } = sendStfu(live.quiescence, quiescenceConditions(live));
      return { ...rest, state: { ...live, quiescence: state } };
    }
    case 'channel_reestablish': {
      const { link } = live;
      const reestablished = { ...link.reestablished, local: true };
      return {
        state: { ...live, link: { ...link, reestablished } },
        send: [reestablish(commitments)],
        broadcast: [],
      };
    }
    case 'shutdown': {
      const { state, ...rest } = sendShutdown(
        shutdown,
        shutdownTerms(live),
        shutdownConditions(live),
        command.scriptpubkey,
      );
      return { ...rest, state: { ...live, shutdown: state } };
    }
    case 'closing_signed': {
      if (closing?.name !== 'closing_signed') break;
      const { state, ...rest } = sendClosingSigned(closing, closingTerms(live), command.proposal);
      return { ...rest, state: { ...live, closing: state } };
    }
    case 'closing_complete': {
      if (closing?.name !== 'closing_complete') break;
      const { state, ...rest } = sendClosingComplete(closing, closingTerms(live), command.closing);
      return { ...rest, state: { ...live, closing: state } };
    }
    case 'closing_sig': {
      if (closing?.name !== 'closing_complete') break;
      const { state, ...rest } = sendClosingSig(closing, closingTerms(live), command.isUneconomical);
      return { ...rest, state: { ...live, closing: state } };
    }
    case 'accept_channel':
    case 'funding_created':
    case 'funding_signed':
      break;
  }
  throw wrongState(command, readying.name);
}

const wrongState = ({ do: what }: Command, where: string): BoltgridError =>
  new BoltgridError('channel.wrong-state', 'harness', `${what} has no place in ${where}`, {
    hint: 'Look at `owed` and at the state first.',
  });
