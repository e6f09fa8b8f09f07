import {
  concat,
  createFailure,
  decodePayload,
  encodeFailure,
  equalBytes,
  suite,
  type OpenOptions,
  type Peeled,
} from 'boltgrid';
import { invoiceOf } from './_channels.ts';
import { HTLC_CASE_MS } from './_htlcs.ts';
import { expectNotOffered, nodePays, paidByNode, payable, PAYER_OPS, usable } from './_payments.ts';

const AMOUNT_MSAT = 20_000_000n;
/** BOLT 11: where an invoice does not say it. */
const LEAST_FINAL_DELTA = 18;

/** BOLT 2, Adding an HTLC, and BOLT 4: the HTLCs with which a node pays, and what it makes of our answers. */
export default suite('bolt02/htlc-payer', { title: 'the node as payer' }, ({ test }) => {
  test(
    'onion',
    {
      title: 'offers an HTLC with the onion that our invoice asks for, and takes the preimage',
      chain: 'confirm',
      requirements: [
        'bolt04-last-node-01',
        'bolt04-payload-14',
        'bolt04-payload-17',
        'bolt04-payload-19',
        'bolt04-payload-20',
        'bolt04-payload-21',
        'bolt11-tagged-fields-37',
        'bolt02-remove-htlc-13',
      ],
      ops: [...PAYER_OPS],
      deadlineMs: HTLC_CASE_MS,
      each: {
        plain: {},
        'with payment_metadata': {
          payment_metadata: Uint8Array.of(1, 2, 3, 4),
          features: ['option_payment_metadata'],
        },
        'without min_final_cltv_expiry_delta': { min_final_cltv_expiry_delta: null },
        'with a long expiry': { min_final_cltv_expiry_delta: 300n },
      } satisfies Record<string, Parameters<typeof nodePays>[3]>,
    },
    async (context, options: NonNullable<Parameters<typeof nodePays>[3]>) => {
      const { connect, chain, check } = context;
      const peer = await connect();
      const channel = await payable(context, peer);
      const before = await chain.height();
      const { htlc, outcome, preimage, payment_secret } = await paidByNode(
        context,
        peer,
        channel,
        AMOUNT_MSAT,
        options,
      );
      const peeled = channel.peel(htlc);
      const isFinal = peeled.kind === 'final';
      check('bolt04-last-node-01', isFinal, { expected: 'an onion that ends here', got: peeled.kind });
      const decoded = isFinal ? decodePayload(peeled) : undefined;
      if (decoded?.kind !== 'decoded') {
        check('bolt04-payload-14', false, { expected: 'a TLV stream', got: decoded?.kind });
        return;
      }
      const { amt_to_forward, outgoing_cltv_value, payment_data, payment_metadata, short_channel_id } =
        decoded.records;
      const amount = amt_to_forward?.amt_to_forward ?? 0n;
      check('bolt04-payload-14', amount >= AMOUNT_MSAT && amount <= htlc.amount_msat, {
        expected: `from ${AMOUNT_MSAT} to ${htlc.amount_msat}`,
        got: amount,
        note: 'amt_to_forward',
      });
      const cltv = outgoing_cltv_value?.outgoing_cltv_value ?? 0;
      const { min_final_cltv_expiry_delta: asked = 40n } = options;
      const least = before + (asked === null ? LEAST_FINAL_DELTA : Number(asked));
      check('bolt11-tagged-fields-37', cltv >= least && cltv <= htlc.cltv_expiry, {
        expected: `from ${least} to ${htlc.cltv_expiry}`,
        got: cltv,
        note: 'outgoing_cltv_value',
      });
      check('bolt04-payload-17', short_channel_id === undefined, { got: short_channel_id });
      const secret = payment_data?.payment_secret;
      check('bolt04-payload-19', secret !== undefined && equalBytes(secret, payment_secret), {
        expected: payment_secret,
        got: secret,
      });
      const total = payment_data?.total_msat ?? 0n;
      check('bolt04-payload-20', total >= AMOUNT_MSAT && total <= 2n * AMOUNT_MSAT, {
        expected: `from ${AMOUNT_MSAT} to twice that`,
        got: total,
      });
      const metadata = payment_metadata?.payment_metadata;
      const { payment_metadata: wanted } = options;
      const isRight = wanted === undefined || (metadata !== undefined && equalBytes(metadata, wanted));
      check('bolt04-payload-21', isRight, { expected: wanted, got: metadata });
      await channel.fulfill(htlc.id, preimage);
      await channel.commit();
      const result = await outcome;
      const state = result === 'rejected' ? result : result.state;
      check('bolt02-remove-htlc-13', state === 'succeeded', { expected: 'succeeded', got: state });
    },
  );

  test(
    'ids',
    {
      title:
        'numbers its HTLCs from 0 on, one by one, whatever became of those before, also after a reconnection',
      chain: 'confirm',
      requirements: [
        'bolt02-update-add-htlc-11',
        'bolt02-update-add-htlc-10',
        'bolt02-update-add-htlc-14',
        'bolt02-update-add-htlc-15',
      ],
      ops: [...PAYER_OPS],
      deadlineMs: HTLC_CASE_MS,
    },
    async (context) => {
      const { connect, check } = context;
      let peer = await connect();
      const channel = await payable(context, peer);
      for (const [expected, how] of ['fulfill', 'fail', 'reconnect', 'fulfill'].entries()) {
        if (how === 'reconnect') {
          peer = await peer.reconnect();
          await channel.reestablish();
          await usable(context, channel);
        }
        const { htlc, preimage, outcome } = await paidByNode(context, peer, channel, AMOUNT_MSAT, {
          label: `${expected}`,
          step: { requirement: 'bolt02-update-add-htlc-11' },
        });
        check('bolt02-update-add-htlc-15', htlc.id === BigInt(expected), { expected, got: htlc.id });
        if (how === 'fail') await channel.fail(htlc.id, permanent(channel.peel(htlc)));
        else await channel.fulfill(htlc.id, preimage);
        await channel.commit();
        await outcome;
      }
    },
  );

  test(
    'failed',
    {
      title: 'gives up a payment that we, the payee, fail for good',
      chain: 'confirm',
      requirements: ['bolt04-receiving-failure-codes-02', 'bolt04-receiving-failure-codes-01'],
      ops: [...PAYER_OPS],
      deadlineMs: HTLC_CASE_MS,
      each: {
        'as BOLT 4 says': new Uint8Array(0),
        'with more bytes than BOLT 4 says': Uint8Array.of(0xfe, 9, 9, 9),
      },
    },
    async (context, more) => {
      const { connect, check } = context;
      const peer = await connect();
      const channel = await payable(context, peer);
      const { htlc, outcome } = await paidByNode(context, peer, channel, AMOUNT_MSAT);
      await channel.fail(htlc.id, permanent(channel.peel(htlc), more));
      await channel.commit();
      const result = await outcome;
      const got = result === 'rejected' ? result : result.state;
      check('bolt04-receiving-failure-codes-02', got !== 'succeeded', { expected: 'failed', got });
      if (result === 'rejected' || result.failure?.failureCode === undefined) return;
      check('bolt04-receiving-failure-codes-01', result.failure.failureCode === UNKNOWN_DETAILS, {
        expected: UNKNOWN_DETAILS,
        got: result.failure.failureCode,
      });
    },
  );

  test(
    'unreadable-failure',
    {
      title: 'goes on with the channel after a failure that it cannot read',
      chain: 'confirm',
      requirements: ['bolt02-commitment-signed-23'],
      ops: [...PAYER_OPS, 'invoice'],
      deadlineMs: HTLC_CASE_MS,
      each: { empty: 0, 'one byte': 1, zeros: 292, 'as long as can be': 60_000 },
    },
    async (context, length) => {
      const { connect } = context;
      const peer = await connect();
      const channel = await payable(context, peer);
      const first = await paidByNode(context, peer, channel, AMOUNT_MSAT, { label: 'first' });
      await channel.fail(first.htlc.id, new Uint8Array(length));
      await channel.commit({}, { requirement: 'bolt02-commitment-signed-23' });
      await channel.pay(await invoiceOf(context.node, AMOUNT_MSAT));
    },
  );

  test(
    'our-limits',
    {
      title: 'offers no HTLC that our limits do not allow',
      chain: 'confirm',
      requirements: ['bolt02-update-add-htlc-09', 'bolt02-update-add-htlc-06', 'bolt02-update-add-htlc-17'],
      ops: [...PAYER_OPS],
      deadlineMs: HTLC_CASE_MS,
      each: {
        htlc_minimum_msat: [{ htlc_minimum_msat: 30_000_000n }, 20_000_000n, 6],
        max_htlc_value_in_flight_msat: [{ max_htlc_value_in_flight_msat: 30_000_000n }, 40_000_000n, 9],
        'its reserve': [{ channel_reserve_satoshis: 50_000n }, 370_000_000n, 17],
        'its balance': [{}, 400_000_000n, 17],
        'more than the channel': [{}, 2_000_000_000n, 17],
      } satisfies Record<string, [OpenOptions, bigint, number]>,
    },
    async (context, [terms, amount_msat, sentence]) => {
      const requirement = `bolt02-update-add-htlc-${String(sentence).padStart(2, '0')}`;
      const peer = await context.connect();
      await payable(context, peer, terms);
      await expectNotOffered(context, peer, nodePays(context, peer, amount_msat), requirement);
    },
  );

  test(
    'max-accepted',
    {
      title: 'offers no more HTLCs at once than our max_accepted_htlcs',
      chain: 'confirm',
      requirements: ['bolt02-update-add-htlc-08'],
      ops: [...PAYER_OPS],
      deadlineMs: HTLC_CASE_MS,
    },
    async (context) => {
      const peer = await context.connect();
      const channel = await payable(context, peer, { max_accepted_htlcs: MOST });
      for (let i = 0; i < MOST; i++) await paidByNode(context, peer, channel, AMOUNT_MSAT, { label: `${i}` });
      const oneMore = nodePays(context, peer, AMOUNT_MSAT, { label: 'one more' });
      await expectNotOffered(context, peer, oneMore, 'bolt02-update-add-htlc-08');
    },
  );
});

const UNKNOWN_DETAILS = 0x400f;
/** Some nodes find less too few. */
const MOST = 5;

/** `incorrect_or_unknown_payment_details`, in an onion of ours. */
function permanent(peeled: Peeled, more: Uint8Array = new Uint8Array(0)): Uint8Array {
  if (peeled.kind === 'malformed') return new Uint8Array(292);
  const message = encodeFailure('incorrect_or_unknown_payment_details', {
    htlc_msat: AMOUNT_MSAT,
    height: 1,
  });
  return createFailure(peeled.sharedSecret, concat(message, more)).reason;
}
