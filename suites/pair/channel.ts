import { featureBits, fromHex, suite, toHex, type PairContext, type Transaction } from 'boltgrid';
import {
  CAPACITY_SAT,
  CHANNEL_OPS,
  channelOf,
  connect,
  DEPTH,
  fund,
  openChannel,
  PAIR_CASE_MS,
  payInvoice,
  PAYMENT_MSAT,
  peerOf,
  PUSH_SAT,
  usable,
  type Outpoint,
} from './_channel.ts';

const PAYMENT_OPS = [...CHANNEL_OPS, 'invoice', 'invoiceStatus', 'pay'] as const;

/** Opens a channel and closes it again; what happens between is the case. */
export default suite('pair/channel', { title: 'two nodes and one channel', kind: 'pair' }, ({ test }) => {
  test(
    'connect',
    {
      title: 'accept each other’s init, and stay connected',
      chain: 'none',
      requirements: ['bolt01-init-13'],
      ops: ['connect', 'peers'],
      deadlineMs: PAIR_CASE_MS,
    },
    async (context) => {
      const { a, b, check } = context;
      // A node that was connected before might not shake hands again.
      if (a.operations.has('disconnect')) await a.call('disconnect', { publicKey: toHex(b.publicKey) });
      await connect(context);
      for (const [node, other] of [
        [a, b],
        [b, a],
      ] as const) {
        const listed = (await peerOf(node, other))?.features;
        // Not every program lists them; that it stays connected has to do then.
        const seen = listed === undefined ? other.features : featureBits(fromHex(listed));
        check('bolt01-init-13', sorted(seen) === sorted(other.features), {
          note: `${node.id} lists the features that ${other.id} sends`,
          expected: sorted(other.features),
          got: sorted(seen),
        });
      }
    },
  );

  test(
    'open',
    {
      title: 'open a channel that both know by the same id and funding output',
      chain: 'confirm',
      requirements: [
        'bolt02-funding-signed-03',
        'bolt02-funding-signed-02',
        'bolt02-funding-signed-06',
        'bolt02-channel-ready-12',
      ],
      ops: CHANNEL_OPS,
      deadlineMs: PAIR_CASE_MS,
    },
    async (context) => {
      const { a, b, chain, check } = context;
      const { channelId, funding } = await fund(context);
      const expected = channelIdOf(funding);
      check('bolt02-funding-signed-02', channelId === expected, {
        note: 'channel_id is funding_txid XOR funding_output_index',
        expected,
        got: channelId,
      });
      await chain.confirm(funding.txid, DEPTH);
      check('bolt02-funding-signed-06', true, {
        note: 'the funding transaction was broadcast and confirmed',
      });
      await usable(context, channelId);
      const [ofA, ofB] = await Promise.all([channelOf(a, channelId), channelOf(b, channelId)]);
      check(
        'bolt02-channel-ready-12',
        ofA?.shortChannelId !== undefined && ofA.shortChannelId === ofB?.shortChannelId,
        {
          note: 'both saw the funding output at the same place of the chain',
          expected: ofA?.shortChannelId,
          got: ofB?.shortChannelId,
        },
      );
    },
  );

  test(
    'push',
    {
      title: 'agree on the capacity, the balances and push_msat once the channel is usable',
      chain: 'confirm',
      requirements: ['bolt02-open-channel-48', 'bolt02-accept-channel-06'],
      ops: CHANNEL_OPS,
      deadlineMs: PAIR_CASE_MS,
    },
    async (context) => {
      const { a, b, check } = context;
      const { channelId } = await openChannel(context);
      const [ofA, ofB] = await Promise.all([channelOf(a, channelId), channelOf(b, channelId)]);
      const expected = { capacitySat: CAPACITY_SAT, balanceMsat: PUSH_SAT * 1000n };
      // Not every program tells its capacity and type; what only one says cannot be compared.
      const got = { capacitySat: ofB?.capacitySat ?? CAPACITY_SAT, balanceMsat: ofB?.balanceMsat };
      check(
        'bolt02-open-channel-48',
        got.capacitySat === expected.capacitySat && got.balanceMsat === expected.balanceMsat,
        { expected, got, note: 'what was pushed belongs to the accepter' },
      );
      const [typeOfA, typeOfB] = [ofA?.channelType, ofB?.channelType];
      check('bolt02-accept-channel-06', (typeOfA ?? typeOfB) === (typeOfB ?? typeOfA), {
        expected: typeOfA,
        got: typeOfB,
        note: 'both hold the same channel_type',
      });
    },
  );

  test(
    'pay',
    {
      title: 'pay each other over the channel',
      chain: 'confirm',
      each: { 'a-to-b': 'forth', 'b-to-a': 'back', 'both-ways-at-once': 'both' } as const,
      requirements: ['bolt02-commitment-signed-23', 'bolt02-remove-htlc-01', 'bolt02-remove-htlc-13'],
      ops: PAYMENT_OPS,
      deadlineMs: PAIR_CASE_MS,
    },
    async (context, direction: 'forth' | 'back' | 'both') => {
      const { a, b, check } = context;
      await openChannel(context);
      const forth = () => payInvoice(context, a, b, PAYMENT_MSAT);
      const back = () => payInvoice(context, b, a, PAYMENT_MSAT);
      const runs = { forth: [forth], back: [back], both: [forth, back] }[direction];
      for (const { payment, received } of await Promise.all(runs.map((pay) => pay()))) {
        check(
          'bolt02-remove-htlc-13',
          payment.preimage !== undefined && payment.preimage === (received.preimage ?? payment.preimage),
          {
            note: 'the payer holds the payee’s preimage',
            got: payment.preimage,
          },
        );
        check(
          'bolt02-remove-htlc-01',
          received.receivedMsat === undefined || received.receivedMsat === PAYMENT_MSAT,
          {
            expected: PAYMENT_MSAT,
            got: received.receivedMsat,
          },
        );
      }
    },
  );

  test(
    'reconnect',
    {
      title: 'reestablish the channel after a disconnect, and pay over it',
      chain: 'confirm',
      each: { 'by-a': 'a', 'by-b': 'b' } as const,
      requirements: [
        'bolt02-reestablish-05',
        'bolt02-reestablish-01',
        'bolt02-reestablish-03',
        'bolt02-reestablish-09',
      ],
      ops: [...PAYMENT_OPS, 'disconnect'],
      deadlineMs: PAIR_CASE_MS,
    },
    async (context, who: 'a' | 'b') => {
      const { a, b, check } = context;
      const { channelId } = await openChannel(context);
      await reconnect(context, who);
      const [ofA, ofB] = await Promise.all([channelOf(a, channelId), channelOf(b, channelId)]);
      check('bolt02-reestablish-01', ofA !== undefined, { note: 'the opener remembers the channel' });
      check('bolt02-reestablish-03', ofB !== undefined, { note: 'the accepter remembers the channel' });
      await usable(context, channelId);
      check('bolt02-reestablish-09', true, { note: 'the channel is usable again on both sides' });
      await payInvoice(context, a, b, PAYMENT_MSAT);
    },
  );

  test(
    'close',
    {
      title: 'close together: one transaction, which confirms and pays both',
      chain: 'confirm',
      each: { 'by-a': 'a', 'by-b': 'b' } as const,
      requirements: ['bolt02-shutdown-14', 'bolt02-closing-signed-09'],
      ops: [...CHANNEL_OPS, 'close'],
      deadlineMs: PAIR_CASE_MS,
    },
    async (context, who: 'a' | 'b') => {
      const { a, b, chain, check, eventually } = context;
      const { channelId, funding } = await openChannel(context);
      await context[who].call('close', { channelId });
      for (const node of [a, b]) {
        await eventually(
          `${node.id} counts the channel as closing or closed`,
          () => channelOf(node, channelId),
          (channel) => channel?.state === 'closing' || channel?.state === 'closed',
        );
      }
      const closing = await eventually(
        'the funding output is spent by a closing transaction',
        () => chain.spender(funding.txid, funding.vout),
        (spending) => spending !== undefined,
        { requirement: 'bolt02-closing-signed-09' },
      );
      check('bolt02-closing-signed-09', closing !== undefined && !isCommitment(closing), {
        expected: 'a closing transaction',
        got: 'a commitment transaction: one of them closed alone',
      });
      await chain.confirm(closing?.txid ?? '', DEPTH);
      for (const node of [a, b]) {
        await eventually(
          `${node.id} counts the channel as closed`,
          () => channelOf(node, channelId),
          (channel) => channel === undefined || channel.state === 'closed',
        );
      }
      check('bolt02-closing-signed-09', true, {
        note: 'the closing transaction was broadcast and confirmed',
      });
    },
  );
});

/** BOLT 3, Commitment Transaction: the upper eight bits of locktime and sequence. */
const isCommitment = ({ lockTime, inputs }: Transaction): boolean =>
  lockTime >>> 24 === 0x20 && inputs.every(({ sequence }) => sequence >>> 24 === 0x80);

const sorted = (bits: ReadonlySet<number>): string => [...bits].sort((a, b) => a - b).join();

/**
 * The other side may hear later that the connection is gone, and would refuse a second one until then. A node with channels may dial
 * again by itself before anyone has looked.
 */
async function reconnect(context: PairContext, who: 'a' | 'b'): Promise<void> {
  const { a, b, eventually } = context;
  const [one, other] = who === 'a' ? [a, b] : [b, a];
  await one.call('disconnect', { publicKey: toHex(other.publicKey) });
  await eventually(
    `${other.id} knows that the connection is gone`,
    async () => ({ again: await peerOf(one, other), still: await peerOf(other, one) }),
    ({ again, still }) => again !== undefined || still === undefined,
  );
  await connect({ ...context, a: one, b: other });
}

/** BOLT 2, Definition of channel_id: the funding txid (as in the message, so reversed) XOR the output index in the last two bytes. */
function channelIdOf({ txid, vout }: Outpoint): string {
  const id = Buffer.from(txid, 'hex').reverse();
  id.writeUInt16BE(id.readUInt16BE(30) ^ vout, 30);
  return id.toString('hex');
}
