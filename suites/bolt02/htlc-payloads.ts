import {
  concat,
  encodePayload,
  FAILURE_FLAGS,
  makeOnion,
  suite,
  type PayloadEdit,
  type PaymentPayload,
} from 'boltgrid';
import { balanced, invoiceOf } from './_channels.ts';
import { unasked } from './_htlcs.ts';

const AMOUNT_MSAT = 20_000_000n;

/** Type and length as a BigSize below 253, and the value. */
const record = (type: number, value: readonly number[], length = value.length): Uint8Array =>
  Uint8Array.of(type, length, ...value);

const PAYLOAD = encodePayload({
  amt_to_forward: { amt_to_forward: AMOUNT_MSAT },
  outgoing_cltv_value: { outgoing_cltv_value: 200 },
});

/** What a record comes after. */
const then =
  (last: Uint8Array) =>
  (right: PaymentPayload): Uint8Array =>
    concat(encodePayload(right), last);

const without =
  (name: keyof PaymentPayload) =>
  (right: PaymentPayload): PaymentPayload =>
    Object.fromEntries(Object.entries(right).filter(([key]) => key !== name));

/** BOLT 4, `payload` format: what a node reads in an onion for it. */
export default suite('bolt02/htlc-payloads', { title: 'payloads in onions of HTLCs' }, ({ test }) => {
  test(
    'payload-length',
    {
      title: 'fails an HTLC whose payload has an impossible length',
      chain: 'confirm',
      requirements: [
        'bolt04-onion-decryption-08',
        'bolt04-onion-decryption-07',
        'bolt04-onion-decryption-09',
        'bolt04-onion-decryption-10',
      ],
      each: {
        '0': [[0], 8],
        '1': [[1], 8],
        'more than there is': [[0xfd, 0x05, 0x15], 9],
        'no room for the next HMAC': [[0xfd, 0x05, 0x00], 10],
        'as 2^64 - 1': [[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], 9],
        'not minimal': [[0xfd, 0x00, 0x20], 7],
      } satisfies Record<string, [number[], number]>,
    },
    async (context, [prefix, sentence]) => {
      const { connect, node, secret, check } = context;
      const requirement = `bolt04-onion-decryption-${String(sentence).padStart(2, '0')}`;
      const channel = await balanced(await connect());
      const htlc = unasked(context, AMOUNT_MSAT);
      const { packet } = makeOnion({
        sessionKey: secret('session'),
        hops: [{ nodeId: node.publicKey, payload: PAYLOAD, lengthPrefix: Uint8Array.from(prefix) }],
        associatedData: htlc.payment_hash,
      });
      const id = await channel.addHtlc({ ...htlc, onion_routing_packet: packet });
      await channel.commit();
      const { how } = await channel.expectRemoved(id, { requirement });
      check(requirement, how !== 'fulfilled', { expected: 'failed', got: how });
    },
  );

  test(
    'payload',
    {
      title: 'fails an HTLC whose payload is no TLV stream, has an unknown even record, or lacks one',
      chain: 'confirm',
      requirements: [
        'bolt02-update-add-htlc-26',
        'bolt04-payload-45',
        'bolt04-failure-03',
        'bolt04-failure-06',
      ],
      ops: ['invoice'],
      each: {
        'an unknown even record': then(record(100, [1])),
        'no amt_to_forward': without('amt_to_forward'),
        'no outgoing_cltv_value': without('outgoing_cltv_value'),
        'a record twice': then(record(8, [])),
        'records out of order': then(record(3, [1])),
        'a record that ends too late': then(record(99, [1], 5)),
        'a number with a leading zero': (right: PaymentPayload) =>
          concat(record(2, [0, 0x13, 0x12, 0xd0]), encodePayload(without('amt_to_forward')(right))),
        'bytes that are no record': () => Uint8Array.of(0xff, 0xff, 0xff),
      } satisfies Record<string, PayloadEdit>,
    },
    async (context, payload) => {
      const { connect, node, check } = context;
      const channel = await balanced(await connect());
      const invoice = await invoiceOf(node, 1_250_000n);
      const id = await channel.payInvoice(invoice, { payload });
      const removed = await channel.expectRemoved(id, { requirement: 'bolt02-update-add-htlc-26' });
      check('bolt02-update-add-htlc-26', removed.how !== 'fulfilled', {
        expected: 'failed',
        got: removed.how,
      });
      const failure = removed.how === 'failed' ? removed.failure : undefined;
      const isKnown = removed.how === 'malformed' || failure?.name !== undefined;
      check('bolt04-failure-03', isKnown, { expected: 'a code of BOLT 4', got: failure?.code });
      check('bolt04-failure-06', failure?.name === 'invalid_onion_payload', { got: failure?.name });
      await channel.pay(invoice);
    },
  );

  test(
    'even-custom-record',
    {
      title: 'fails an HTLC whose payload has an unknown even record of the range for custom records',
      chain: 'confirm',
      requirements: ['bolt02-update-add-htlc-26'],
      ops: ['invoice'],
    },
    async ({ connect, node, check }) => {
      const channel = await balanced(await connect());
      const id = await channel.payInvoice(await invoiceOf(node, AMOUNT_MSAT), {
        payload: then(Uint8Array.of(0xff, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0)),
      });
      const { how } = await channel.expectRemoved(id, { requirement: 'bolt02-update-add-htlc-26' });
      check('bolt02-update-add-htlc-26', how !== 'fulfilled', { expected: 'failed', got: how });
    },
  );

  test(
    'odd-record',
    {
      title: 'takes an HTLC whose payload has unknown odd records',
      chain: 'confirm',
      requirements: ['bolt01-tlv-15'],
      ops: ['invoice'],
      each: { small: 55n, large: 0xffff_ffff_0001n },
    },
    async ({ connect, node, check }, type) => {
      const channel = await balanced(await connect());
      const id = await channel.payInvoice(await invoiceOf(node, AMOUNT_MSAT), {
        payload: (right) => ({ ...right, unknown: [{ type, value: new Uint8Array(40).fill(7) }] }),
      });
      const { how } = await channel.expectRemoved(id, { requirement: 'bolt01-tlv-15' });
      check('bolt01-tlv-15', how === 'fulfilled', { expected: 'fulfilled', got: how });
    },
  );

  test(
    'path-key-without-path',
    {
      title: 'fails an HTLC with a path_key outside of a blinded route',
      chain: 'confirm',
      requirements: ['bolt04-payload-44', 'bolt04-failure-01', 'bolt02-remove-htlc-08'],
      ops: ['invoice'],
    },
    async ({ connect, node, check }) => {
      const peer = await connect();
      const channel = await balanced(peer);
      const id = await channel.payInvoice(await invoiceOf(node, AMOUNT_MSAT), {
        changes: {
          update_add_htlc: (fields) => ({ ...fields, tlvs: { blinded_path: { path_key: peer.publicKey } } }),
        },
      });
      const removed = await channel.expectRemoved(id, { requirement: 'bolt04-payload-44' });
      check('bolt04-payload-44', removed.how !== 'fulfilled', { expected: 'failed', got: removed.how });
      const got = removed.how === 'malformed' ? removed.failure_code : removed.how;
      // With a path_key even the decryption is another: both failures are of an onion that cannot be read.
      const isBadOnion = typeof got === 'number' && (got & FAILURE_FLAGS.BADONION) !== 0;
      check('bolt04-failure-01', isBadOnion, { expected: 'malformed', got });
    },
  );
});
