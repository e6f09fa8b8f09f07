import { agreedClosing, owedClosingSigned } from '../state/close/closing-signed.ts';
import { owedShutdown } from '../state/close/shutdown.ts';
import { owedInSimpleClose } from '../state/close/simple-close.ts';
import { unsignedFor } from '../state/ledger.ts';
import { owed as owedOfCommitments } from '../state/owed.ts';
import { owed as owedOfOpening } from '../state/open/owed.ts';
import { owesStfu } from '../state/quiescence.ts';
import type { Message } from '../state/step.ts';
import { type Channel, closingTerms, isTalking, type LiveChannel, shutdownConditions } from './channel.ts';
import type { Command } from './perform.ts';
import { quiescenceConditions } from './quiescence.ts';

/** What BOLT 2 calls for from us now, in order. */
export type Owed = Exclude<Command['do'], 'update'>;

const OF_COMMITMENTS = { resend: 'resend', revoke: 'revoke_and_ack', commit: 'commitment_signed' } as const;

export function owed(channel: Channel): readonly Owed[] {
  if (channel.name === 'opening') return owedOfOpening(channel.opening);
  const { link, readying, fellBehind } = channel;
  const { unbroadcast } = readying;
  const broadcast = unbroadcast ? (['broadcast_funding'] as const) : [];
  if (!link.isUp) return broadcast;
  if (!link.reestablished.local) return ['channel_reestablish', ...broadcast];
  if (!link.reestablished.remote || fellBehind) return broadcast;
  return [
    ...(link.repeatsChannelReady.local ? (['channel_ready'] as const) : []),
    ...owedOfOpening(readying),
    ...owedOfCommitments(readying.commitments).map((name) => OF_COMMITMENTS[name]),
    ...(owesStfu(channel.quiescence, quiescenceConditions(channel)) ? (['stfu'] as const) : []),
    ...(owedShutdown(channel.shutdown, shutdownConditions(channel)) ? (['shutdown'] as const) : []),
    ...owedInClosing(channel),
  ];
}

function owedInClosing(live: LiveChannel): readonly Owed[] {
  const { closing } = live;
  if (!closing) return [];
  if (closing.name === 'closing_signed')
    return owedClosingSigned(closing, closingTerms(live)) ? ['closing_signed'] : [];
  return owedInSimpleClose(closing).map((requirement) =>
    requirement === 'bolt02-closing-complete-37' ? 'closing_sig' : 'closing_complete',
  );
}

/** What the peer has yet to send for what was begun to come to its end. Empty where all is done, or it is for us to go on. */
export function awaited(channel: Channel): readonly Message['name'][] {
  if (channel.name === 'opening') return awaitedInOpening(channel.opening.name);
  if (!channel.link.isUp) return [];
  if (!channel.link.reestablished.remote) return ['channel_reestablish'];
  if (!isTalking(channel)) return [];
  const { readying, shutdown, quiescence } = channel;
  const { ledger, unrevoked } = readying.commitments;
  const names: Message['name'][] = [];
  // One that is repeated is not waited for: the channel goes on without it.
  if (!readying.second_per_commitment_point && readying.depth >= readying.minimum_depth)
    names.push('channel_ready');
  if (unrevoked.remote) names.push('revoke_and_ack');
  if (!unrevoked.local && unsignedFor(ledger, 'local').length > 0) names.push('commitment_signed');
  const { local, remote } = quiescence.initiators;
  if (local !== undefined && remote === undefined) names.push('stfu');
  if (shutdown.isSent.local && !shutdown.isSent.remote) names.push('shutdown');
  return [...names, ...awaitedInClosing(channel)];
}

function awaitedInOpening(name: Extract<Channel, { name: 'opening' }>['opening']['name']): Message['name'][] {
  switch (name) {
    case 'awaits_open_channel':
      return ['open_channel'];
    case 'awaits_accept_channel':
      return ['accept_channel'];
    case 'awaits_funding_created':
      return ['funding_created'];
    case 'awaits_funding_signed':
      return ['funding_signed'];
    case 'awaits_funding':
    case 'has_open_channel':
    case 'has_funding_created':
      return [];
  }
}

function awaitedInClosing(live: LiveChannel): readonly Message['name'][] {
  const { closing } = live;
  if (!closing) return [];
  if (closing.name === 'closing_complete') return closing.offered.local ? ['closing_sig'] : [];
  const isDone = agreedClosing(closing) !== undefined;
  return isDone || owedClosingSigned(closing, closingTerms(live)) ? [] : ['closing_signed'];
}
