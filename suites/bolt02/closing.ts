import { suite, toHex, type Bolts, type MessageFields, type PeerChannel } from 'boltgrid';
import { balanced } from './_channels.ts';
import { P2WPKH, usable } from './_closing.ts';
import { WRONG_SIGNATURES } from './_signatures.ts';

type ClosingSigned = MessageFields<Bolts, 'closing_signed'>;

/** The negotiation without `option_simple_close`: not offered by us, so not negotiated. */
const LEGACY = { features: { drop: [60, 61] } };

/** BOLT 2, Legacy Closing Negotiation, with us as the side that opened the channel and proposes first. */
export default suite('bolt02/closing', { title: 'closing_signed' }, ({ test }) => {
  test(
    'agreed',
    {
      title: 'agrees on a fee, and signs a closing transaction that pays both',
      chain: 'confirm',
      requirements: ['bolt02-closing-signed-07', 'bolt02-closing-signed-19'],
    },
    async (context) => {
      const channel = await usable(context, await balanced(await context.connect(LEGACY)));
      // The engine judges each fee and signature.
      const { outputs, txid } = await channel.close();
      context.check('bolt02-closing-signed-07', outputs.length === 2, { expected: 2, got: outputs.length });
      context.check('bolt02-closing-signed-19', true, { note: 'a fee in the overlap of both ranges' });
      await context.chain.confirm(txid);
    },
  );

  test(
    'broadcasts',
    {
      title: 'broadcasts the closing transaction on which both agreed',
      chain: 'confirm',
      requirements: ['bolt02-closing-signed-09'],
    },
    async (context) => {
      const channel = await usable(context, await balanced(await context.connect(LEGACY)));
      await channel.do({ do: 'shutdown', scriptpubkey: P2WPKH });
      await channel.settle();
      await context.chain.spenderOf(channel.fundingTxid, channel.fundingOutputIndex, {
        requirement: 'bolt02-closing-signed-09',
        what: 'the closing transaction',
      });
    },
  );

  test(
    'without-fee-range',
    {
      title: 'goes on with a closing_signed that has no fee_range',
      chain: 'confirm',
      requirements: ['bolt02-closing-signed-07'],
    },
    async (context) => {
      const channel = await usable(context, await balanced(await context.connect(LEGACY)));
      const { outputs } = await channel.close({
        changes: { closing_signed: (fields) => ({ ...fields, tlvs: {} }) },
      });
      context.check('bolt02-closing-signed-07', outputs.length === 2, { expected: 2, got: outputs.length });
    },
  );

  test(
    'wrong-signature',
    {
      title: 'fails the channel where the signature is not ours of the closing transaction, or has a high S',
      chain: 'confirm',
      requirements: ['bolt02-closing-signed-08'],
      each: WRONG_SIGNATURES,
    },
    async (context, spoil) => {
      const channel = await usable(context, await balanced(await context.connect(LEGACY)));
      await proposing(channel, (fields) => ({ ...fields, signature: spoil(fields.signature) }));
      await channel.expectRefused({ requirement: 'bolt02-closing-signed-08' });
    },
  );

  test(
    'reconnected',
    {
      title: 'begins the negotiation again after the connection was lost in its midst',
      chain: 'confirm',
      requirements: ['bolt02-reestablish-49'],
    },
    async (context) => {
      const peer = await context.connect(LEGACY);
      const channel = await usable(context, await balanced(peer));
      await channel.do({ do: 'shutdown', scriptpubkey: P2WPKH });
      await channel.expect('shutdown');
      await channel.do(
        { do: 'closing_signed', proposal: { fee_satoshis: 1_000n } },
        { closing_signed: () => [] },
      );
      await peer.reconnect();
      await channel.do({ do: 'channel_reestablish' });
      await channel.expect('channel_reestablish');
      await channel.expect('shutdown', {}, { requirement: 'bolt02-reestablish-49' });
      await channel.settle();
      const { closings } = channel.live;
      context.check('bolt02-reestablish-49', closings.length === 1, { expected: 1, got: closings.length });
    },
  );

  test(
    'node-proposes',
    {
      title: 'proposes the first fee as the side that opened the channel, and takes our answer',
      chain: 'confirm',
      requirements: ['bolt02-closing-signed-01', 'bolt02-closing-signed-03'],
      ops: ['open'],
    },
    async (context) => {
      const { connect, node, check } = context;
      const peer = await connect(LEGACY);
      const opening = node.call('open', { publicKey: toHex(peer.publicKey), amountSat: 1_000_000n });
      const [channel] = await Promise.all([peer.acceptChannel(), opening]);
      await usable(context, channel);
      await channel.do({ do: 'shutdown', scriptpubkey: P2WPKH });
      await channel.expect('shutdown');
      const { tlvs } = await channel.expect(
        'closing_signed',
        {},
        { requirement: 'bolt02-closing-signed-01' },
      );
      check('bolt02-closing-signed-03', tlvs.fee_range !== undefined, {
        expected: 'fee_range',
        got: tlvs,
      });
      await channel.settle();
    },
  );
});

async function proposing(
  channel: PeerChannel,
  change: (fields: ClosingSigned) => ClosingSigned,
): Promise<void> {
  await channel.do({ do: 'shutdown', scriptpubkey: P2WPKH });
  await channel.expect('shutdown');
  await channel.do({ do: 'closing_signed', proposal: { fee_satoshis: 1_000n } }, { closing_signed: change });
}
