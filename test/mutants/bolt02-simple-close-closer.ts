import type { Mutant } from './mutant.ts';
import { channelRules, leavesOut, tolerates } from './bolt02/messages.ts';

const sigTolerated = tolerates(({ name }) => name === 'closing_sig');
const notBroadcast = channelRules({ broadcastsClosing: () => false });

export const mutants: readonly Mutant[] = [
  {
    name: 'simple-close-of-its-own-is-not-broadcast',
    breaks: 'bolt02-closing-complete-44',
    kills: ['bolt02/simple-close-closer#completes'],
    change: notBroadcast,
  },
  {
    name: 'simple-close-of-its-own-is-left-to-the-peer',
    breaks: 'bolt02-closing-complete-01',
    kills: ['bolt02/simple-close-closer#completes'],
    change: leavesOut(({ do: what }) => what === 'closing_complete'),
  },
  ...(
    [
      ['not-the-same', '39'],
      ['not-one', '40'],
      ['not-proposed', '41'],
      ['wrong-signature', '42'],
      ['high-s', '43'],
    ] as const
  ).map(([slug, nn]): Mutant => ({
    name: `simple-close-signature-lets-pass-${slug}`,
    breaks: `bolt02-closing-complete-${nn}`,
    kills: [`bolt02/simple-close-closer#${slug}`],
    change: sigTolerated,
  })),
];
