import {
  BoltgridError,
  concat,
  encodePayload,
  failureCode,
  makeOnion,
  suite,
  toHex,
  type NewHtlc,
  type PaymentPayload,
  type PeerChannel,
} from 'boltgrid';
import { balanced, heldHtlc, invoiceOf } from './_channels.ts';
import { sha256, unasked } from './_htlcs.ts';

const AMOUNT_MSAT = 20_000_000n;
const HMAC_AT = 1366 - 32;

const withByte = (packet: Uint8Array, at: number, change: (byte: number) => number): Uint8Array =>
  packet.map((byte, i) => (i === at ? change(byte) : byte));

const flipped = (byte: number): number => byte ^ 1;

const PAYLOAD: PaymentPayload = {
  amt_to_forward: { amt_to_forward: AMOUNT_MSAT },
  outgoing_cltv_value: { outgoing_cltv_value: 200 },
};

/** The same HTLC, onion included, once more. */
function repeated({ commitments }: PeerChannel, id: bigint): NewHtlc {
  const { htlcs, pending } = commitments.ledger;
  const adds = [
    ...htlcs.map(({ by, add }) => ({ by, add })),
    ...pending.flatMap(({ by, update }) =>
      update.name === 'update_add_htlc' ? [{ by, add: update.fields }] : [],
    ),
  ];
  const found = adds.find(({ by, add }) => by === 'local' && add.id === id);
  if (!found) throw new BoltgridError('suite.no-such-htlc', 'harness', `there is no HTLC ${id}`);
  return found.add;
}

/** BOLT 4, Onion Decryption: onions that no node can use, and what the node says of them. */
export default suite('bolt02/htlc-onions', { title: 'onions of HTLCs' }, ({ test }) => {
  test(
    'unreadable',
    {
      title: 'fails an HTLC whose onion it cannot read as malformed, and tells why',
      chain: 'confirm',
      requirements: [
        'bolt02-update-add-htlc-26',
        'bolt04-onion-decryption-01',
        'bolt04-onion-decryption-02',
        'bolt04-onion-decryption-06',
      ],
      ops: ['invoice'],
      each: {
        'version 1': [(packet) => withByte(packet, 0, () => 1), 'invalid_onion_version', 1],
        'version 255': [(packet) => withByte(packet, 0, () => 255), 'invalid_onion_version', 1],
        'a public key of the form 04': [(packet) => withByte(packet, 1, () => 4), 'invalid_onion_key', 2],
        'a public key that is no point': [
          (packet) => concat(packet.subarray(0, 2), new Uint8Array(32).fill(255), packet.subarray(34)),
          'invalid_onion_key',
          2,
        ],
        'a bit of the HMAC': [(packet) => withByte(packet, HMAC_AT, flipped), 'invalid_onion_hmac', 6],
        'a bit of the first payload': [(packet) => withByte(packet, 40, flipped), 'invalid_onion_hmac', 6],
        'the last bit of the payloads': [
          (packet) => withByte(packet, HMAC_AT - 1, flipped),
          'invalid_onion_hmac',
          6,
        ],
      } satisfies Record<
        string,
        [
          (packet: Uint8Array) => Uint8Array,
          'invalid_onion_version' | 'invalid_onion_key' | 'invalid_onion_hmac',
          number,
        ]
      >,
    },
    async (context, [spoil, name, sentence]) => {
      const { connect, node, check } = context;
      const requirement = `bolt04-onion-decryption-0${sentence}`;
      const channel = await balanced(await connect());
      const invoice = await invoiceOf(node, AMOUNT_MSAT);
      const id = await channel.payInvoice(invoice, {
        changes: {
          update_add_htlc: (fields) => ({
            ...fields,
            onion_routing_packet: spoil(fields.onion_routing_packet),
          }),
        },
      });
      const removed = await channel.expectRemoved(id, { requirement });
      check(requirement, removed.how !== 'fulfilled', { expected: 'not fulfilled', got: removed.how });
      const got = removed.how === 'malformed' ? removed.failure_code : removed.how;
      check('bolt02-update-add-htlc-26', got === failureCode(name), {
        expected: failureCode(name),
        got,
        note: name,
      });
      await channel.pay(invoice);
    },
  );

  test(
    'hash-of-onion',
    {
      title: 'tells the SHA-256 of the whole onion that it could not read',
      chain: 'confirm',
      requirements: ['bolt04-failure-04'],
    },
    async (context) => {
      const channel = await balanced(await context.connect());
      const onion_routing_packet = new Uint8Array(1366).fill(7);
      const id = await channel.addHtlc({ ...unasked(context, AMOUNT_MSAT), onion_routing_packet });
      await channel.commit();
      const removed = await channel.expectRemoved(id);
      const got = removed.how === 'malformed' ? toHex(removed.sha256_of_onion) : removed.how;
      const expected = toHex(sha256(onion_routing_packet));
      context.check('bolt04-failure-04', got === expected, { expected, got });
    },
  );

  test(
    'other-hash',
    {
      title: 'fails an HTLC whose onion was made for another payment_hash',
      chain: 'confirm',
      requirements: ['bolt02-update-add-htlc-25'],
    },
    async (context) => {
      const { connect, node, secret, check } = context;
      const channel = await balanced(await connect());
      const { packet } = makeOnion({
        sessionKey: secret('session'),
        hops: [{ nodeId: node.publicKey, payload: encodePayload(PAYLOAD) }],
        associatedData: sha256(secret('another')),
      });
      const id = await channel.addHtlc({ ...unasked(context, AMOUNT_MSAT), onion_routing_packet: packet });
      await channel.commit();
      const removed = await channel.expectRemoved(id, { requirement: 'bolt02-update-add-htlc-25' });
      const got = removed.how === 'malformed' ? removed.failure_code : removed.how;
      const expected = failureCode('invalid_onion_hmac');
      check('bolt02-update-add-htlc-25', got === expected, { expected, got, note: 'invalid_onion_hmac' });
    },
  );

  test(
    'repeated-after-payment',
    {
      title: 'fails an onion that comes again after it was paid, or takes the money again',
      chain: 'confirm',
      requirements: ['bolt04-onion-decryption-04', 'bolt04-failure-32'],
      ops: ['invoice'],
    },
    async ({ connect, node, check }) => {
      const channel = await balanced(await connect());
      const invoice = await invoiceOf(node, AMOUNT_MSAT);
      const first = await channel.payInvoice(invoice);
      const again = repeated(channel, first);
      await channel.expectRemoved(first);
      const second = await channel.addHtlc(again);
      await channel.commit();
      const { how } = await channel.expectRemoved(second, { requirement: 'bolt04-onion-decryption-04' });
      check('bolt04-failure-32', how !== 'fulfilled', { got: how });
    },
  );

  test(
    'repeated-while-held',
    {
      title: 'fails an onion that comes again while it holds the payment and does not know the preimage',
      chain: 'confirm',
      requirements: ['bolt04-onion-decryption-04'],
      ops: ['holdInvoice', 'invoiceStatus', 'settle'],
    },
    async (context) => {
      const { connect, node, secret, check } = context;
      const channel = await balanced(await connect());
      const preimage = secret('preimage');
      const first = await heldHtlc(context, channel, preimage, AMOUNT_MSAT);
      const second = await channel.addHtlc(repeated(channel, first));
      await channel.commit();
      const { how } = await channel.expectRemoved(second, { requirement: 'bolt04-onion-decryption-04' });
      check('bolt04-onion-decryption-04', how !== 'fulfilled', { expected: 'failed', got: how });
      await node.call('settle', { preimage: toHex(preimage) });
      await channel.expectRemoved(first);
    },
  );
});
