import { concat, EMPTY, encodeFeatures, suite, type SubjectContext } from 'boltgrid';
import { channelMessages } from './_messages.ts';
import { expectPong, greetWith, messageOfType, pingOf, USUAL_FEATURES } from './_peers.ts';

const UNKNOWN_CHANNEL = new Uint8Array(32).fill(0x61);
const ALL_CHANNELS = new Uint8Array(32);
/** Type, channel_id and len come before the data. */
const LARGEST_DATA = 65_535 - 36;
/** By then a line that a node has written is in its log as we read it. */
const LOG_MS = 2_000;

const text = (words: string): Uint8Array => Buffer.from(words, 'utf8');

export default suite('bolt01/errors', { title: 'error and warning' }, ({ test }) => {
  const KINDS = ['error', 'warning'] as const;

  for (const kind of KINDS) {
    test(
      `${kind}-of-unknown-channel`,
      {
        title: `ignores ${kind === 'error' ? 'an error' : 'a warning'} about a channel that does not exist`,
        chain: 'none',
        requirements: ['bolt01-error-warning-16'],
        each: {
          text: text('something is incorrect'),
          empty: EMPTY,
          'control-characters': Uint8Array.of(0x1b, 0x5b, 0x32, 0x4a, 0x00, 0x07, 0x0a, 0x0d, 0x7f),
          utf8: text('fällt — ⚡'),
          'not-utf8': Uint8Array.of(0xff, 0xfe, 0xc0, 0x80, 0xed, 0xa0, 0x80),
          'as-much-as-fits': new Uint8Array(LARGEST_DATA).fill(0x41),
        },
      },
      async (context, data) => {
        const peer = await context.connect();
        await peer.send(kind, { channel_id: UNKNOWN_CHANNEL, data });
        await peer.expectIgnored();
      },
    );

    test(
      `many-${kind}s`,
      {
        title: `ignores many ${kind}s about channels that do not exist`,
        chain: 'none',
        requirements: ['bolt01-error-warning-16'],
      },
      async (context) => {
        const peer = await context.connect();
        for (let i = 0; i < 100; i++) {
          await peer.send(kind, { channel_id: new Uint8Array(32).fill(i + 1), data: text(`number ${i}`) });
        }
        await peer.expectIgnored();
      },
    );
  }

  test(
    'warning-of-all-channels',
    {
      title: 'ignores a warning about all channels where there is none',
      chain: 'none',
      requirements: ['bolt01-error-warning-16'],
    },
    async ({ connect }) => {
      const peer = await connect();
      await peer.send('warning', { channel_id: ALL_CHANNELS, data: text('all of them') });
      await peer.expectIgnored();
    },
  );

  test(
    'error-of-all-channels',
    {
      title: 'ends at most its connection after an error about all channels where there is none',
      chain: 'none',
      requirements: ['bolt01-ping-08'],
    },
    async (context) => {
      // All channels may be no channel, so that it is to be ignored, or the connection as a whole: both readings pass.
      const other = await context.connect();
      const peer = await context.connect();
      await peer.send('error', { channel_id: ALL_CHANNELS, data: text('all of them') });
      const closed = await peer.expectPongOrClose();
      await expectPong(context, other, 'bolt01-ping-08');
      await expectPong(context, closed ? await context.connect({ key: peer.key }) : peer, 'bolt01-ping-08');
    },
  );

  test(
    'logs-warning',
    {
      title: 'logs a warning',
      chain: 'none',
      requirements: ['bolt01-error-warning-14'],
      ops: ['logs'],
      each: { 'of-all-channels': ALL_CHANNELS, 'of-unknown-channel': UNKNOWN_CHANNEL },
    },
    async (context, channel_id) => {
      const mark = markOf(context);
      const peer = await context.connect();
      await peer.send('warning', { channel_id, data: text(mark) });
      await peer.barrier();
      // A log is written behind what is said on the wire.
      await context.eventually(
        'its log has the text',
        () => linesWith(context, mark),
        (lines) => lines.length > 0,
        { withinMs: LOG_MS },
      );
    },
  );

  test(
    'does-not-print-verbatim',
    {
      title: 'does not print verbatim what is not all printable ASCII',
      chain: 'none',
      requirements: ['bolt01-error-warning-17'],
      ops: ['logs'],
      each: { error: 'error', warning: 'warning' } as const,
    },
    async (context, kind: 'error' | 'warning') => {
      const mark = markOf(context);
      const peer = await context.connect();
      // Text whose last letter is none of ASCII; escaped, replaced or as hex it is not verbatim.
      await peer.send(kind, { channel_id: UNKNOWN_CHANNEL, data: text(`${mark}é`) });
      await peer.expectPongOrClose();
      const verbatim = (await linesWith(context, mark)).filter((line) =>
        /^[\u0080-\ufffc]/.test(line.slice(line.indexOf(mark) + mark.length)),
      );
      context.check('bolt01-error-warning-17', verbatim.length === 0, {
        expected: 'no such line in its log',
        got: verbatim,
      });
    },
  );

  test(
    'says-why',
    {
      title: 'tells the peer what was wrong before it closes',
      chain: 'none',
      requirements: ['bolt01-error-warning-05'],
      each: {
        'unknown-even-type': async ({ connect }: SubjectContext) => {
          const peer = await connect();
          await peer.sendRaw(messageOfType(33_334));
          return peer.expectConnectionClosed();
        },
        'truncated-message': async ({ connect }: SubjectContext) => {
          const peer = await connect();
          await peer.sendRaw(pingOf(1).subarray(0, 4));
          return peer.expectConnectionClosed();
        },
        'unknown-even-feature': async (context: SubjectContext) => {
          const peer = await greetWith(context, { features: encodeFeatures([...USUAL_FEATURES, 98]) });
          return peer.expectConnectionClosed();
        },
      },
    },
    async (context, offend) => {
      const { messages } = await offend(context);
      context.check('bolt01-error-warning-05', messages.length > 0, {
        expected: 'an error or warning',
        got: 'a close without a word',
      });
    },
  );

  test(
    'unknown-channel',
    {
      title: 'answers a message about a channel that does not exist by an error with its channel_id',
      chain: 'none',
      requirements: ['bolt01-error-warning-06'],
      // channel_reestablish is left out: BOLT 2 has its own rules for it.
      each: channelMessages(UNKNOWN_CHANNEL),
    },
    async ({ connect }, message) => {
      const peer = await connect();
      await peer.sendRaw(message);
      await peer.expect('error', { channel_id: UNKNOWN_CHANNEL });
    },
  );

  test(
    'unknown-channels-apart',
    {
      title: 'names in each error the channel that the message was about, and serves other peers meanwhile',
      chain: 'none',
      requirements: ['bolt01-error-warning-06', 'bolt01-ping-08'],
    },
    async (context) => {
      const other = await context.connect();
      for (const id of [1, 2, 3]) {
        const channel_id = concat(new Uint8Array(31), Uint8Array.of(id));
        const peer = await context.connect();
        await peer.sendRaw(channelMessages(channel_id).update_fee);
        await peer.expect('error', { channel_id });
        await expectPong(context, other, 'bolt01-ping-08');
      }
    },
  );
});

/** A word that no other case makes a node log. */
const markOf = ({ secret }: SubjectContext): string =>
  `boltgrid${Buffer.from(secret('mark')).toString('hex').slice(0, 16)}`;

async function linesWith({ node }: SubjectContext, mark: string): Promise<string[]> {
  const { lines } = await node.call('logs', { lines: 10_000 });
  return lines.filter((line) => line.includes(mark));
}
