import { suite, type Bolts, type MessageFields } from 'boltgrid';
import { P2WPKH, simpleClosing, spoilSignatures } from './_closing.ts';
import { INVALID_SIGNATURES, withHighS } from './_signatures.ts';

type Complete = MessageFields<Bolts, 'closing_complete'>;

const features = ['option_simple_close'] as const;
const FEE = 1_000n;
const OP_RETURN = Uint8Array.of(0x6a, 6, ...P2WPKH.subarray(2, 8));

/** Which a node with coins must not take, by the fields that are left. */
const UNUSABLE: Readonly<Record<string, (tlvs: Complete['tlvs']) => Complete['tlvs']>> = {
  'no signature': () => ({}),
  'only closer_output_only': ({ closer_output_only }) => (closer_output_only ? { closer_output_only } : {}),
};

/** BOLT 2, Closing Negotiation, with the node as closee. */
export default suite('bolt02/simple-close', { title: 'closing_complete' }, ({ test }) => {
  test(
    'signs',
    {
      title: 'answers closing_complete with closing_sig, and broadcasts the transaction',
      chain: 'confirm',
      features,
      requirements: ['bolt02-closing-complete-37', 'bolt02-closing-complete-36'],
      each: { 'locktime 0': 0, 'locktime 100': 100 },
    },
    async (context, locktime) => {
      const { channel, expectSig } = await simpleClosing(context);
      await channel.do({ do: 'closing_complete', closing: { fee_satoshis: FEE, locktime } });
      await expectSig('bolt02-closing-complete-37');
      await context.chain.spenderOf(channel.fundingTxid, channel.fundingOutputIndex, {
        requirement: 'bolt02-closing-complete-36',
        what: 'the closing transaction',
      });
    },
  );

  test(
    'again',
    {
      title: 'signs another closing transaction at a higher fee',
      chain: 'confirm',
      features,
      requirements: ['bolt02-closing-complete-37'],
    },
    async (context) => {
      const { channel, expectSig } = await simpleClosing(context);
      for (const fee_satoshis of [FEE, 3n * FEE, 9n * FEE]) {
        await channel.do({ do: 'closing_complete', closing: { fee_satoshis, locktime: 0 } });
        await expectSig('bolt02-closing-complete-37');
      }
    },
  );

  test(
    'op-return',
    {
      title: 'signs a closing transaction in which the closer gives up its output',
      chain: 'confirm',
      features,
      requirements: ['bolt02-closing-complete-27', 'bolt02-closing-complete-01'],
    },
    async (context) => {
      const { channel, expectSig } = await simpleClosing(context);
      // Its own first: after our change of script it would be stale.
      await channel.expect('closing_complete', {}, { requirement: 'bolt02-closing-complete-01' });
      const closing = { fee_satoshis: FEE, locktime: 0, closer_scriptpubkey: OP_RETURN };
      await channel.do({ do: 'closing_complete', closing });
      await expectSig('bolt02-closing-complete-27');
    },
  );

  test(
    'wrong-signature',
    {
      title: 'refuses a closing_complete whose signatures are not ours of the closing transactions',
      chain: 'confirm',
      features,
      requirements: ['bolt02-closing-complete-34'],
      each: INVALID_SIGNATURES,
    },
    async (context, spoil) => {
      const { channel, complete } = await simpleClosing(context);
      await complete(FEE, (fields) => ({ ...fields, tlvs: spoilSignatures(fields.tlvs, spoil) }));
      await channel.expectRefused({ passing: ['closing_complete'] });
    },
  );

  test(
    'high-s',
    {
      title: 'refuses a closing_complete whose signatures have a high S',
      chain: 'confirm',
      features,
      requirements: ['bolt02-closing-complete-35'],
    },
    async (context) => {
      const { channel, complete } = await simpleClosing(context);
      await complete(FEE, (fields) => ({ ...fields, tlvs: spoilSignatures(fields.tlvs, withHighS) }));
      await channel.expectRefused({ passing: ['closing_complete'] });
    },
  );

  test(
    'unaffordable',
    {
      title: 'refuses a closing_complete whose fee is more than the closer has',
      chain: 'confirm',
      features,
      requirements: ['bolt02-closing-complete-20'],
      each: { 'one more': 600_001n, largest: 0xffff_ffff_ffff_ffffn },
    },
    async (context, fee_satoshis) => {
      const { channel, complete } = await simpleClosing(context);
      await complete(FEE, (fields) => ({ ...fields, fee_satoshis }));
      await channel.expectRefused({ passing: ['closing_complete'] });
    },
  );

  test(
    'unusable',
    {
      title: 'refuses a closing_complete without the signature that it must take',
      chain: 'confirm',
      features,
      requirements: ['bolt02-closing-complete-33'],
      each: UNUSABLE,
    },
    async (context, keep) => {
      const { channel, complete } = await simpleClosing(context);
      await complete(FEE, (fields) => ({ ...fields, tlvs: keep(fields.tlvs) }));
      await channel.expectRefused({ passing: ['closing_complete'] });
    },
  );
});
