import { equalBytes } from '../../src/core/bytes.ts';
import { isBoltgridError } from '../../src/core/error.ts';
import type { Rules } from '../../src/reference/rules.ts';
import { INIT_RULES } from '../../src/reference/rules/init.ts';
import { MESSAGE_RULES } from '../../src/reference/rules/messages.ts';
import { IGNORE } from '../../src/reference/situation.ts';
import { shortPongsAfter } from './bolt01/aftermath.ts';
import { forgivingInit, pathOf, refusingMessages } from './bolt01/lenient.ts';
import { changed, type Mutant } from './mutant.ts';

const DNS = 5;

/** Serves a peer on another chain, and badly. */
const confusedByChains = shortPongsAfter((strike) =>
  changed('init', {
    networks: (chains, situation) => {
      if (INIT_RULES.networks(chains, situation) === 'refuse') strike();
      return 'accept';
    },
  }),
);

/** Waits for the rest of a message that is too short. */
const waitingForMore: (rules: Rules) => Rules = changed('messages', {
  malformed: (error, message, situation) =>
    isBoltgridError(error) && error.code === 'wire.truncated' && !pathOf(error).includes('tlvs')
      ? IGNORE
      : MESSAGE_RULES.malformed(error, message, situation),
});

export const mutants: readonly Mutant[] = [
  {
    name: 'reads-one-network',
    breaks: 'bolt01-tlv-11',
    kills: ['bolt01/init-received#networks'],
    change: changed('init', {
      networks: ([first] = [], { node }) =>
        first && !equalBytes(first, node.chainHash) ? 'refuse' : 'accept',
    }),
  },
  {
    name: 'confused-by-another-chain',
    breaks: 'bolt01-ping-08',
    kills: ['bolt01/init-received#other-networks'],
    change: confusedByChains,
  },
  {
    name: 'reads-no-hostname',
    breaks: 'bolt01-tlv-11',
    kills: ['bolt01/init-received#remote-address'],
    change: refusingMessages(
      (message) => message.name === 'init' && message.fields.tlvs.remote_addr?.data[0] === DNS,
    ),
  },
  {
    name: 'refuses-odd-records-in-init',
    breaks: 'bolt01-tlv-15',
    kills: ['bolt01/init-received#odd-records'],
    change: refusingMessages(
      (message) => message.name === 'init' && message.fields.tlvs.unknown !== undefined,
    ),
  },
  {
    name: 'accepts-even-records-in-init',
    breaks: 'bolt01-tlv-14',
    kills: ['bolt01/init-received#even-record'],
    change: forgivingInit('wire.unknown-even-tlv'),
  },
  {
    name: 'accepts-records-of-init-in-any-order',
    breaks: 'bolt01-tlv-09',
    kills: ['bolt01/init-received#record-order'],
    change: forgivingInit('wire.tlv-order'),
  },
  {
    name: 'accepts-long-integers-in-records-of-init',
    breaks: 'bolt01-tlv-08',
    kills: ['bolt01/init-received#record-not-minimal'],
    change: forgivingInit('wire.non-minimal'),
  },
  {
    name: 'accepts-cut-records-in-init',
    breaks: 'bolt01-tlv-10',
    kills: ['bolt01/init-received#record-past-the-end'],
    change: forgivingInit('wire.truncated'),
  },
  {
    name: 'accepts-parts-of-chains',
    breaks: 'bolt01-tlv-12',
    kills: ['bolt01/init-received#networks-length'],
    change: forgivingInit('wire.tlv-length', 'networks'),
  },
  {
    name: 'waits-for-the-rest-of-a-message',
    breaks: 'bolt01-message-format-12',
    kills: [
      'bolt01/init-received#too-short',
      'bolt01/truncated#control',
      'bolt01/truncated#channel',
      'bolt01/truncated#gossip',
      'bolt01/truncated#length-field',
    ],
    change: waitingForMore,
  },
  {
    name: 'confused-by-two-bitmaps-and-records',
    breaks: 'bolt01-init-13',
    kills: ['bolt01/init-received#one-common-init'],
    change: refusingMessages(
      (message) =>
        message.name === 'init' &&
        message.fields.globalfeatures.length > 0 &&
        message.fields.tlvs.networks !== undefined &&
        message.fields.tlvs.unknown !== undefined,
    ),
  },
];
