import { suite, type Forward, type NodeControl, type OpenOptions, type PeerChannel, toHex } from 'boltgrid';
import {
  arrive,
  expectNothingOffered,
  FORWARD_CASE_MS,
  FORWARD_OPS,
  FORWARDED_MSAT,
  line,
  payment,
} from './_forwards.ts';

/** A channel that nobody has. */
const UNKNOWN_CHANNEL = '15999999x7x7';
/** Further than any node waits for its money. */
const TOO_FAR_BLOCKS = 20_000;

/** BOLT 2 and 4: HTLCs that a forwarder must not send on, and those at the edge that it sends on. */
export default suite('bolt02/htlc-relay', { title: 'what a forwarder does not send on' }, ({ test }) => {
  test(
    'refused',
    {
      title: 'fails an HTLC that it cannot send on, and offers the payee nothing',
      chain: 'confirm',
      requirements: [
        'bolt04-payload-47',
        'bolt04-payload-46',
        'bolt04-onion-decryption-13',
        'bolt02-forwarding-htlcs-03',
        'bolt02-forwarding-htlcs-04',
        'bolt02-update-add-htlc-06',
        'bolt02-update-add-htlc-09',
      ],
      ops: [...FORWARD_OPS],
      deadlineMs: FORWARD_CASE_MS,
      each: {
        'over an unknown channel': [{ short_channel_id: UNKNOWN_CHANNEL }, 'bolt04-payload-47'],
        'without short_channel_id': [
          {
            payload: ({ amt_to_forward, outgoing_cltv_value }) => ({
              ...(amt_to_forward && { amt_to_forward }),
              ...(outgoing_cltv_value && { outgoing_cltv_value }),
            }),
          },
          'bolt04-payload-46',
        ],
        'more than its balance': [{}, 'bolt04-onion-decryption-13', { push_msat: 25_000_000n }],
        'less than the payee’s minimum': [
          {},
          'bolt02-update-add-htlc-06',
          { htlc_minimum_msat: 30_000_000n },
        ],
        'more than the payee has in flight': [
          {},
          'bolt02-update-add-htlc-09',
          { max_htlc_value_in_flight_msat: 10_000_000n },
        ],
        'that has expired': [
          { final_cltv_expiry_delta: -10, cltv_expiry_delta: 5 },
          'bolt02-forwarding-htlcs-03',
        ],
        'that expires before its delta is over': [
          { final_cltv_expiry_delta: -60, cltv_expiry_delta: 62 },
          'bolt02-forwarding-htlcs-03',
        ],
        'that expires far too late': [{ cltv_expiry_delta: TOO_FAR_BLOCKS }, 'bolt02-forwarding-htlcs-04'],
      } satisfies Record<string, [Partial<Forward>, string, OpenOptions?]>,
    },
    async (context, [change, requirement, terms = {}]: [Partial<Forward>, string, OpenOptions?]) => {
      const all = await line(context, terms);
      const { incoming, outgoing } = all;
      const id = await incoming.addForward(outgoing, { ...payment(context), ...change });
      await incoming.commit();
      const { how } = await incoming.expectRemoved(id, { requirement });
      context.check(requirement, how !== 'fulfilled', { expected: 'failed', got: how });
      await expectNothingOffered(context, all, requirement);
    },
  );

  test(
    'payee-gone',
    {
      title: 'fails an HTLC for a payee that is not connected',
      chain: 'confirm',
      requirements: ['bolt04-payload-47'],
      ops: [...FORWARD_OPS],
      deadlineMs: FORWARD_CASE_MS,
    },
    async (context) => {
      const { incoming, outgoing, payee } = await line(context);
      await payee.disconnect();
      const id = await incoming.addForward(outgoing, payment(context));
      await incoming.commit();
      const { how } = await incoming.expectRemoved(id, { requirement: 'bolt04-payload-47' });
      context.check('bolt04-payload-47', how === 'failed', { expected: 'failed', got: how });
    },
  );

  test(
    'policy',
    {
      title: 'sends on what pays exactly its fee and leaves exactly its delta, and nothing less',
      chain: 'confirm',
      requirements: ['bolt04-payload-48', 'bolt04-payload-49'],
      ops: [...FORWARD_OPS],
      deadlineMs: FORWARD_CASE_MS,
      each: {
        'the fee': [0n, 0, undefined],
        '1 msat less': [-1n, 0, 'bolt04-payload-48'],
        'no fee': [undefined, 0, 'bolt04-payload-48'],
        'a block less': [0n, -1, 'bolt04-payload-49'],
        'no delta': [0n, undefined, 'bolt04-payload-49'],
      } satisfies Record<string, [bigint | undefined, number | undefined, string | undefined]>,
    },
    async (context, [msat, blocks, requirement]) => {
      const all = await line(context);
      const { incoming, outgoing } = all;
      const { fee_msat, cltv_expiry_delta } = await policyOf(context.node, outgoing);
      const fee = msat === undefined ? 0n : fee_msat + msat;
      const delta = blocks === undefined ? 0 : cltv_expiry_delta + blocks;
      const forward = { ...payment(context), fee_msat: fee, cltv_expiry_delta: delta };
      // A node may ask for nothing.
      if (requirement === undefined || (fee >= fee_msat && delta >= cltv_expiry_delta)) {
        await arrive(all, forward);
        return;
      }
      const id = await incoming.addForward(outgoing, forward);
      await incoming.commit();
      const { how } = await incoming.expectRemoved(id, { requirement });
      context.check(requirement, how === 'failed', { expected: 'failed', got: how });
      await expectNothingOffered(context, all, requirement);
    },
  );
});

/** What the node asks of an HTLC of `FORWARDED_MSAT` into this channel (BOLT 7, HTLC Fees), in its own words. */
async function policyOf(
  node: NodeControl,
  outgoing: PeerChannel,
): Promise<{ readonly fee_msat: bigint; readonly cltv_expiry_delta: number }> {
  const { channels } = await node.call('channels', {});
  const its = channels.find(({ channelId }) => channelId === toHex(outgoing.id));
  const { feeBaseMsat = 0n, feeProportionalMillionths = 0, cltvExpiryDelta = 0 } = its ?? {};
  return {
    fee_msat: feeBaseMsat + (FORWARDED_MSAT * BigInt(feeProportionalMillionths)) / 1_000_000n,
    cltv_expiry_delta: cltvExpiryDelta,
  };
}
