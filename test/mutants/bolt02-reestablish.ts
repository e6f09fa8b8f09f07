import { equalBytes, toHex } from '../../src/core/bytes.ts';
import type { Channel } from '../../src/channel/engine/channel.ts';
import type { Message } from '../../src/channel/state/step.ts';
import type { Rules } from '../../src/reference/rules.ts';
import type { Mutant } from './mutant.ts';
import { channelReady, channelRules, isLive, leavesOut, says, tolerates } from './bolt02/messages.ts';

type Greeting = Message<'channel_reestablish'>['fields'];

const ALL = ['bolt02/reestablish#fresh-channel', 'bolt02/reestablish#used-channel'];

/** The message goes along with the greeting. */
const withGreeting = (messageOf: (channel: Channel) => readonly Message[]) =>
  channelRules({
    outgoing: (messages, channel) =>
      messages.flatMap((message) =>
        message.name === 'channel_reestablish' ? [message, ...messageOf(channel)] : [message],
      ),
  });

const repeatedReady = (channel: Channel): readonly Message[] =>
  isLive(channel) ? [channelReady(channel)] : [];

/** A greeting that does not fit is let pass. */
const greetingTolerated = (isIt: (greeting: Greeting, channel: Channel) => boolean) =>
  tolerates((message, channel) => message.name === 'channel_reestablish' && isIt(message.fields, channel));

/** An id of an HTLC that came once may not come again, whatever became of it. */
function remembersUncommitted(rules: Rules): Rules {
  const seen = new Set<string>();
  return channelRules({
    judge: (faults, message) => {
      if (message.name !== 'update_add_htlc') return faults;
      const { channel_id, id } = message.fields;
      const key = `${toHex(channel_id)} ${id}`;
      if (!seen.has(key)) {
        seen.add(key);
        return faults;
      }
      return [{ requirement: 'bolt02-update-add-htlc-11', expected: 'another id', got: id }];
    },
  })(rules);
}

const isResend = (messages: readonly (Message | Uint8Array)[]): boolean =>
  ['revoke_and_ack', 'commitment_signed'].every((name) =>
    messages.some((message) => !(message instanceof Uint8Array) && message.name === name),
  );

export const mutants: readonly Mutant[] = [
  {
    name: 'reestablish-without-channel-ready',
    breaks: 'bolt02-reestablish-27',
    kills: ['bolt02/reestablish#fresh-channel'],
    change: leavesOut(
      ({ do: what }, channel) =>
        what === 'channel_ready' && isLive(channel) && channel.link.repeatsChannelReady.local,
    ),
  },
  {
    name: 'reestablish-commitment-number-one-too-high',
    breaks: 'bolt02-reestablish-11',
    kills: [...ALL, 'bolt02/reestablish-lost#our-commitment'],
    change: says('channel_reestablish', (fields) => ({
      ...fields,
      next_commitment_number: fields.next_commitment_number + 1n,
    })),
  },
  {
    name: 'reestablish-revocation-number-one-too-high',
    breaks: 'bolt02-reestablish-12',
    kills: ALL,
    change: says('channel_reestablish', (fields) => ({
      ...fields,
      next_revocation_number: fields.next_revocation_number + 1n,
    })),
  },
  {
    name: 'reestablish-revocation-number-two-too-high',
    breaks: 'bolt02-reestablish-12',
    kills: ['bolt02/reestablish-lost#our-revocation'],
    change: says('channel_reestablish', (fields) => ({
      ...fields,
      next_revocation_number: fields.next_revocation_number + 2n,
    })),
  },
  {
    name: 'reestablish-secret-where-there-is-none',
    breaks: 'bolt02-reestablish-14',
    kills: ['bolt02/reestablish#fresh-channel'],
    change: says('channel_reestablish', (fields) =>
      fields.next_revocation_number === 0n
        ? { ...fields, your_last_per_commitment_secret: new Uint8Array(32).fill(1) }
        : fields,
    ),
  },
  {
    name: 'reestablish-without-a-secret',
    breaks: 'bolt02-reestablish-15',
    kills: ['bolt02/reestablish#used-channel'],
    change: says('channel_reestablish', (fields) => ({
      ...fields,
      your_last_per_commitment_secret: new Uint8Array(32),
    })),
  },
  {
    name: 'reestablish-repeats-channel-ready-always',
    breaks: 'bolt02-reestablish-28',
    kills: ['bolt02/reestablish#used-channel'],
    change: withGreeting((channel) =>
      isLive(channel) && channel.readying.commitments.numbers.local > 0n ? [channelReady(channel)] : [],
    ),
  },
  {
    name: 'reestablish-waits-to-be-greeted',
    breaks: 'bolt02-reestablish-09',
    kills: ['bolt02/reestablish#greets-first'],
    change: leavesOut(
      ({ do: what }, channel) =>
        what === 'channel_reestablish' && isLive(channel) && !channel.link.reestablished.remote,
    ),
  },
  {
    name: 'reestablish-goes-on-before-it-is-greeted',
    breaks: 'bolt02-reestablish-10',
    kills: ['bolt02/reestablish#greets-first'],
    change: withGreeting(repeatedReady),
  },
  {
    name: 'reestablish-never',
    breaks: 'bolt02-reestablish-05',
    kills: [
      'bolt02/reestablish#goes-on',
      'bolt02/reestablish-restart#restarted',
      'bolt02/reestablish-restart#restarted-with-htlc',
    ],
    change: leavesOut(({ do: what }) => what === 'channel_reestablish'),
  },
  {
    name: 'reestablish-demands-the-point',
    breaks: 'bolt02-reestablish-36',
    kills: ['bolt02/reestablish#another-point'],
    change: channelRules({
      judge: (faults, message, channel) => {
        if (message.name !== 'channel_reestablish' || !isLive(channel)) return faults;
        const { current } = channel.readying.commitments.remotePoints;
        const got = message.fields.my_current_per_commitment_point;
        if (equalBytes(got, current)) return faults;
        return [...faults, { requirement: 'bolt02-reestablish-13', expected: current, got }];
      },
    }),
  },
  {
    name: 'reestablish-remembers-uncommitted-updates',
    breaks: 'bolt02-reestablish-06',
    kills: ['bolt02/reestablish-lost#our-update-uncommitted'],
    change: remembersUncommitted,
  },
  {
    name: 'reestablish-forgets-its-revocation',
    breaks: 'bolt02-reestablish-32',
    kills: ['bolt02/reestablish-lost#its-revocation'],
    change: channelRules({
      outgoing: (messages) =>
        isResend(messages) ? messages.filter(({ name }) => name !== 'revoke_and_ack') : messages,
    }),
  },
  {
    name: 'reestablish-signs-before-it-revokes',
    breaks: 'bolt02-reestablish-33',
    kills: ['bolt02/reestablish-lost#its-revocation'],
    change: channelRules({
      outgoing: (messages) => (isResend(messages) ? messages.toReversed() : messages),
    }),
  },
  {
    name: 'reestablish-repeats-nothing',
    breaks: 'bolt02-reestablish-30',
    kills: ['bolt02/reestablish-lost#its-fulfillment'],
    change: leavesOut(({ do: what }) => what === 'resend'),
  },
  {
    name: 'reestablish-without-shutdown',
    breaks: 'bolt02-reestablish-49',
    kills: ['bolt02/reestablish-lost#shutdown'],
    change: leavesOut(
      ({ do: what }, channel) =>
        what === 'shutdown' && isLive(channel) && channel.shutdown.scriptpubkeys.local !== undefined,
    ),
  },
  {
    name: 'reestablish-zero-is-let-pass',
    breaks: 'bolt02-reestablish-26',
    kills: ['bolt02/reestablish-wrong#next-commitment-zero'],
    change: greetingTolerated(({ next_commitment_number }) => next_commitment_number === 0n),
  },
  {
    name: 'reestablish-zero-without-a-broadcast',
    breaks: 'bolt02-reestablish-26',
    kills: ['bolt02/reestablish-wrong#next-commitment-zero'],
    change: channelRules({ broadcastsCommitment: () => false }),
  },
  {
    name: 'reestablish-wrong-commitment-number-is-let-pass',
    breaks: 'bolt02-reestablish-31',
    kills: ['bolt02/reestablish-wrong#next-commitment-number'],
    change: greetingTolerated(({ next_commitment_number }) => next_commitment_number !== 0n),
  },
  {
    name: 'reestablish-wrong-revocation-number-is-let-pass',
    breaks: 'bolt02-reestablish-34',
    kills: ['bolt02/reestablish-wrong#next-revocation-number'],
    change: greetingTolerated(() => true),
  },
  {
    name: 'reestablish-unknown-revocation-is-let-pass',
    breaks: 'bolt02-reestablish-35',
    kills: ['bolt02/reestablish-wrong#never-revoked'],
    change: greetingTolerated(({ next_revocation_number }) => next_revocation_number === 1n),
  },
  {
    name: 'reestablish-wrong-secret-is-let-pass',
    breaks: 'bolt02-reestablish-39',
    kills: ['bolt02/reestablish-wrong#wrong-secret'],
    change: greetingTolerated(({ next_revocation_number }) => next_revocation_number > 0n),
  },
  {
    name: 'reestablish-broadcasts-an-old-state',
    breaks: 'bolt02-reestablish-37',
    kills: ['bolt02/reestablish-restart#old-state'],
    change: channelRules({ broadcastsCommitment: isLive }),
  },
  {
    name: 'reestablish-silent-with-an-old-state',
    breaks: 'bolt02-reestablish-38',
    kills: ['bolt02/reestablish-restart#old-state'],
    change: channelRules({ asksToFail: () => false }),
  },
  {
    name: 'reestablish-silent-about-a-failed-channel',
    breaks: 'bolt02-reestablish-08',
    kills: ['bolt02/reestablish-wrong#after-a-failure'],
    change: channelRules({ ofFailed: () => [] }),
  },
];
