import { suite, type MessageFields, type Bolts } from 'boltgrid';
import { balanced, invoiceOf } from './_channels.ts';
import { unasked } from './_htlcs.ts';
import { WRONG_SIGNATURES, withHighS } from './_signatures.ts';

type Signed = MessageFields<Bolts, 'commitment_signed'>;

/** Far over both sides' dust limits; ten of them are less than what nodes let be in flight. */
const LARGE_MSAT = 8_000_000n;

/** BOLT 2, Committing Updates So Far: what the node makes of a commitment_signed. */
export default suite('bolt02/commitment', { title: 'commitment_signed' }, ({ test }) => {
  test(
    'answered',
    {
      title: 'answers a commitment_signed with revoke_and_ack, and signs what it has acknowledged',
      chain: 'confirm',
      requirements: ['bolt02-commitment-signed-23', 'bolt02-commitment-signed-04'],
      each: { 'one HTLC': 1, 'three HTLCs': 3, 'ten HTLCs': 10 },
    },
    async (context, count) => {
      const channel = await balanced(await context.connect());
      for (let i = 0; i < count; i++) await channel.addHtlc(unasked(context, LARGE_MSAT, `${i}`));
      await channel.do({ do: 'commitment_signed' });
      await channel.expect('revoke_and_ack', {}, { requirement: 'bolt02-commitment-signed-23' });
      const { htlc_signature } = await channel.expect('commitment_signed');
      context.check('bolt02-commitment-signed-04', htlc_signature.length === count, {
        expected: count,
        got: htlc_signature.length,
      });
    },
  );

  test(
    'dust-only',
    {
      title: 'takes a commitment_signed that changes nothing but the number, since the HTLC is dust',
      chain: 'confirm',
      requirements: ['bolt02-commitment-signed-23'],
    },
    async (context) => {
      const channel = await balanced(await context.connect());
      await channel.addHtlc(unasked(context, 1_000n));
      await channel.do({ do: 'commitment_signed' }, { commitment_signed: withoutSignatures });
      await channel.expect('revoke_and_ack', {}, { requirement: 'bolt02-commitment-signed-23' });
    },
  );

  test(
    'identical-htlcs',
    {
      title: 'takes two HTLCs with the same amount, hash and expiry, and their two signatures',
      chain: 'confirm',
      requirements: ['bolt02-commitment-signed-23', 'bolt02-update-add-htlc-20'],
    },
    async (context) => {
      const channel = await balanced(await context.connect());
      const twin = unasked(context, LARGE_MSAT);
      const ids = [await channel.addHtlc(twin), await channel.addHtlc(twin)];
      await channel.commit({}, { requirement: 'bolt02-update-add-htlc-20' });
      for (const id of ids) await channel.expectRemoved(id);
    },
  );

  test(
    'wrong-signature',
    {
      title: 'fails the channel where signature is not ours of its commitment, or has a high S',
      chain: 'confirm',
      requirements: ['bolt02-commitment-signed-12'],
      each: WRONG_SIGNATURES,
    },
    async (context, spoil) => {
      const channel = await balanced(await context.connect());
      await channel.addHtlc(unasked(context, LARGE_MSAT));
      await channel.do(
        { do: 'commitment_signed' },
        { commitment_signed: (fields) => ({ ...fields, signature: spoil(fields.signature) }) },
      );
      await channel.expectRefused({ requirement: 'bolt02-commitment-signed-12' });
    },
  );

  test(
    'signature-count',
    {
      title: 'fails the channel where num_htlcs is not the number of HTLC outputs',
      chain: 'confirm',
      requirements: ['bolt02-commitment-signed-13'],
      each: {
        none: () => [],
        'one missing': (signatures: readonly Uint8Array[]) => signatures.slice(1),
        'one too many': (signatures: readonly Uint8Array[]) => [...signatures, ...signatures.slice(0, 1)],
      },
    },
    async (context, change) => {
      const channel = await balanced(await context.connect());
      for (const label of ['a', 'b']) await channel.addHtlc(unasked(context, LARGE_MSAT, label));
      await channel.do(
        { do: 'commitment_signed' },
        {
          commitment_signed: (fields) => ({ ...fields, htlc_signature: [...change(fields.htlc_signature)] }),
        },
      );
      await channel.expectRefused({ requirement: 'bolt02-commitment-signed-13' });
    },
  );

  test(
    'wrong-htlc-signature',
    {
      title: 'fails the channel where an htlc_signature is wrong, in another order, or has a high S',
      chain: 'confirm',
      requirements: ['bolt02-commitment-signed-14'],
      each: {
        'the last one zero': (all: readonly Uint8Array[]) => [...all.slice(0, -1), new Uint8Array(64)],
        exchanged: (all: readonly Uint8Array[]) => [...all].reverse(),
        'high S': (all: readonly Uint8Array[]) => all.map(withHighS),
        'of the commitment': (all: readonly Uint8Array[], signature: Uint8Array) => [
          signature,
          ...all.slice(1),
        ],
      },
    },
    async (context, change) => {
      const channel = await balanced(await context.connect());
      for (const [i, label] of ['a', 'b'].entries())
        await channel.addHtlc(unasked(context, LARGE_MSAT + BigInt(i) * 1_000_000n, label));
      await channel.do(
        { do: 'commitment_signed' },
        {
          commitment_signed: (fields) => ({
            ...fields,
            htlc_signature: [...change(fields.htlc_signature, fields.signature)],
          }),
        },
      );
      await channel.expectRefused({ requirement: 'bolt02-commitment-signed-14' });
    },
  );

  test(
    'repeated',
    {
      title:
        'fails the channel where a commitment_signed comes twice: the second signs nothing of what is next',
      chain: 'confirm',
      requirements: ['bolt02-commitment-signed-12'],
    },
    async (context) => {
      const channel = await balanced(await context.connect());
      await channel.addHtlc(unasked(context, LARGE_MSAT));
      await channel.do({ do: 'commitment_signed' }, { commitment_signed: (fields) => [fields, fields] });
      await channel.expectRefused({
        requirement: 'bolt02-commitment-signed-12',
        passing: ['revoke_and_ack', 'commitment_signed'],
      });
    },
  );

  test(
    'both-at-once',
    {
      title: 'commits to updates of both sides that cross each other',
      chain: 'confirm',
      requirements: ['bolt02-commitment-signed-23'],
      ops: ['invoice'],
    },
    async (context) => {
      const { connect, node } = context;
      const channel = await balanced(await connect());
      const paid = await channel.payInvoice(await invoiceOf(node, 5_000_000n));
      // The node removes the first while we add more: nothing of it is awaited before we sign.
      const more: bigint[] = [];
      for (let i = 0; i < 5; i++) {
        more.push(await channel.addHtlc(unasked(context, LARGE_MSAT, `${i}`)));
        await channel.settle({ requirement: 'bolt02-commitment-signed-23' });
      }
      await channel.expectRemoved(paid);
      for (const id of more) await channel.expectRemoved(id);
      await channel.pay(await invoiceOf(node, 5_000_000n));
    },
  );
});

const withoutSignatures = (fields: Signed): Signed => ({ ...fields, htlc_signature: [] });
