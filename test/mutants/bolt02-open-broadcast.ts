import { CHANNEL_RULES } from '../../src/reference/rules/channels.ts';
import { withHighS } from '../../suites/bolt02/_signatures.ts';
import { channelRules, says, takes } from './bolt02/messages.ts';
import type { Mutant } from './mutant.ts';

const isHighS = (signature: Uint8Array): boolean => (signature[32] ?? 0) >= 0x80;

/** Of bolt02/open-broadcast: what an opener signs, and when it broadcasts. */
export const mutants: readonly Mutant[] = [
  {
    name: 'funding-signed-with-a-high-s-taken',
    breaks: 'bolt02-funding-signed-04',
    kills: ['bolt02/open-broadcast#wrong-signature[high S]'],
    change: takes('funding_signed', (fields) =>
      isHighS(fields.signature) ? { ...fields, signature: withHighS(fields.signature) } : fields,
    ),
  },
  {
    name: 'funding-signed-with-a-wrong-signature-only-warned-of',
    breaks: 'bolt02-funding-signed-04',
    kills: ['a bit of R', 'a bit of S', 'R and S exchanged'].map(
      (entry) => `bolt02/open-broadcast#wrong-signature[${entry}]`,
    ),
    change: channelRules({
      reaction: (fault, message, channel, situation) =>
        message.name === 'funding_signed'
          ? 'warn'
          : CHANNEL_RULES.reaction(fault, message, channel, situation),
    }),
  },
  {
    name: 'funding-broadcast-before-it-is-signed',
    breaks: 'bolt02-funding-signed-05',
    kills: ['bolt02/open-broadcast#held-back', 'bolt02/open-broadcast#wrong-signature[zeros]'],
    change: channelRules({
      broadcasts: (transactions, command) =>
        command.do === 'funding_created' ? [command.transaction] : transactions,
    }),
  },
  {
    name: 'funding-created-with-a-wrong-signature',
    breaks: 'bolt02-funding-created-05',
    kills: ['bolt02/open-broadcast#held-back'],
    change: says('funding_created', (fields) => ({ ...fields, signature: withHighS(fields.signature) })),
  },
];
