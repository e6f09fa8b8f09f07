import { suite, type MessageFields, type Bolts, type Peer } from 'boltgrid';
import { expectAccepted, NEW_OPEN, type AcceptFields, UNFUNDED } from './_open.ts';

/** More than any node that is known lets one peer have pending. */
const FLOOD = 60;

type OutOfTurn = (peer: Peer, accept: AcceptFields) => Promise<void>;

const SIGNATURE = new Uint8Array(64).fill(1);

/** What has no place after accept_channel, under the id that both sides know. */
const OUT_OF_TURN: Readonly<Record<string, OutOfTurn>> = {
  accept_channel: (peer, accept) => peer.send('accept_channel', accept),
  'funding_created of another id': (peer) =>
    peer.send('funding_created', {
      temporary_channel_id: new Uint8Array(32).fill(0x61),
      funding_txid: new Uint8Array(32).fill(0x62),
      funding_output_index: 0,
      signature: SIGNATURE,
    }),
  funding_signed: (peer, { temporary_channel_id }) =>
    peer.send('funding_signed', { channel_id: temporary_channel_id, signature: SIGNATURE }),
  channel_ready: (peer, { temporary_channel_id }) =>
    peer.send('channel_ready', {
      channel_id: temporary_channel_id,
      second_per_commitment_point: peer.publicKey,
      tlvs: {},
    }),
  commitment_signed: (peer, { temporary_channel_id }) =>
    peer.send('commitment_signed', {
      channel_id: temporary_channel_id,
      signature: SIGNATURE,
      htlc_signature: [],
      tlvs: {},
    }),
  shutdown: (peer, { temporary_channel_id }) =>
    peer.send('shutdown', {
      channel_id: temporary_channel_id,
      scriptpubkey: Uint8Array.of(0, 20, ...new Uint8Array(20)),
      tlvs: {},
    }),
};

/** BOLT 2, The open_channel Message: channels that came to nothing, the node as accepter. */
export default suite(
  'bolt02/open-repeated',
  { title: 'open_channel, abandoned and repeated' },
  ({ test }) => {
    test(
      'abandoned',
      {
        title: 'takes up a channel of a peer that has abandoned others before funding_created',
        ...UNFUNDED,
        requirements: [NEW_OPEN],
        each: {
          'one, not answered yet': { times: 1, isAnswered: false },
          'one, answered': { times: 1, isAnswered: true },
          'many, not answered yet': { times: 12, isAnswered: false },
          'many, answered': { times: 12, isAnswered: true },
        },
      },
      async ({ connect }, { times, isAnswered }) => {
        let peer = await connect();
        for (let i = 0; i < times; i++) {
          if (isAnswered) await expectAccepted(peer, NEW_OPEN);
          else await peer.channel().open();
          peer = await peer.reconnect();
        }
        await expectAccepted(peer, NEW_OPEN);
      },
    );

    test(
      'abandoned-id',
      {
        title: 'takes up a channel under the temporary_channel_id of one that was abandoned',
        ...UNFUNDED,
        requirements: [NEW_OPEN, 'bolt02-open-channel-26'],
      },
      async ({ connect }) => {
        const peer = await connect();
        const { id } = await expectAccepted(peer, NEW_OPEN);
        const channel = await expectAccepted(await peer.reconnect(), 'bolt02-open-channel-26', undefined, {
          open_channel: (fields) => ({ ...fields, temporary_channel_id: id }),
        });
        await channel.fund();
        await channel.expect('funding_signed', {}, { requirement: 'bolt02-open-channel-26' });
      },
    );

    test(
      'discarded',
      {
        title: 'goes on with no channel whose open_channel came on an earlier connection',
        ...UNFUNDED,
        requirements: ['bolt02-open-channel-26', 'bolt02-reestablish-04', NEW_OPEN],
      },
      async ({ connect, check }) => {
        const peer = await connect();
        const channel = await expectAccepted(peer, NEW_OPEN);
        let created: MessageFields<Bolts, 'funding_created'> | undefined;
        await channel.fund({
          funding_created: (fields) => {
            created = fields;
            return [];
          },
        });
        const again = await peer.reconnect();
        if (created) await again.send('funding_created', created);
        await again.expectPongOrClose();
        const signed = again.received.filter(({ name }) => name === 'funding_signed');
        check('bolt02-open-channel-26', signed.length === 0, {
          expected: 'no funding_signed',
          got: signed,
        });
        const greeted = again.received.filter(({ name }) => name === 'channel_reestablish');
        check('bolt02-reestablish-04', greeted.length === 0, {
          expected: 'no channel_reestablish',
          got: greeted,
        });
      },
    );

    test(
      'id-of-another-peer',
      {
        title: 'keeps channels apart whose temporary_channel_id two peers have in common',
        ...UNFUNDED,
        requirements: ['bolt02-accept-channel-01', 'bolt02-funding-signed-03'],
      },
      async ({ connect }) => {
        const [first, second] = [await connect(), await connect()];
        const channel = await expectAccepted(first, 'bolt02-accept-channel-01');
        const { id } = channel;
        const other = await expectAccepted(
          second,
          'bolt02-accept-channel-01',
          { push_msat: 1_000_000n },
          { open_channel: (fields) => ({ ...fields, temporary_channel_id: id }) },
        );
        for (const each of [channel, other]) {
          await each.fund();
          await each.expect('funding_signed', {}, { requirement: 'bolt02-funding-signed-03' });
        }
      },
    );

    test(
      'id-in-use',
      {
        title: 'takes up a channel of a peer that has used the temporary_channel_id of a pending one again',
        ...UNFUNDED,
        requirements: [NEW_OPEN],
      },
      async ({ connect }) => {
        const peer = await connect();
        const { id } = await expectAccepted(peer, NEW_OPEN);
        await peer.channel().open(
          {},
          {
            open_channel: (fields) => ({ ...fields, temporary_channel_id: id }),
          },
        );
        await peer.expectPongOrClose();
        await expectAccepted(await peer.reconnect(), NEW_OPEN);
      },
    );

    test(
      'out-of-turn',
      {
        title: 'takes up a channel of a peer that has sent messages out of turn in the last one',
        ...UNFUNDED,
        requirements: [NEW_OPEN],
        each: OUT_OF_TURN,
      },
      async ({ connect }, sendOutOfTurn) => {
        const peer = await connect();
        const channel = peer.channel();
        await channel.open();
        await sendOutOfTurn(peer, await channel.expect('accept_channel', {}, { requirement: NEW_OPEN }));
        await peer.expectPongOrClose();
        await expectAccepted(await peer.reconnect(), NEW_OPEN);
      },
    );

    test(
      'flood',
      {
        title: 'takes up a channel of one peer while another has opened as many as it will have',
        ...UNFUNDED,
        requirements: [NEW_OPEN],
      },
      async ({ connect }) => {
        const bystander = await connect();
        await expectAccepted(bystander, NEW_OPEN);
        const flooder = await connect();
        for (let i = 0; i < FLOOD; i++) await flooder.channel().open();
        await flooder.expectPongOrClose();
        await expectAccepted(await bystander.reconnect(), NEW_OPEN);
      },
    );
  },
);
