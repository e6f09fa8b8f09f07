import type { Mutant } from './mutant.ts';
import { channelRules, leavesOut, tolerates } from './bolt02/messages.ts';

const completeTolerated = tolerates(({ name }) => name === 'closing_complete');
const sigLeftOut = leavesOut(({ do: what }) => what === 'closing_sig');
const notBroadcast = channelRules({ broadcastsClosing: () => false });

export const mutants: readonly Mutant[] = [
  {
    name: 'simple-close-is-not-signed',
    breaks: 'bolt02-closing-complete-37',
    kills: ['bolt02/simple-close#signs', 'bolt02/simple-close#again'],
    change: sigLeftOut,
  },
  {
    name: 'simple-close-with-op-return-is-not-signed',
    breaks: 'bolt02-closing-complete-27',
    kills: ['bolt02/simple-close#op-return'],
    change: sigLeftOut,
  },
  {
    name: 'simple-close-of-the-peer-is-not-broadcast',
    breaks: 'bolt02-closing-complete-36',
    kills: ['bolt02/simple-close#signs'],
    change: notBroadcast,
  },
  ...(
    [
      ['wrong-signature', '34'],
      ['high-s', '35'],
      ['unaffordable', '20'],
      ['unusable', '33'],
    ] as const
  ).map(([slug, nn]): Mutant => ({
    name: `simple-close-lets-pass-${slug}`,
    breaks: `bolt02-closing-complete-${nn}`,
    kills: [`bolt02/simple-close#${slug}`],
    change: completeTolerated,
  })),
];
