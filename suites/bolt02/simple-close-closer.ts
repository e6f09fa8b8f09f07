import { suite, type Bolts, type Changes, type MessageFields, type SubjectContext } from 'boltgrid';
import { P2WPKH, simpleClosing, spoilSignatures } from './_closing.ts';
import { INVALID_SIGNATURES, withHighS } from './_signatures.ts';

type Sig = MessageFields<Bolts, 'closing_sig'>;
type Edit = (fields: Sig) => Sig;

const features = ['option_simple_close'] as const;

/** Each field that `closing_sig` repeats, changed. */
const NOT_THE_SAME: Readonly<Record<string, Edit>> = {
  closer_scriptpubkey: (fields) => ({ ...fields, closer_scriptpubkey: P2WPKH }),
  closee_scriptpubkey: (fields) => ({ ...fields, closee_scriptpubkey: fields.closer_scriptpubkey }),
  fee_satoshis: (fields) => ({ ...fields, fee_satoshis: fields.fee_satoshis + 1n }),
  locktime: (fields) => ({ ...fields, locktime: fields.locktime + 1 }),
};

const anySig = ({ tlvs }: Sig): { readonly sig: Uint8Array } =>
  tlvs.closer_and_closee_outputs ??
  tlvs.closer_output_only ??
  tlvs.closee_output_only ?? { sig: new Uint8Array(64) };

const NOT_ONE: Readonly<Record<string, Edit>> = {
  none: (fields) => ({ ...fields, tlvs: {} }),
  two: (fields) => ({
    ...fields,
    tlvs: { closer_and_closee_outputs: anySig(fields), closee_output_only: anySig(fields) },
  }),
};

/** BOLT 2, Closing Negotiation, with the node as closer. */
export default suite('bolt02/simple-close-closer', { title: 'closing_sig' }, ({ test }) => {
  test(
    'completes',
    {
      title:
        'sends a closing_complete of its own, and broadcasts the transaction once it has our closing_sig',
      chain: 'confirm',
      features,
      requirements: ['bolt02-closing-complete-44', 'bolt02-closing-complete-01'],
    },
    async (context) => {
      const channel = await answered(context);
      await context.chain.spenderOf(channel.fundingTxid, channel.fundingOutputIndex, {
        requirement: 'bolt02-closing-complete-44',
        what: 'the closing transaction',
      });
    },
  );

  test(
    'not-the-same',
    {
      title: 'refuses a closing_sig for another closing than the one it proposed',
      chain: 'confirm',
      features,
      requirements: ['bolt02-closing-complete-39', 'bolt02-closing-complete-01'],
      each: NOT_THE_SAME,
    },
    async (context, edit) => {
      await (await answered(context, { closing_sig: edit })).expectRefused();
    },
  );

  test(
    'not-one',
    {
      title: 'refuses a closing_sig that has not exactly one signature',
      chain: 'confirm',
      features,
      requirements: ['bolt02-closing-complete-40', 'bolt02-closing-complete-01'],
      each: NOT_ONE,
    },
    async (context, edit) => {
      await (await answered(context, { closing_sig: edit })).expectRefused();
    },
  );

  test(
    'not-proposed',
    {
      title: 'refuses a closing_sig with a signature that it did not send itself',
      chain: 'confirm',
      features,
      requirements: ['bolt02-closing-complete-41', 'bolt02-closing-complete-01'],
    },
    async (context) => {
      // The node has less than we have, so it must not send closer_output_only (bolt02-closing-complete-07).
      const closing_sig: Edit = (fields) => ({ ...fields, tlvs: { closer_output_only: anySig(fields) } });
      await (await answered(context, { closing_sig })).expectRefused();
    },
  );

  test(
    'wrong-signature',
    {
      title: 'refuses a closing_sig whose signature is not ours of the closing transaction',
      chain: 'confirm',
      features,
      requirements: ['bolt02-closing-complete-42', 'bolt02-closing-complete-01'],
      each: INVALID_SIGNATURES,
    },
    async (context, spoil) => {
      const closing_sig: Edit = (fields) => ({ ...fields, tlvs: spoilSignatures(fields.tlvs, spoil) });
      await (await answered(context, { closing_sig })).expectRefused();
    },
  );

  test(
    'high-s',
    {
      title: 'refuses a closing_sig whose signature has a high S',
      chain: 'confirm',
      features,
      requirements: ['bolt02-closing-complete-43', 'bolt02-closing-complete-01'],
    },
    async (context) => {
      const closing_sig: Edit = (fields) => ({ ...fields, tlvs: spoilSignatures(fields.tlvs, withHighS) });
      await (await answered(context, { closing_sig })).expectRefused();
    },
  );
});

/** The channel after the node's `closing_complete`, answered. The engine judges it. */
async function answered(context: SubjectContext, changes?: Changes) {
  const { channel } = await simpleClosing(context);
  await channel.expect('closing_complete', {}, { requirement: 'bolt02-closing-complete-01' });
  await channel.do({ do: 'closing_sig' }, changes);
  return channel;
}
