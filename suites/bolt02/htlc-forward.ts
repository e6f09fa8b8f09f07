import {
  createFailure,
  decodePayload,
  encodeFailure,
  equalBytes,
  suite,
  type Peeled,
  type SubjectContext,
} from 'boltgrid';
import {
  arrive,
  expectNothingOffered,
  FORWARD_CASE_MS,
  FORWARD_OPS,
  FORWARDED_MSAT,
  line,
  payment,
} from './_forwards.ts';
import { sha256 } from './_htlcs.ts';

/** BOLT 2, Forwarding HTLCs: what goes on and what comes back, in which order. */
export default suite('bolt02/htlc-forward', { title: 'the node as forwarder' }, ({ test }) => {
  test(
    'fulfilled',
    {
      title: 'sends an HTLC on as its onion says, and the preimage back',
      chain: 'confirm',
      requirements: [
        'bolt04-onion-decryption-12',
        'bolt02-update-add-htlc-25',
        'bolt02-update-add-htlc-27',
        'bolt02-forwarding-htlcs-05',
      ],
      ops: [...FORWARD_OPS],
      deadlineMs: FORWARD_CASE_MS,
    },
    async (context) => {
      const { check } = context;
      const all = await line(context);
      const forward = payment(context);
      const { id, htlc } = await arrive(all, forward);
      const { incoming, outgoing } = all;
      check('bolt02-update-add-htlc-25', equalBytes(htlc.payment_hash, forward.payment_hash), {
        expected: forward.payment_hash,
        got: htlc.payment_hash,
      });
      const peeled = outgoing.peel(htlc);
      check('bolt04-onion-decryption-12', peeled.kind === 'final', {
        expected: 'an onion that the payee can peel',
        got: peeled.kind,
      });
      const decoded = peeled.kind === 'final' ? decodePayload(peeled) : undefined;
      const told = decoded?.kind === 'decoded' ? decoded.records : {};
      check('bolt02-update-add-htlc-27', htlc.amount_msat === told.amt_to_forward?.amt_to_forward, {
        expected: FORWARDED_MSAT,
        got: htlc.amount_msat,
        note: 'amount_msat',
      });
      const cltv = told.outgoing_cltv_value?.outgoing_cltv_value;
      check('bolt02-update-add-htlc-27', htlc.cltv_expiry === cltv, {
        expected: cltv,
        got: htlc.cltv_expiry,
        note: 'cltv_expiry',
      });
      await outgoing.fulfill(htlc.id, forward.preimage);
      await outgoing.commit();
      const removed = await incoming.expectRemoved(id, { requirement: 'bolt02-forwarding-htlcs-05' });
      check('bolt02-forwarding-htlcs-05', removed.how === 'fulfilled', {
        expected: 'fulfilled',
        got: removed.how,
      });
    },
  );

  test(
    'only-once-committed',
    {
      title: 'sends an HTLC on only once we have revoked the commitment before it',
      chain: 'confirm',
      requirements: ['bolt02-forwarding-htlcs-01'],
      ops: [...FORWARD_OPS],
      deadlineMs: FORWARD_CASE_MS,
    },
    async (context) => {
      const all = await line(context);
      const { incoming, outgoing, payer } = all;
      await incoming.addForward(outgoing, payment(context));
      await expectNothingOffered(context, all, 'bolt02-forwarding-htlcs-01');
      await incoming.do({ do: 'commitment_signed' });
      await incoming.expect('revoke_and_ack');
      await incoming.expect('commitment_signed');
      await payer.barrier();
      await expectNothingOffered(context, all, 'bolt02-forwarding-htlcs-01');
      await incoming.settle();
      await outgoing.expectHtlc();
    },
  );

  test(
    'failed',
    {
      title: 'sends our failure back, wrapped once more',
      chain: 'confirm',
      requirements: ['bolt04-intermediate-nodes-04', 'bolt04-intermediate-nodes-05'],
      ops: [...FORWARD_OPS],
      deadlineMs: FORWARD_CASE_MS,
    },
    async (context) => {
      const { check } = context;
      const all = await line(context);
      const { id, htlc } = await arrive(all, payment(context));
      const { incoming, outgoing } = all;
      await outgoing.fail(htlc.id, temporary(outgoing.peel(htlc)));
      await outgoing.commit();
      const removed = await incoming.expectRemoved(id, { requirement: 'bolt04-intermediate-nodes-05' });
      check('bolt04-intermediate-nodes-05', removed.how === 'failed', {
        expected: 'failed',
        got: removed.how,
      });
      const failure = removed.how === 'failed' ? removed.failure : undefined;
      const isOurs = failure?.hop === 1 && failure.name === 'temporary_node_failure';
      check('bolt04-intermediate-nodes-04', isOurs, {
        expected: 'temporary_node_failure of the payee',
        got: failure,
      });
    },
  );

  test(
    'only-once-removed',
    {
      title: 'fails an HTLC only once its removal further on is irrevocably committed',
      chain: 'confirm',
      requirements: ['bolt02-forwarding-htlcs-02', 'bolt04-intermediate-nodes-05'],
      ops: [...FORWARD_OPS],
      deadlineMs: FORWARD_CASE_MS,
    },
    async (context) => {
      const all = await line(context);
      const { id, htlc } = await arrive(all, payment(context));
      const { incoming, outgoing, payer, payee } = all;
      const early = async (): Promise<void> => {
        await payee.barrier();
        const said = (await payer.barrier()).map(({ name }) => name);
        context.check('bolt02-forwarding-htlcs-02', said.length === 0, {
          expected: 'nothing for the payer yet',
          got: said,
        });
      };
      await outgoing.fail(htlc.id, temporary(outgoing.peel(htlc)));
      await early();
      await outgoing.do({ do: 'commitment_signed' });
      await outgoing.expect('revoke_and_ack');
      await outgoing.expect('commitment_signed');
      await early();
      await outgoing.settle();
      await incoming.expectRemoved(id, { requirement: 'bolt04-intermediate-nodes-05' });
    },
  );

  test(
    'preimage-at-once',
    {
      title: 'sends the preimage back as soon as it has it, even where the payee is gone before it commits',
      chain: 'confirm',
      requirements: ['bolt02-forwarding-htlcs-05'],
      ops: [...FORWARD_OPS],
      deadlineMs: FORWARD_CASE_MS,
      each: { 'with the payee connected': false, 'with the payee gone': true },
    },
    async (context, isGone) => {
      const all = await line(context);
      const forward = payment(context);
      const { id, htlc } = await arrive(all, forward);
      const { incoming, outgoing, payee } = all;
      await outgoing.fulfill(htlc.id, forward.preimage);
      if (isGone) await payee.disconnect();
      await expectFulfilled(context, incoming, id);
    },
  );

  test(
    'payer-gone',
    {
      title:
        'fulfills or fails on a new connection an HTLC that was removed further on while the payer was gone',
      chain: 'confirm',
      requirements: ['bolt02-forwarding-htlcs-05', 'bolt04-intermediate-nodes-05'],
      ops: [...FORWARD_OPS],
      deadlineMs: FORWARD_CASE_MS,
      each: { fulfilled: true, failed: false },
    },
    async (context, isFulfilled) => {
      const all = await line(context);
      const forward = payment(context);
      const { id, htlc } = await arrive(all, forward);
      const { incoming, outgoing, payer } = all;
      await payer.disconnect();
      if (isFulfilled) await outgoing.fulfill(htlc.id, forward.preimage);
      else await outgoing.fail(htlc.id, temporary(outgoing.peel(htlc)));
      await outgoing.commit();
      await payer.reconnect();
      await incoming.reestablish();
      const requirement = isFulfilled ? 'bolt02-forwarding-htlcs-05' : 'bolt04-intermediate-nodes-05';
      const { how } = await incoming.expectRemoved(id, { requirement });
      context.check(requirement, (how === 'fulfilled') === isFulfilled, { got: how });
    },
  );

  test(
    'payee-gone',
    {
      title: 'keeps an HTLC pending while the payee is gone, and takes its preimage on a new connection',
      chain: 'confirm',
      requirements: ['bolt02-forwarding-htlcs-02', 'bolt02-forwarding-htlcs-05'],
      ops: [...FORWARD_OPS],
      deadlineMs: FORWARD_CASE_MS,
    },
    async (context) => {
      const all = await line(context);
      const forward = payment(context);
      const { id, htlc } = await arrive(all, forward);
      const { incoming, outgoing, payer, payee } = all;
      await payee.disconnect();
      const said = (await payer.barrier()).map(({ name }) => name);
      context.check('bolt02-forwarding-htlcs-02', said.length === 0, { expected: 'nothing', got: said });
      await payee.reconnect();
      await outgoing.reestablish();
      await outgoing.fulfill(htlc.id, forward.preimage);
      await outgoing.commit();
      await expectFulfilled(context, incoming, id);
    },
  );

  test(
    'same-hash',
    {
      title: 'sends on each of two HTLCs with one payment_hash, and removes them one by one',
      chain: 'confirm',
      requirements: ['bolt02-update-add-htlc-20', 'bolt02-forwarding-htlcs-05'],
      ops: [...FORWARD_OPS],
      deadlineMs: FORWARD_CASE_MS,
    },
    async (context) => {
      const all = await line(context);
      const forward = payment(context);
      const { incoming, outgoing } = all;
      const first = await incoming.addForward(outgoing, forward);
      const second = await incoming.addForward(outgoing, forward);
      await incoming.commit();
      const options = { requirement: 'bolt02-update-add-htlc-20' };
      const { id } = await outgoing.expectHtlc(options);
      const other = await outgoing.expectHtlc(options);
      await outgoing.fail(id, temporary(outgoing.peel(other)));
      await outgoing.fulfill(other.id, forward.preimage);
      await outgoing.commit();
      const how = new Set([
        (await incoming.expectRemoved(first)).how,
        (await incoming.expectRemoved(second)).how,
      ]);
      context.check('bolt02-forwarding-htlcs-05', how.has('fulfilled') && how.has('failed'), {
        expected: ['failed', 'fulfilled'],
        got: [...how],
      });
    },
  );

  test(
    'malformed',
    {
      title: 'turns update_fail_malformed_htlc into a failure of its own, with our code and hash',
      chain: 'confirm',
      requirements: ['bolt02-remove-htlc-16'],
      ops: [...FORWARD_OPS],
      deadlineMs: FORWARD_CASE_MS,
      each: { invalid_onion_version: 0xc004, invalid_onion_hmac: 0xc005, invalid_onion_key: 0xc006 },
    },
    async (context, failure_code) => {
      const { check } = context;
      const all = await line(context);
      const { id, htlc } = await arrive(all, payment(context));
      const { incoming, outgoing } = all;
      const sha256_of_onion = sha256(htlc.onion_routing_packet);
      const fields = { id: htlc.id, sha256_of_onion, failure_code };
      await outgoing.do({ do: 'update', update: { name: 'update_fail_malformed_htlc', fields } });
      await outgoing.commit();
      const removed = await incoming.expectRemoved(id, { requirement: 'bolt02-remove-htlc-16' });
      const failure = removed.how === 'failed' ? removed.failure : undefined;
      check('bolt02-remove-htlc-16', failure?.hop === 0 && failure.code === failure_code, {
        expected: failure_code,
        got: failure ?? removed.how,
      });
      const hash = failure?.fields.sha256_of_onion;
      check('bolt02-remove-htlc-16', hash instanceof Uint8Array && equalBytes(hash, sha256_of_onion), {
        expected: sha256_of_onion,
        got: hash,
      });
    },
  );

  test(
    'repeated-onion',
    {
      title: 'does not send on an onion that it has sent on before',
      chain: 'confirm',
      requirements: ['bolt04-onion-decryption-04'],
      ops: [...FORWARD_OPS],
      deadlineMs: FORWARD_CASE_MS,
    },
    async (context) => {
      const { check } = context;
      const all = await line(context);
      const { id, htlc } = await arrive(all, payment(context));
      const { incoming, outgoing } = all;
      const [first] = incoming.commitments.ledger.htlcs;
      await outgoing.fail(htlc.id, temporary(outgoing.peel(htlc)));
      await outgoing.commit();
      await incoming.expectRemoved(id);
      if (!first) return;
      const again = await incoming.addHtlc(first.add);
      await incoming.commit();
      await incoming.expectRemoved(again, { requirement: 'bolt04-onion-decryption-04' });
      await expectNothingOffered(context, all, 'bolt04-onion-decryption-04');
      check('bolt04-onion-decryption-04', true, { note: 'failed, and the payee was offered nothing' });
    },
  );
});

function temporary(peeled: Peeled): Uint8Array {
  if (peeled.kind === 'malformed') return new Uint8Array(292);
  return createFailure(peeled.sharedSecret, encodeFailure('temporary_node_failure', {})).reason;
}

async function expectFulfilled(
  { check }: Pick<SubjectContext, 'check'>,
  incoming: Awaited<ReturnType<typeof line>>['incoming'],
  id: bigint,
): Promise<void> {
  const { how } = await incoming.expectRemoved(id, { requirement: 'bolt02-forwarding-htlcs-05' });
  check('bolt02-forwarding-htlcs-05', how === 'fulfilled', { expected: 'fulfilled', got: how });
}
