import { parseInvoice, suite, type PayOptions, type SubjectContext } from 'boltgrid';
import { balanced, invoiceOf } from './_channels.ts';
import { expectFailure, unasked } from './_htlcs.ts';

const AMOUNT_MSAT = 20_000_000n;
const UNKNOWN_DETAILS = ['incorrect_or_unknown_payment_details'];

const withFlippedBit = (bytes: Uint8Array): Uint8Array =>
  bytes.map((byte, i) => (i === 31 ? byte ^ 1 : byte));

/** BOLT 4, Failure Messages, and The reader of a payload: what a node that is the payee accepts, and how it says no. */
export default suite('bolt02/htlc-final', { title: 'the node as final node' }, ({ test }) => {
  test(
    'unknown-hash',
    {
      title: 'fails an HTLC with an unknown payment_hash, and tells its amount and the height',
      chain: 'confirm',
      requirements: [
        'bolt04-failure-39',
        'bolt04-failure-38',
        'bolt04-failure-03',
        'bolt04-failure-04',
        'bolt04-erring-node-01',
        'bolt04-erring-node-02',
      ],
    },
    async (context) => {
      const { connect, chain, check } = context;
      const channel = await balanced(await connect());
      const before = await chain.height();
      const id = await channel.addHtlc(unasked(context, AMOUNT_MSAT));
      await channel.commit();
      const removed = await channel.expectRemoved(id, { requirement: 'bolt04-failure-38' });
      check('bolt04-failure-38', removed.how === 'failed', { expected: 'failed', got: removed.how });
      if (removed.how !== 'failed') return;
      const { failure, reason } = removed;
      check('bolt04-failure-03', failure?.name !== undefined, { expected: 'a known code', got: failure });
      check('bolt04-failure-39', failure?.name === UNKNOWN_DETAILS[0], {
        expected: UNKNOWN_DETAILS,
        got: failure,
      });
      const { htlc_msat, height } = failure?.fields ?? {};
      const after = await chain.height();
      check('bolt04-failure-04', htlc_msat === AMOUNT_MSAT, { expected: AMOUNT_MSAT, got: htlc_msat });
      const isNow = typeof height === 'number' && height >= before && height <= after;
      check('bolt04-failure-04', isNow, { expected: `${before} to ${after}`, got: height, note: 'height' });
      check('bolt04-erring-node-01', reason.length >= RETURN_PACKET_LENGTH, {
        expected: `at least ${RETURN_PACKET_LENGTH} bytes`,
        got: reason.length,
      });
      check('bolt04-erring-node-02', reason.length === RETURN_PACKET_LENGTH, {
        expected: RETURN_PACKET_LENGTH,
        got: reason.length,
      });
    },
  );

  test(
    'payment-secret',
    {
      title: 'fails an HTLC whose payment_secret is not that of the invoice',
      chain: 'confirm',
      requirements: ['bolt04-failure-35', 'bolt04-failure-34'],
      ops: ['invoice'],
      each: {
        'one bit of it': withFlippedBit,
        zeros: () => new Uint8Array(32),
      } satisfies Record<string, (right: Uint8Array) => Uint8Array>,
    },
    (context, secretOf) =>
      expectNotPaid(context, 'bolt04-failure-35', {
        payload: ({ payment_data, ...rest }) => ({
          ...rest,
          ...(payment_data && {
            payment_data: { ...payment_data, payment_secret: secretOf(payment_data.payment_secret) },
          }),
        }),
      }),
  );

  test(
    'no-payment-secret',
    {
      title: 'fails an HTLC without payment_secret',
      chain: 'confirm',
      requirements: ['bolt04-failure-34', 'bolt04-failure-35'],
      features: ['payment_secret'],
      ops: ['invoice'],
    },
    (context) =>
      expectNotPaid(
        context,
        'bolt04-failure-34',
        {
          payload: ({ amt_to_forward, outgoing_cltv_value }) => ({
            ...(amt_to_forward && { amt_to_forward }),
            ...(outgoing_cltv_value && { outgoing_cltv_value }),
          }),
        },
        // It is a feature that the node requires, too, and that comes first in the list of failures.
        [...UNKNOWN_DETAILS, 'required_node_feature_missing', 'invalid_onion_payload'],
      ),
  );

  test(
    'amount-too-low',
    {
      title: 'fails an HTLC of less than the invoice asks for',
      chain: 'confirm',
      requirements: ['bolt04-failure-37', 'bolt04-failure-36'],
      ops: ['invoice'],
      each: { 'by 1 msat': AMOUNT_MSAT - 1n, half: AMOUNT_MSAT / 2n, '1 sat': 1000n },
    },
    (context, amount_msat) => expectNotPaid(context, 'bolt04-failure-37', { amount_msat }),
  );

  test(
    'amount-too-high',
    {
      title: 'fails an HTLC of more than twice what the invoice asks for',
      chain: 'confirm',
      requirements: ['bolt04-failure-41', 'bolt04-failure-40'],
      ops: ['invoice'],
      each: { 'by 1 msat': 2n * AMOUNT_MSAT + 1n, 'three times': 3n * AMOUNT_MSAT },
    },
    (context, amount_msat) => expectNotPaid(context, 'bolt04-failure-41', { amount_msat }),
  );

  test(
    'amount-up-to-twice',
    {
      title: 'takes up to twice what the invoice asks for',
      chain: 'confirm',
      requirements: ['bolt11-interactions-01'],
      ops: ['invoice'],
      each: { '1 msat more': AMOUNT_MSAT + 1n, 'exactly twice': 2n * AMOUNT_MSAT },
    },
    (context, amount_msat) => expectPaid(context, 'bolt11-interactions-01', { amount_msat }),
  );

  test(
    'any-amount',
    {
      title: 'takes any amount for an invoice without one',
      chain: 'confirm',
      requirements: ['bolt04-mpp-17'],
      ops: ['invoice'],
      each: { '1 sat': 1000n, '1,234,567 msat': 1_234_567n, '50,000 sat': 50_000_000n },
    },
    async (context, amount_msat) => {
      const { connect, node, check } = context;
      const channel = await balanced(await connect());
      const { invoice } = await node.call('invoice', { description: 'boltgrid' });
      const id = await channel.payInvoice(invoice, { amount_msat });
      const { how } = await channel.expectRemoved(id, { requirement: 'bolt04-mpp-17' });
      check('bolt04-mpp-17', how === 'fulfilled', { expected: 'fulfilled', got: how });
    },
  );

  test(
    'expiry-too-soon',
    {
      title: 'fails an HTLC that expires before the invoice’s min_final_cltv_expiry_delta is over',
      chain: 'confirm',
      requirements: ['bolt04-failure-43', 'bolt04-failure-42', 'bolt04-payload-53'],
      ops: ['invoice'],
      // Nodes ask for a few blocks more than they need, since some may come meanwhile.
      each: {
        'half of it is left': [0.5, 0],
        'nothing is left': [1, 0],
        'in the past': [1, 5],
      } satisfies Record<string, [number, number]>,
    },
    async (context, [share, blocks]) => {
      const { invoice } = await context.node.call('invoice', {
        amountMsat: AMOUNT_MSAT,
        description: 'boltgrid',
      });
      const delta = Number(parseInvoice(invoice).min_final_cltv_expiry_delta);
      await expectNotPaid(context, 'bolt04-failure-43', {
        cltvSlack: -Math.ceil(delta * share) - blocks,
      });
    },
  );

  test(
    'expiry-enough',
    {
      title:
        'takes an HTLC that expires with the first block after the invoice’s min_final_cltv_expiry_delta',
      chain: 'owns',
      requirements: ['bolt04-mpp-17'],
      ops: ['invoice'],
    },
    (context) => expectPaid(context, 'bolt04-mpp-17', { cltvSlack: 1 }),
  );

  test(
    'expiry-below-onion',
    {
      title: 'fails an HTLC that expires before the onion’s outgoing_cltv_value',
      chain: 'confirm',
      requirements: ['bolt04-failure-44', 'bolt04-payload-52'],
      ops: ['invoice'],
      each: { 'by a block': 1, 'by 100 blocks': 100 },
    },
    (context, blocks) =>
      expectNotPaid(
        context,
        'bolt04-failure-44',
        {
          payload: ({ outgoing_cltv_value, ...rest }) => ({
            ...rest,
            outgoing_cltv_value: {
              outgoing_cltv_value: (outgoing_cltv_value?.outgoing_cltv_value ?? 0) + blocks,
            },
          }),
        },
        ['final_incorrect_cltv_expiry'],
      ),
  );

  test(
    'amount-below-onion',
    {
      title: 'fails an HTLC of less than the onion’s amt_to_forward',
      chain: 'confirm',
      requirements: ['bolt04-failure-45', 'bolt04-payload-51'],
      ops: ['invoice'],
      each: { 'by 1 msat': 1n, 'by half': AMOUNT_MSAT },
    },
    (context, more) =>
      expectNotPaid(
        context,
        'bolt04-failure-45',
        {
          payload: (right) => ({
            ...right,
            amt_to_forward: { amt_to_forward: AMOUNT_MSAT + more },
            ...(right.payment_data && {
              payment_data: { ...right.payment_data, total_msat: AMOUNT_MSAT + more },
            }),
          }),
        },
        ['final_incorrect_htlc_amount'],
      ),
  );

  test(
    'expiry-above-onion',
    {
      title: 'takes an HTLC that expires later than the onion says',
      chain: 'confirm',
      requirements: ['bolt04-mpp-17'],
      ops: ['invoice'],
    },
    (context) =>
      expectPaid(context, 'bolt04-mpp-17', {
        payload: ({ outgoing_cltv_value, ...rest }) => ({
          ...rest,
          outgoing_cltv_value: {
            outgoing_cltv_value: (outgoing_cltv_value?.outgoing_cltv_value ?? 0) - 5,
          },
        }),
      }),
  );
});

/** HMAC, both lengths, and what is to be 256 bytes together. */
const RETURN_PACKET_LENGTH = 32 + 2 + 2 + 256;

/** Pays an invoice of the node in another way than it asks for: the node must fail the HTLC, and the invoice can be paid afterwards. */
async function expectNotPaid(
  context: SubjectContext,
  requirement: string,
  options: PayOptions,
  names: readonly string[] = UNKNOWN_DETAILS,
): Promise<void> {
  const { connect, node } = context;
  const channel = await balanced(await connect());
  const invoice = await invoiceOf(node, AMOUNT_MSAT);
  const id = await channel.payInvoice(invoice, options);
  const failure = await expectFailure(context, channel, id, names, requirement);
  if (failure) await channel.pay(invoice);
}

async function expectPaid(
  { connect, node, check }: SubjectContext,
  requirement: string,
  options: PayOptions,
): Promise<void> {
  const channel = await balanced(await connect());
  const id = await channel.payInvoice(await invoiceOf(node, AMOUNT_MSAT), options);
  const { how } = await channel.expectRemoved(id, { requirement });
  check(requirement, how === 'fulfilled', { expected: 'fulfilled', got: how });
}
