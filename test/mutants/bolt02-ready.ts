import { CHANNEL_RULES } from '../../src/reference/rules/channels.ts';
import { channelRules, isLive, leavesOut, says, tolerates } from './bolt02/messages.ts';
import type { Mutant } from './mutant.ts';

const SUITE = 'bolt02/ready';

/** Of bolt02/ready: channel_ready and its aliases. */
export const mutants: readonly Mutant[] = [
  {
    name: 'fees-before-channel-ready-of-the-peer',
    breaks: 'bolt02-channel-ready-03',
    kills: [`${SUITE}#held-back[as soon as it can be]`, `${SUITE}#held-back[six blocks late]`],
    change: channelRules({
      outgoing: (messages, channel) =>
        messages.flatMap((message) =>
          message.name === 'channel_ready' && isLive(channel)
            ? [
                message,
                {
                  name: 'update_fee',
                  fields: { channel_id: message.fields.channel_id, feerate_per_kw: 300 },
                } as const,
              ]
            : [message],
        ),
    }),
  },
  {
    name: 'early-channel-ready-forgotten',
    breaks: 'bolt02-channel-ready-03',
    kills: [`${SUITE}#early`],
    change: leavesOut(
      (command, channel) =>
        command.do === 'revoke_and_ack' && isLive(channel) && channel.readying.aliases.remote.length > 0,
    ),
  },
  {
    name: 'repeated-channel-ready-refused',
    breaks: 'bolt02-channel-ready-03',
    kills: [`${SUITE}#repeated[once]`, `${SUITE}#repeated[with other aliases]`],
    change: channelRules({
      judge: (faults, message, channel, situation) =>
        message.name === 'channel_ready' && isLive(channel) && channel.readying.name === 'open'
          ? [
              ...faults,
              { requirement: 'bolt02-channel-ready-01', expected: 'no other', got: 'channel_ready' },
            ]
          : CHANNEL_RULES.judge(faults, message, channel, situation),
    }),
  },
  {
    name: 'one-alias-for-all-peers',
    breaks: 'bolt02-channel-ready-08',
    kills: [`${SUITE}#own-aliases`],
    change: says('channel_ready', (fields) => ({
      ...fields,
      tlvs: { short_channel_id: { alias: '15999999x1x1' } },
    })),
  },
  {
    name: 'no-alias-though-negotiated',
    breaks: 'bolt02-channel-ready-04',
    kills: [`${SUITE}#own-aliases`],
    change: says('channel_ready', (fields) => ({ ...fields, tlvs: {} })),
  },
  {
    name: 'depth-of-zeroconf-not-zero',
    breaks: 'bolt02-accept-channel-02',
    kills: [`${SUITE}#zeroconf[alone]`, `${SUITE}#zeroconf[with scid_alias]`],
    change: says('accept_channel', (fields) => ({ ...fields, minimum_depth: 3 })),
  },
  {
    name: 'silent-on-zeroconf',
    breaks: 'bolt02-open-channel-47',
    kills: [`${SUITE}#zeroconf`],
    change: (rules) =>
      tolerates(({ name }) => name === 'open_channel')(
        leavesOut((command) => command.do === 'accept_channel')(rules),
      ),
  },
];
