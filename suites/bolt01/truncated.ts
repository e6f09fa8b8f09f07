import { suite, type Peer } from 'boltgrid';
import { announcements, channelMessages, otherMessages, queryMessages } from './_messages.ts';

const ID = new Uint8Array(32).fill(0x61);

/** To the type alone, in its middle, and by its last byte. */
const cuts = (message: Uint8Array): Uint8Array[] =>
  [2, message.length >> 1, message.length - 1].map((length) => message.subarray(0, length));

const oneByOne = (messages: Readonly<Record<string, Uint8Array>>): Record<string, Uint8Array[]> =>
  Object.fromEntries(Object.entries(messages).map(([name, message]) => [name, [message]]));

/** Messages that end before their contents do. */
export default suite('bolt01/truncated', { title: 'known messages that are too short' }, ({ test }) => {
  const closes = (
    slug: string,
    title: string,
    each: Readonly<Record<string, readonly Uint8Array[]>>,
  ): void => {
    test(
      slug,
      { title, chain: 'none', requirements: ['bolt01-message-format-12'], each },
      async ({ connect }, messages) => {
        for (const cut of messages.flatMap(cuts)) {
          const peer = await connect();
          await peer.sendRaw(cut);
          await peer.expectConnectionClosed();
        }
      },
    );
  };

  closes('control', 'closes when a control message is too short', oneByOne(otherMessages));
  closes('channel', 'closes when a message about a channel is too short', oneByOne(channelMessages(ID)));
  closes('gossip', 'closes when a message of gossip is too short', {
    announcements: Object.values(announcements),
    queries: Object.values(queryMessages),
  });

  test(
    'length-field',
    {
      title: 'closes when a length field says more than there is',
      chain: 'none',
      requirements: ['bolt01-message-format-12'],
      each: {
        'one-too-many': 9,
        'far-beyond': 0xffff,
      },
    },
    async ({ connect }, length) => {
      const offend = async (send: (peer: Peer) => Promise<void>): Promise<void> => {
        const peer = await connect();
        await send(peer);
        await peer.expectConnectionClosed();
      };
      const bytes = new Uint8Array(8);
      await offend((peer) =>
        peer.sendMalformed('ping', { num_pong_bytes: 1, ignored: bytes }, { lengths: { byteslen: length } }),
      );
      await offend((peer) =>
        peer.sendMalformed('pong', { ignored: bytes }, { lengths: { byteslen: length } }),
      );
      const said = { channel_id: ID, data: bytes };
      await offend((peer) => peer.sendMalformed('error', said, { lengths: { len: length } }));
      await offend((peer) => peer.sendMalformed('warning', said, { lengths: { len: length } }));
    },
  );
});
