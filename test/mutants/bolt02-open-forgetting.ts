import { encodeMessage } from '../../src/wire/codec.ts';
import { bolts } from '../../src/wire/bolts.ts';
import { CONTROL_RULES } from '../../src/reference/rules/control.ts';
import { send } from '../../src/reference/situation.ts';
import { channelRules, isLive, says } from './bolt02/messages.ts';
import { changed, type Mutant } from './mutant.ts';

/** It says of its channels, of which this side was the opener, that it does not know them. */
const forgetting = (opener: 'local' | 'remote') =>
  channelRules({
    outgoing: (messages, channel) =>
      messages.map((message) => {
        if (message.name !== 'channel_reestablish' || !isLive(channel)) return message;
        const { channel_id } = message.fields;
        return channel.readying.commitments.terms.opener === opener
          ? { name: 'error', fields: { channel_id, data: Buffer.from('unknown channel', 'latin1') } }
          : message;
      }),
  });

/** Greets a channel that never was. */
const strayGreeting = encodeMessage(bolts, 'channel_reestablish', {
  channel_id: new Uint8Array(32).fill(0x63),
  next_commitment_number: 1n,
  next_revocation_number: 0n,
  your_last_per_commitment_secret: new Uint8Array(32),
  my_current_per_commitment_point: Uint8Array.of(2, ...new Uint8Array(31), 1),
  tlvs: {},
});

/** Of bolt02/open-forgetting: what is kept of a channel that is not open yet. */
export const mutants: readonly Mutant[] = [
  {
    name: 'forgets-what-it-has-signed-as-accepter',
    breaks: 'bolt02-reestablish-03',
    kills: ['bolt02/open-forgetting#signed-as-accepter[once]'],
    change: forgetting('remote'),
  },
  {
    name: 'forgets-what-it-has-broadcast-as-opener',
    breaks: 'bolt02-reestablish-01',
    kills: ['bolt02/open-forgetting#broadcast-as-opener'],
    change: forgetting('local'),
  },
  {
    name: 'greets-no-channel-that-is-not-ready',
    breaks: 'bolt02-reestablish-09',
    kills: ['bolt02/open-forgetting#signed-as-accepter[once]', 'bolt02/open-forgetting#broadcast-as-opener'],
    change: says('channel_reestablish', (fields, channel) =>
      isLive(channel) && channel.readying.depth === 0 ? [] : fields,
    ),
  },
  {
    name: 'remembers-what-was-never-signed',
    breaks: 'bolt02-reestablish-02',
    kills: ['bolt02/open-forgetting#unsigned-as-opener'],
    change: changed('control', {
      ping: (...context) => [...send(strayGreeting), ...CONTROL_RULES.ping(...context)],
    }),
  },
  {
    name: 'remembers-unfunded-channels-for-ever',
    breaks: 'bolt02-channel-ready-13',
    kills: ['bolt02/open-forgetting#never-funded'],
    change: channelRules({ forgets: () => false }),
  },
  {
    name: 'forgets-unfunded-channels-in-a-week',
    breaks: 'bolt02-channel-ready-13',
    kills: ['bolt02/open-forgetting#funded-late'],
    change: channelRules({ forgets: (_channel, blocksWaited) => blocksWaited >= 1008 }),
  },
];
