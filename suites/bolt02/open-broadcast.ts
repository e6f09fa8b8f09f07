import { suite } from 'boltgrid';
import { expectFundingCreated, openedByNode } from './_open.ts';
import { WRONG_SIGNATURES } from './_signatures.ts';

/** BOLT 2, The funding_created and funding_signed Messages, the node as opener: what it signs, and when it broadcasts. */
export default suite(
  'bolt02/open-broadcast',
  { title: 'the funding transaction of the node' },
  ({ test }) => {
    test(
      'wrong-signature',
      {
        title: 'refuses a funding_signed whose signature is wrong or has a high S, and broadcasts nothing',
        chain: 'confirm',
        requirements: ['bolt02-funding-signed-04', 'bolt02-funding-signed-05', 'bolt02-funding-created-05'],
        ops: ['open'],
        each: WRONG_SIGNATURES,
      },
      async (context, spoil) => {
        const { channel, result } = await expectFundingCreated(await openedByNode(context));
        await channel.do(
          { do: 'funding_signed' },
          { funding_signed: (fields) => ({ ...fields, signature: spoil(fields.signature) }) },
        );
        await channel.expectRefused({ requirement: 'bolt02-funding-signed-04' });
        await result;
        const seen = await context.chain.transaction(channel.fundingTxid);
        context.check('bolt02-funding-signed-05', seen === undefined, {
          expected: 'no funding transaction',
          got: seen?.txid,
        });
      },
    );

    test(
      'held-back',
      {
        title: 'broadcasts its funding transaction when funding_signed has come, and not before',
        chain: 'confirm',
        requirements: [
          'bolt02-funding-signed-05',
          'bolt02-funding-created-03',
          'bolt02-funding-signed-06',
          'bolt02-funding-created-04',
          'bolt02-funding-created-05',
          'bolt02-funding-created-06',
        ],
        ops: ['open'],
      },
      async (context) => {
        const { chain, check, eventually } = context;
        const { peer, channel } = await expectFundingCreated(await openedByNode(context));
        await peer.barrier();
        const early = await chain.transaction(channel.fundingTxid);
        check('bolt02-funding-signed-05', early === undefined, { expected: 'nothing yet', got: early?.txid });
        await channel.do({ do: 'funding_signed' });
        const transaction = await eventually(
          'the funding transaction is broadcast',
          () => chain.transaction(channel.fundingTxid),
          (seen) => seen !== undefined,
          { requirement: 'bolt02-funding-signed-06' },
        );
        // Where the engine judges that it pays what it should (bolt02-funding-created-04).
        await channel.bury(0);
        check(
          'bolt02-funding-created-06',
          transaction?.inputs.every(({ scriptSig }) => scriptSig.length === 0) === true,
          {
            expected: 'segregated witnesses only',
            got: transaction?.inputs.map(({ scriptSig }) => scriptSig),
          },
        );
      },
    );
  },
);
