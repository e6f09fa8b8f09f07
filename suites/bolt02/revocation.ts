import { suite, type PeerChannel, type SubjectContext } from 'boltgrid';
import { balanced, invoiceOf } from './_channels.ts';
import { unasked } from './_htlcs.ts';

const LARGE_MSAT = 20_000_000n;
/** What the node may say meanwhile of the HTLC that it did not ask for. */
const PASSING = ['update_fail_htlc', 'commitment_signed'] as const;

/** BOLT 2, Completing the Transition to the Updated State: what the node makes of a revoke_and_ack. */
export default suite('bolt02/revocation', { title: 'revoke_and_ack' }, ({ test }) => {
  test(
    'secrets',
    {
      title: 'reveals the secret of each commitment that it revokes, and those derive from each other',
      chain: 'confirm',
      requirements: ['bolt02-revoke-and-ack-01'],
      ops: ['invoice'],
    },
    async ({ connect, node, check }) => {
      const channel = await balanced(await connect());
      for (let i = 0; i < 6; i++) await channel.pay(await invoiceOf(node, 2_000_000n));
      // The engine has judged each secret and point as it came.
      const revoked = channel.commitments.numbers.remote;
      check('bolt02-revoke-and-ack-01', revoked >= 12n, {
        expected: 'at least 12 revocations',
        got: revoked,
      });
    },
  );

  test(
    'wrong-secret',
    {
      title: 'fails the channel with an error where the secret is not that of our commitment before',
      chain: 'confirm',
      requirements: ['bolt02-revoke-and-ack-04'],
      each: {
        zeros: () => new Uint8Array(32),
        'over the order of the curve': () => new Uint8Array(32).fill(0xff),
        'one bit off': (secret: Uint8Array) => secret.map((byte, i) => (i === 31 ? byte ^ 1 : byte)),
      },
    },
    async (context, spoil) => {
      const channel = await committedByNode(context);
      await channel.do(
        { do: 'revoke_and_ack' },
        {
          revoke_and_ack: (fields) => ({
            ...fields,
            per_commitment_secret: spoil(fields.per_commitment_secret),
          }),
        },
      );
      await expectError(context, channel);
    },
  );

  test(
    'unasked',
    {
      title: 'does not go on where a revoke_and_ack comes twice: the second reveals what is known already',
      chain: 'confirm',
      requirements: ['bolt02-revoke-and-ack-04'],
    },
    async (context) => {
      const channel = await committedByNode(context);
      await channel.do({ do: 'revoke_and_ack' }, { revoke_and_ack: (fields) => [fields, fields] });
      // Its secret does belong to a commitment before: BOLT 2 does not say that this must be an error.
      await channel.expectRefused({ requirement: 'bolt02-revoke-and-ack-04', passing: PASSING });
    },
  );

  test(
    'before-committed',
    {
      title: 'fails the channel with an error where a revoke_and_ack comes before it has signed anything',
      chain: 'confirm',
      requirements: ['bolt02-revoke-and-ack-04'],
    },
    async (context) => {
      const peer = await context.connect();
      const channel = await balanced(peer);
      await channel.post({
        name: 'revoke_and_ack',
        fields: {
          channel_id: channel.id,
          per_commitment_secret: new Uint8Array(32).fill(3),
          next_per_commitment_point: peer.publicKey,
        },
      });
      await expectError(context, channel);
    },
  );
});

/** The node has signed our commitment, and waits for us to revoke the one before. */
async function committedByNode(context: SubjectContext): Promise<PeerChannel> {
  const channel = await balanced(await context.connect());
  await channel.addHtlc(unasked(context, LARGE_MSAT));
  await channel.do({ do: 'commitment_signed' });
  await channel.expect('revoke_and_ack');
  await channel.expect('commitment_signed');
  return channel;
}

async function expectError({ check }: Pick<SubjectContext, 'check'>, channel: PeerChannel): Promise<void> {
  const { by } = await channel.expectRefused({
    requirement: 'bolt02-revoke-and-ack-04',
    passing: PASSING,
  });
  check('bolt02-revoke-and-ack-04', by === 'error', { expected: 'error', got: by });
}
