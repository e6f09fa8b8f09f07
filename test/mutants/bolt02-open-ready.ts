import { CHANNEL_RULES } from '../../src/reference/rules/channels.ts';
import { channelRules, says, takes } from './bolt02/messages.ts';
import type { Mutant } from './mutant.ts';

/** Of bolt02/open-ready: when channel_ready is sent. */
export const mutants: readonly Mutant[] = [
  {
    name: 'ready-whatever-the-chain-holds',
    breaks: 'bolt02-channel-ready-01',
    kills: ['one satoshi less', 'one satoshi more', 'another script'].map(
      (entry) => `bolt02/open-ready#wrong-output[${entry}]`,
    ),
    change: channelRules({
      answers: (...context) => ({ ...CHANNEL_RULES.answers(...context), accept: { minimum_depth: 0 } }),
    }),
  },
  {
    name: 'ready-two-blocks-too-soon-as-accepter',
    breaks: 'bolt02-channel-ready-02',
    kills: ['bolt02/open-ready#depth-as-accepter'],
    change: says('accept_channel', (fields) => ({ ...fields, minimum_depth: fields.minimum_depth + 2 })),
  },
  {
    name: 'ready-too-soon-and-without-an-alias-as-opener',
    breaks: 'bolt02-channel-ready-12',
    kills: ['bolt02/open-ready#depth-as-opener'],
    change: (rules) =>
      says('channel_ready', (fields) => ({ ...fields, tlvs: {} }))(
        takes('accept_channel', (fields) => ({ ...fields, minimum_depth: 1 }))(rules),
      ),
  },
];
