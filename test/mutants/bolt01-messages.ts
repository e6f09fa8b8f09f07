import type { Rules } from '../../src/reference/rules.ts';
import { MESSAGE_RULES, type MessageRules } from '../../src/reference/rules/messages.ts';
import { close, IGNORE, send } from '../../src/reference/situation.ts';
import { bolts } from '../../src/wire/bolts.ts';
import { encodeMessage } from '../../src/wire/codec.ts';
import { malformed } from '../../src/wire/malformed.ts';
import { shortPongsAfter } from './bolt01/aftermath.ts';
import { refusingMessages, typeOf } from './bolt01/lenient.ts';
import { changed, type Mutant } from './mutant.ts';

const EMPTY = new Uint8Array(0);
const PING = 18;
const ALL_CHANNELS = new Uint8Array(32);

const messages = (entries: Partial<MessageRules>): ((rules: Rules) => Rules) => changed('messages', entries);
const saying = (text: string) => Buffer.from(text, 'latin1');

/** What some peer does wrong is felt by all. */
const shakenBy = (
  what: 'malformed' | 'unknownEven' | 'second-init' | 'zero-error' | 'second-connection',
): ((rules: Rules) => Rules) =>
  shortPongsAfter((strike) => {
    switch (what) {
      case 'malformed':
        return messages({
          malformed: (error, message, situation) => {
            strike();
            return MESSAGE_RULES.malformed(error, message, situation);
          },
        });
      case 'unknownEven':
        return messages({
          unknownEven: (message, situation) => {
            strike();
            return MESSAGE_RULES.unknownEven(message, situation);
          },
        });
      case 'second-init':
        return changed('init', {
          again: () => {
            strike();
            return IGNORE;
          },
        });
      case 'second-connection':
        return changed('connections', {
          second: () => {
            strike();
            return 'replace';
          },
        });
      case 'zero-error':
        return changed('control', {
          error: ({ channel_id }) => {
            if (channel_id.every((byte) => byte === 0)) strike();
            return IGNORE;
          },
        });
    }
  });

/** Closes at the sight of many unknown messages. */
function impatient(rules: Rules): Rules {
  const seen = new Map<string, number>();
  return messages({
    unknownOdd: (_, { peer }) => {
      const key = peer.publicKey.join();
      const times = (seen.get(key) ?? 0) + 1;
      seen.set(key, times);
      return times > 50 ? close('too many') : IGNORE;
    },
  })(rules);
}

/** Pongs carry a record that only even types could. */
const unaskedRecord = changed('control', {
  ping: ({ num_pong_bytes }) =>
    send(
      malformed(
        bolts,
        'pong',
        { ignored: new Uint8Array(num_pong_bytes) },
        num_pong_bytes === 40 ? { records: [{ type: 200n, value: EMPTY }] } : {},
      ),
    ),
});

/** Greets who offers option_splice with a message of its own making. */
const unaskedMessage = changed('storage', {
  reconnected: ({ peer }) => (peer.features.has(63) ? send(Uint8Array.of(0x80, 0x02, 1)) : IGNORE),
});

export const mutants: readonly Mutant[] = [
  {
    name: 'closes-for-unknown-odd-types',
    breaks: 'bolt01-message-format-09',
    kills: ['bolt01/message-types#unknown-odd', 'bolt01/message-types#unknown-odd-payload'],
    change: messages({ unknownOdd: () => close('unknown odd type') }),
  },
  {
    name: 'warns-of-unknown-odd-types',
    breaks: 'bolt01-message-format-09',
    kills: ['bolt01/message-types#unknown-odd'],
    change: messages({
      unknownOdd: () =>
        send(encodeMessage(bolts, 'warning', { channel_id: ALL_CHANNELS, data: saying('what?') })),
    }),
  },
  {
    name: 'impatient-with-unknown-odd-types',
    breaks: 'bolt01-message-format-09',
    kills: ['bolt01/message-types#many-unknown-odd'],
    change: impatient,
  },
  {
    name: 'ignores-unknown-even-types',
    breaks: 'bolt01-message-format-10',
    kills: [
      'bolt01/message-types#unknown-even',
      'bolt01/message-types#unknown-even-payload',
      'bolt01/message-types#unknown-even-late',
    ],
    change: messages({ unknownEven: () => IGNORE }),
  },
  {
    name: 'sends-an-even-type-unasked',
    breaks: 'bolt01-message-format-02',
    kills: ['bolt01/message-types#sends-nothing-even-unasked'],
    change: unaskedMessage,
  },
  {
    name: 'sends-an-even-record-unasked',
    breaks: 'bolt01-message-format-03',
    kills: ['bolt01/message-types#sends-nothing-even-unasked'],
    change: unaskedRecord,
  },
  {
    name: 'closes-for-odd-records',
    breaks: 'bolt01-tlv-15',
    kills: ['bolt01/extensions#odd-records-on-ping', 'bolt01/extensions#odd-records'],
    change: refusingMessages(
      (message) =>
        message.name !== undefined &&
        message.name !== 'init' &&
        'tlvs' in message.fields &&
        message.fields.tlvs.unknown !== undefined,
    ),
  },
  {
    name: 'drops-pings-with-invalid-extensions',
    breaks: 'bolt01-message-format-15',
    kills: ['bolt01/extensions#invalid-on-ping'],
    change: messages({
      malformed: (error, message, situation) =>
        typeOf(message) === PING && message.length > 6
          ? IGNORE
          : MESSAGE_RULES.malformed(error, message, situation),
    }),
  },
  {
    name: 'looks-for-a-record-where-none-fits',
    breaks: 'bolt01-tlv-07',
    kills: ['bolt01/extensions#after-the-largest'],
    change: refusingMessages(({ raw }) => raw.length === 65_535 && typeOf(raw) === PING),
  },
  {
    name: 'closes-after-an-error',
    breaks: 'bolt01-error-warning-16',
    kills: ['bolt01/errors#error-of-unknown-channel', 'bolt01/errors#many-errors'],
    change: changed('control', { error: () => close('the peer has an error') }),
  },
  {
    name: 'answers-a-warning',
    breaks: 'bolt01-error-warning-16',
    kills: [
      'bolt01/errors#warning-of-unknown-channel',
      'bolt01/errors#warning-of-all-channels',
      'bolt01/errors#many-warnings',
    ],
    change: changed('control', {
      warning: ({ channel_id }) =>
        send(encodeMessage(bolts, 'warning', { channel_id, data: saying('heard') })),
    }),
  },
  {
    name: 'shaken-by-an-error-about-all-channels',
    breaks: 'bolt01-ping-08',
    kills: ['bolt01/errors#error-of-all-channels'],
    change: shakenBy('zero-error'),
  },
  {
    name: 'logs-no-warning',
    breaks: 'bolt01-error-warning-14',
    kills: ['bolt01/errors#logs-warning'],
    change: changed('control', { warning: () => IGNORE }),
  },
  {
    name: 'prints-verbatim',
    breaks: 'bolt01-error-warning-17',
    kills: ['bolt01/errors#does-not-print-verbatim'],
    change: changed('control', { printable: (data) => Buffer.from(data).toString('utf8') }),
  },
  {
    name: 'closes-without-a-word',
    breaks: 'bolt01-error-warning-05',
    kills: ['bolt01/errors#says-why'],
    change: messages({ farewell: () => [] }),
  },
  {
    name: 'silent-about-unknown-channels',
    breaks: 'bolt01-error-warning-06',
    kills: ['bolt01/errors#unknown-channel'],
    change: messages({ unknownChannel: () => IGNORE }),
  },
  {
    name: 'names-no-channel-in-errors',
    breaks: 'bolt01-error-warning-06',
    kills: ['bolt01/errors#unknown-channel', 'bolt01/errors#unknown-channels-apart'],
    change: messages({
      unknownChannel: () =>
        send(encodeMessage(bolts, 'error', { channel_id: ALL_CHANNELS, data: saying('unknown channel') })),
    }),
  },
  {
    name: 'shaken-by-an-unknown-even-type',
    breaks: 'bolt01-ping-08',
    kills: ['bolt01/bystanders#offence[unknown-even-type]'],
    change: shakenBy('unknownEven'),
  },
  {
    name: 'shaken-by-a-malformed-message',
    breaks: 'bolt01-ping-08',
    kills: [
      'bolt01/bystanders#offence[truncated-message]',
      'bolt01/bystanders#offence[invalid-records-in-init]',
    ],
    change: shakenBy('malformed'),
  },
  {
    name: 'shaken-by-a-second-init',
    breaks: 'bolt01-ping-08',
    kills: ['bolt01/bystanders#second-init'],
    change: shakenBy('second-init'),
  },
  {
    name: 'keeps-both-connections',
    breaks: 'bolt01-connection-01',
    kills: ['bolt01/connections#second-connection'],
    change: changed('connections', { second: () => 'keep-both' }),
  },
  {
    name: 'shaken-by-a-second-connection',
    breaks: 'bolt01-ping-08',
    kills: [
      'bolt01/connections#after-a-second-connection',
      'bolt01/bystanders#second-connection-before-init',
    ],
    change: shakenBy('second-connection'),
  },
];
