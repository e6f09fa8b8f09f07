import { expect, it } from 'vitest';
import type { OperationName } from '../../src/nodes/operations.ts';
import { eventually } from './two-nodes.ts';
import { CASE_MS, keyOf, whereOffered, type Pair } from './two-nodes-pair.ts';

/** Over the channel that is open between the two. */
export function paymentCases(pair: Pair): void {
  const itIf = (...operations: OperationName[]) => it.skipIf(!operations.every((name) => pair.offers(name)));

  it(
    'pays both ways',
    async () => {
      await pair.payAndSee(pair.a, pair.b, 10_000_000n);
      await pair.payAndSee(pair.b, pair.a, 4_000_000n);
      if (!pair.offers('payments')) return;
      const { payments } = await pair.a.call('payments', {});
      expect(payments).toContainEqual(
        expect.objectContaining({ state: 'succeeded', amountMsat: 10_000_000n, feeMsat: 0n }),
      );
    },
    CASE_MS,
  );

  it('reads invoices', async () => {
    const { invoice, paymentHash } = await pair.b.call('invoice', {
      amountMsat: 12_345n,
      description: 'coffee, black',
      expirySeconds: 777,
    });
    expect(await pair.a.call('decode', { text: invoice })).toMatchObject({
      kind: 'bolt11',
      publicKey: keyOf(pair.b),
      paymentHash,
      amountMsat: 12_345n,
      description: 'coffee, black',
      expirySeconds: 777,
    });
    expect(await pair.b.call('invoiceStatus', { paymentHash })).toMatchObject({ state: 'unpaid' });
  });

  it(
    'tells of a payment that fails',
    async () => {
      const { invoice } = await pair.b.call('invoice', {
        amountMsat: MORE_THAN_THERE_IS_MSAT,
        description: 'too much',
      });
      const payment = await pair.a.call('pay', { invoice });
      expect(payment.state).toBe('failed');
      expect(payment.failure?.reason).not.toBe('');
    },
    CASE_MS,
  );

  it(
    'pays invoices without an amount',
    async () => {
      const { invoice, paymentHash } = await pair.b.call('invoice', { description: 'as you like' });
      expect(await pair.a.call('pay', { invoice, amountMsat: 77_000n })).toMatchObject({
        state: 'succeeded',
      });
      expect(await pair.b.call('invoiceStatus', { paymentHash })).toMatchObject({ receivedMsat: 77_000n });
    },
    CASE_MS,
  );

  itIf('keysend')(
    'pays without an invoice',
    async () => {
      expect(await pair.a.call('keysend', { publicKey: keyOf(pair.b), amountMsat: 55_000n })).toMatchObject({
        state: 'succeeded',
        amountMsat: 55_000n,
      });
    },
    CASE_MS,
  );

  itIf('payRoute')(
    'pays along a route',
    async () => {
      const { shortChannelId = '' } = (await pair.channelOf(pair.a)) ?? {};
      const { invoice, paymentHash } = await pair.b.call('invoice', {
        amountMsat: 60_000n,
        description: 'routed',
      });
      const { finalCltvDelta = 18 } = await pair.b.call('decode', { text: invoice });
      const paymentSecret = secretOf(invoice);
      const route = [
        { publicKey: keyOf(pair.b), shortChannelId, amountMsat: 60_000n, cltvDelta: finalCltvDelta + 3 },
      ];
      const wrong = await pair.a.call('payRoute', { route, paymentHash: '11'.repeat(32), paymentSecret });
      expect(wrong).toMatchObject({
        state: 'failed',
        failure: { failureCode: 0x400f, erringNode: keyOf(pair.b) },
      });
      expect(await pair.a.call('payRoute', { route, paymentHash, paymentSecret })).toMatchObject({
        state: 'succeeded',
        paymentHash,
      });
    },
    CASE_MS,
  );

  itIf('offer', 'payOffer')(
    'pays offers',
    async () => {
      const { offer } = await pair.b.call('offer', { amountMsat: 33_000n, description: 'an offer' });
      expect(await pair.a.call('decode', { text: offer })).toMatchObject({
        kind: 'offer',
        amountMsat: 33_000n,
      });
      if (pair.offers('fetchInvoice')) {
        const fetched = await pair.a.call('fetchInvoice', { offer });
        expect(fetched.amountMsat).toBe(33_000n);
        // The stream begins with invreq_metadata (BOLT 12: type 0).
        expect(fetched.invoice).toMatch(/^00/);
      }
      expect(await pair.a.call('payOffer', { offer })).toMatchObject({
        state: 'succeeded',
        amountMsat: 33_000n,
      });
    },
    CASE_MS,
  );

  itIf('refund', 'redeemRefund')(
    'pays refunds',
    async () => {
      const { refund } = await whereOffered(
        () => pair.a.call('refund', { amountMsat: 22_000n, description: 'back to you' }),
        () => pair.a.call('refund', { amountMsat: 22_000n }),
      );
      const { paymentHash } = await pair.b.call('redeemRefund', { refund });
      const status = await eventually(
        'the refund',
        () => pair.b.call('invoiceStatus', { paymentHash }),
        ({ state }) => state === 'paid',
      );
      expect(status.receivedMsat).toBe(22_000n);
    },
    CASE_MS,
  );

  itIf('holdInvoice', 'settle', 'cancel')(
    'holds, settles and cancels',
    async () => {
      for (const settles of [true, false]) {
        const preimage = settles ? '07'.repeat(32) : '08'.repeat(32);
        const paymentHash = await sha256Hex(preimage);
        const { invoice } = await pair.b.call('holdInvoice', {
          amountMsat: 44_000n,
          description: 'held',
          paymentHash,
        });
        const paying = pair.a.call('pay', { invoice });
        await eventually(
          'the held payment',
          () => pair.b.call('invoiceStatus', { paymentHash }),
          ({ state }) => state === 'held',
        );
        await (settles ? pair.b.call('settle', { preimage }) : pair.b.call('cancel', { paymentHash }));
        expect((await paying).state).toBe(settles ? 'succeeded' : 'failed');
      }
    },
    CASE_MS,
  );
}

const MORE_THAN_THERE_IS_MSAT = 4_000_000_000n;

const CHARSET = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';

/** payment_secret, field `s` of a BOLT 11 invoice: 52 letters of 5 bits after its length. */
function secretOf(invoice: string): string {
  const at = invoice.indexOf('sp5', invoice.lastIndexOf('1') + 8);
  const letters = invoice.slice(at + 3, at + 3 + 52).match(/./g) ?? [];
  const bits = letters.map((letter) => CHARSET.indexOf(letter).toString(2).padStart(5, '0')).join('');
  return (bits.slice(0, 256).match(/.{8}/g) ?? [])
    .map((byte) => Number.parseInt(byte, 2).toString(16).padStart(2, '0'))
    .join('');
}

async function sha256Hex(hex: string): Promise<string> {
  return Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(hex, 'hex'))).toString('hex');
}
