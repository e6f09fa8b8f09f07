import { concat, EMPTY, fromHex, suite } from 'boltgrid';
import { otherMessages, queryMessages } from './_messages.ts';
import { pingOf } from './_peers.ts';

/** Records 201 and 203, as in BOLT 1, Appendix C. */
const ODD_RECORDS = fromHex('c9012acb0104');

/** What follows the contents of a message. Those of init are a stream that the BOLT defines: see bolt01/init-received. */
export default suite(
  'bolt01/extensions',
  { title: 'TLV extensions of messages that define none' },
  ({ test }) => {
    test(
      'odd-records-on-ping',
      {
        title: 'answers a ping that is followed by unknown odd records',
        chain: 'none',
        requirements: ['bolt01-tlv-15'],
        each: {
          two: ODD_RECORDS,
          empty: fromHex('c900'),
          'highest-type': fromHex('ffffffffffffffffff00'),
          large: concat(fromHex('c9fdea60'), new Uint8Array(60_000)),
        },
      },
      async ({ connect, check }, extension) => {
        const peer = await connect();
        await peer.sendRaw(concat(pingOf(70), extension));
        const { ignored } = await peer.expect('pong');
        check('bolt01-tlv-15', ignored.length === 70, { expected: 70, got: ignored.length });
      },
    );

    test(
      'odd-records',
      {
        title: 'takes a message with unknown odd records as if it had none',
        chain: 'none',
        requirements: ['bolt01-tlv-15'],
        each: {
          error: otherMessages.error,
          warning: otherMessages.warning,
          'gossip-timestamp-filter': queryMessages.gossip_timestamp_filter,
        },
      },
      async ({ connect }, message) => {
        const peer = await connect();
        await peer.sendRaw(concat(message, ODD_RECORDS));
        await peer.expectIgnored();
      },
    );

    test(
      'invalid-on-ping',
      {
        title: 'closes when the extension of a ping is invalid, unless it answers and ignores the extension',
        chain: 'none',
        requirements: ['bolt01-message-format-15', 'bolt01-message-format-14'],
        each: {
          'unknown-even': fromHex('ca012a'),
          twice: fromHex('c90101c90102'),
          descending: fromHex('cb0101c90102'),
          truncated: fromHex('c9'),
          'past-the-end': fromHex('c90a00'),
          'type-not-minimal': fromHex('fd00c900'),
          'length-not-minimal': fromHex('c9fd000101'),
          zeros: new Uint8Array(2),
        },
      },
      async ({ connect, check }, extension) => {
        const peer = await connect();
        await peer.sendRaw(concat(pingOf(1_000), extension));
        const closed = await peer.expectPongOrClose();
        // Type, byteslen and the bytes.
        const answered = peer.received.some(({ name, length }) => name === 'pong' && length === 1_004);
        check('bolt01-message-format-14', answered, { note: 'ignores the extension' });
        check('bolt01-message-format-15', answered || closed !== undefined, {
          expected: 'the pong, or a close',
          got: 'neither: the ping was dropped',
        });
      },
    );

    test(
      'after-the-largest',
      {
        title: 'answers a ping whose ignored bytes leave no room for an extension',
        chain: 'none',
        requirements: ['bolt01-tlv-07'],
        each: { 'no-room': 65_529, 'room-for-one-record': 65_527 },
      },
      async ({ connect, check }, length) => {
        const peer = await connect();
        const room = 65_529 - length;
        await peer.sendRaw(concat(pingOf(70, new Uint8Array(length)), room === 0 ? EMPTY : fromHex('c900')));
        const { ignored } = await peer.expect('pong');
        check('bolt01-tlv-07', ignored.length === 70, { expected: 70, got: ignored.length });
      },
    );
  },
);
