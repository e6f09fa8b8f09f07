import { suite, type Bolts, type Message, type MessageFields, type PeerChannel } from 'boltgrid';
import { balanced } from './_channels.ts';
import { HTLC_CASE_MS, sha256, unasked } from './_htlcs.ts';
import { nodePays, paidByNode, payable, PAYER_OPS } from './_payments.ts';

const AMOUNT_MSAT = 20_000_000n;
const LARGEST_U64 = 0xffff_ffff_ffff_ffffn;
/** BADONION, PERM, invalid_onion_hmac. */
const INVALID_ONION_HMAC = 0xc005;

type Htlc = Pick<MessageFields<Bolts, 'update_add_htlc'>, 'id' | 'onion_routing_packet'>;

/** Messages that take an HTLC away, each right but for the moment, or the id. */
const REMOVALS = {
  fulfill: ({ id: channel_id }: PeerChannel, { id }: Htlc, payment_preimage: Uint8Array): Message => ({
    name: 'update_fulfill_htlc',
    fields: { channel_id, id, payment_preimage, tlvs: {} },
  }),
  fail: ({ id: channel_id }: PeerChannel, { id }: Htlc): Message => ({
    name: 'update_fail_htlc',
    fields: { channel_id, id, reason: new Uint8Array(292), tlvs: {} },
  }),
  'fail as malformed': ({ id: channel_id }: PeerChannel, { id, onion_routing_packet }: Htlc): Message => ({
    name: 'update_fail_malformed_htlc',
    fields: {
      channel_id,
      id,
      sha256_of_onion: sha256(onion_routing_packet),
      failure_code: INVALID_ONION_HMAC,
    },
  }),
} as const;

/** BOLT 2, Removing an HTLC, seen by the node that offered it. */
export default suite('bolt02/htlc-removal', { title: 'HTLCs of the node taken away' }, ({ test }) => {
  test(
    'before-committed',
    {
      title: 'refuses the removal of an HTLC that is in no commitment of its own yet',
      chain: 'confirm',
      requirements: ['bolt02-remove-htlc-12'],
      ops: [...PAYER_OPS],
      deadlineMs: HTLC_CASE_MS,
      each: REMOVALS,
    },
    async (context, removal) => {
      const peer = await context.connect();
      const channel = await payable(context, peer);
      const { preimage } = nodePays(context, peer, AMOUNT_MSAT);
      const htlc = await channel.expect('update_add_htlc');
      await channel.expect('commitment_signed');
      await channel.post(removal(channel, htlc, preimage));
      await channel.expectRefused({ requirement: 'bolt02-remove-htlc-12' });
    },
  );

  test(
    'before-countersigned',
    {
      title: 'refuses the removal of an HTLC once we have revoked, and before we have signed its commitment',
      chain: 'confirm',
      requirements: ['bolt02-remove-htlc-12'],
      ops: [...PAYER_OPS],
      deadlineMs: HTLC_CASE_MS,
      each: REMOVALS,
    },
    async (context, removal) => {
      const peer = await context.connect();
      const channel = await payable(context, peer);
      const { preimage } = nodePays(context, peer, AMOUNT_MSAT);
      const htlc = await channel.expect('update_add_htlc');
      await channel.expect('commitment_signed');
      await channel.do({ do: 'revoke_and_ack' });
      await channel.post(removal(channel, htlc, preimage));
      await channel.expectRefused({ requirement: 'bolt02-remove-htlc-12' });
    },
  );

  test(
    'unknown-id',
    {
      title: 'refuses the removal of an HTLC that it has not offered',
      chain: 'confirm',
      requirements: ['bolt02-remove-htlc-12'],
      each: {
        'fulfill 0': ['fulfill', 0n],
        'fulfill the largest': ['fulfill', LARGEST_U64],
        'fail 0': ['fail', 0n],
        'fail the largest': ['fail', LARGEST_U64],
        'fail 0 as malformed': ['fail as malformed', 0n],
        'fail the largest as malformed': ['fail as malformed', LARGEST_U64],
      } satisfies Record<string, [keyof typeof REMOVALS, bigint]>,
    },
    async (context, [kind, id]) => {
      const channel = await balanced(await context.connect());
      const htlc = { id, onion_routing_packet: new Uint8Array(1366) };
      await channel.post(REMOVALS[kind](channel, htlc, context.secret('preimage')));
      await channel.expectRefused({ requirement: 'bolt02-remove-htlc-12' });
    },
  );

  test(
    'our-own',
    {
      title: 'refuses the removal by us of an HTLC that we offered',
      chain: 'confirm',
      requirements: ['bolt02-remove-htlc-12'],
      each: REMOVALS,
    },
    async (context, removal) => {
      const channel = await balanced(await context.connect());
      const preimage = context.secret('preimage');
      const htlc = { ...unasked(context, AMOUNT_MSAT), payment_hash: sha256(preimage) };
      const id = await channel.addHtlc(htlc);
      await channel.commit();
      await channel.post(removal(channel, { id, onion_routing_packet: new Uint8Array(1366) }, preimage));
      await channel.expectRefused({
        requirement: 'bolt02-remove-htlc-12',
        passing: ['update_fail_htlc', 'update_fail_malformed_htlc', 'commitment_signed', 'revoke_and_ack'],
      });
    },
  );

  test(
    'again',
    {
      title: 'refuses the removal of an HTLC that has been removed',
      chain: 'confirm',
      requirements: ['bolt02-remove-htlc-12'],
      ops: [...PAYER_OPS],
      deadlineMs: HTLC_CASE_MS,
      each: REMOVALS,
    },
    async (context, removal) => {
      const peer = await context.connect();
      const channel = await payable(context, peer);
      const { htlc, preimage } = await paidByNode(context, peer, channel, AMOUNT_MSAT);
      await channel.fulfill(htlc.id, preimage);
      await channel.commit();
      await channel.post(removal(channel, htlc, preimage));
      await channel.expectRefused({ requirement: 'bolt02-remove-htlc-12' });
    },
  );

  test(
    'wrong-preimage',
    {
      title: 'refuses a preimage whose hash is not the payment_hash',
      chain: 'confirm',
      requirements: ['bolt02-remove-htlc-13'],
      ops: [...PAYER_OPS],
      deadlineMs: HTLC_CASE_MS,
      each: {
        'one bit': (right) => right.map((byte, i) => (i === 31 ? byte ^ 1 : byte)),
        zeros: () => new Uint8Array(32),
        'the payment_hash': sha256,
      } satisfies Record<string, (right: Uint8Array) => Uint8Array>,
    },
    async (context, spoil) => {
      const { connect, check } = context;
      const peer = await connect();
      const channel = await payable(context, peer);
      const { htlc, preimage, outcome } = await paidByNode(context, peer, channel, AMOUNT_MSAT);
      await channel.post(REMOVALS.fulfill(channel, htlc, spoil(preimage)));
      await channel.expectRefused({ requirement: 'bolt02-remove-htlc-13' });
      const isPaid = await Promise.race([
        outcome,
        (await connect()).barrier().then(() => 'pending' as const),
      ]);
      const got = typeof isPaid === 'string' ? isPaid : isPaid.state;
      check('bolt02-remove-htlc-13', got !== 'succeeded', { expected: 'no successful payment', got });
    },
  );

  test(
    'without-badonion',
    {
      title: 'refuses update_fail_malformed_htlc whose failure_code is without BADONION',
      chain: 'confirm',
      requirements: ['bolt02-remove-htlc-14'],
      ops: [...PAYER_OPS],
      deadlineMs: HTLC_CASE_MS,
      each: {
        'PERM alone': 0x4005,
        incorrect_or_unknown_payment_details: 0x400f,
        '0': 0,
        'all but BADONION': 0x7fff,
      },
    },
    async (context, failure_code) => {
      const peer = await context.connect();
      const channel = await payable(context, peer);
      const { htlc } = await paidByNode(context, peer, channel, AMOUNT_MSAT);
      await channel.post({
        name: 'update_fail_malformed_htlc',
        fields: {
          channel_id: channel.id,
          id: htlc.id,
          sha256_of_onion: sha256(htlc.onion_routing_packet),
          failure_code,
        },
      });
      await channel.expectRefused({ requirement: 'bolt02-remove-htlc-14' });
    },
  );

  test(
    'malformed',
    {
      title:
        'takes update_fail_malformed_htlc, also with another hash than that of its onion, and gives the payment up',
      chain: 'confirm',
      requirements: ['bolt02-commitment-signed-23', 'bolt02-remove-htlc-15'],
      ops: [...PAYER_OPS],
      deadlineMs: HTLC_CASE_MS,
      each: {
        'the right hash': sha256,
        'another hash': () => new Uint8Array(32).fill(9),
        zeros: () => new Uint8Array(32),
      } satisfies Record<string, (onion: Uint8Array) => Uint8Array>,
    },
    async (context, hashOf) => {
      const peer = await context.connect();
      const channel = await payable(context, peer);
      const { htlc } = await paidByNode(context, peer, channel, AMOUNT_MSAT);
      await channel.do({
        do: 'update',
        update: {
          name: 'update_fail_malformed_htlc',
          fields: {
            id: htlc.id,
            sha256_of_onion: hashOf(htlc.onion_routing_packet),
            failure_code: INVALID_ONION_HMAC,
          },
        },
      });
      const before = channel.commitments.numbers.remote;
      await channel.commit({}, { requirement: 'bolt02-commitment-signed-23' });
      const isCommitted = channel.commitments.ledger.htlcs.every(({ add }) => add.id !== htlc.id);
      context.check('bolt02-commitment-signed-23', isCommitted, {
        expected: `commitment ${before + 1n} without the HTLC`,
        got: channel.commitments.numbers.remote,
      });
    },
  );
});
