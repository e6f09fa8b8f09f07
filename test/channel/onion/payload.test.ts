import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../../../src/core/bytes.ts';
import { makeBlindedPath, type EncryptedData } from '../../../src/channel/onion/blinded-path.ts';
import {
  readPayload,
  type IncomingHtlc,
  type Instructions,
} from '../../../src/channel/onion/instructions.ts';
import { makeOnion } from '../../../src/channel/onion/make.ts';
import { encodePayload, type PaymentPayload } from '../../../src/channel/onion/payload.ts';
import { peelOnion } from '../../../src/channel/onion/peel.ts';
import { defaultCrypto } from '../../../src/crypto/crypto.ts';
import { readFixture } from './fixtures.ts';

interface BlindedPayment {
  readonly generate: {
    readonly session_key: string;
    readonly associated_data: string;
    readonly full_route: { readonly hops: readonly { readonly pubkey: string; readonly payload: string }[] };
    readonly onion: string;
  };
  readonly decrypt: {
    readonly hops: readonly {
      readonly onion: string;
      readonly node_privkey: string;
      readonly next_path_key?: string;
    }[];
  };
}

const { curve } = defaultCrypto;
const privateKey = new Uint8Array(32).fill(1);
const htlc: IncomingHtlc = { amount_msat: 1_010_000n, cltv_expiry: 600 };

const amt_to_forward = { amt_to_forward: 1_000_000n };
const outgoing_cltv_value = { outgoing_cltv_value: 560 };
const short_channel_id = { short_channel_id: '1x2x3' };
const payment_data = { payment_secret: new Uint8Array(32).fill(9), total_msat: 3_000_000n };

/** The payload as it comes out of an onion, whose length takes a byte. */
const read = (payload: Uint8Array | PaymentPayload, isFinal: boolean, incoming = htlc): Instructions =>
  readPayload({
    payload: payload instanceof Uint8Array ? payload : encodePayload(payload),
    lengthWidth: 1,
    isFinal,
    privateKey,
    htlc: incoming,
  });

const invalid = (type: bigint, offset: number): unknown => ({
  kind: 'failed',
  failure: { name: 'invalid_onion_payload', fields: { type, offset } },
});

describe('blinded-payment-onion-test.json', () => {
  const { generate, decrypt } = readFixture('bolt04/blinded-payment-onion-test.json') as BlindedPayment;
  const associatedData = fromHex(generate.associated_data);

  it('is made', () => {
    const hops = generate.full_route.hops.map(({ pubkey, payload }) => ({
      nodeId: fromHex(pubkey),
      payload: fromHex(payload),
      lengthPrefix: new Uint8Array(0),
    }));
    const { packet } = makeOnion({ sessionKey: fromHex(generate.session_key), hops, associatedData });
    expect(toHex(packet)).toBe(generate.onion);
  });

  it('every node peels it, and does what it is told', () => {
    // Amounts and expiries of the full_route: fees and deltas of the blinded data, from 110125 msat at 749150.
    const expected = [
      { kind: 'forward', amt_to_forward: 110125n, outgoing_cltv_value: 749150, short_channel_id: '0x0x10' },
      { kind: 'blinded_forward', amt_to_forward: 100125n, outgoing_cltv_value: 749100 },
      { kind: 'blinded_forward', amt_to_forward: 100010n, outgoing_cltv_value: 749025 },
      { kind: 'blinded_forward', amt_to_forward: 100000n, outgoing_cltv_value: 749000 },
      { kind: 'blinded_final', amt_to_forward: 100000n, outgoing_cltv_value: 749000, total_msat: 150000n },
    ] as const;
    let incoming: IncomingHtlc = { amount_msat: 110125n, cltv_expiry: 749150 };
    for (const [i, hop] of decrypt.hops.entries()) {
      const { path_key } = incoming;
      const peeled = peelOnion({
        packet: fromHex(hop.onion),
        privateKey: fromHex(hop.node_privkey),
        associatedData,
        ...(path_key !== undefined && { pathKey: path_key }),
      });
      if (peeled.kind !== 'forward' && peeled.kind !== 'final') throw new Error(peeled.kind);
      if (peeled.kind === 'forward') expect(toHex(peeled.nextPacket)).toBe(decrypt.hops[i + 1]?.onion);
      const told = readPayload({
        ...peeled,
        isFinal: peeled.kind === 'final',
        privateKey: fromHex(hop.node_privkey),
        htlc: incoming,
      });
      expect(told).toMatchObject(expected[i]!);
      if (told.kind !== 'forward' && told.kind !== 'blinded_forward') continue;
      incoming = { amount_msat: told.amt_to_forward, cltv_expiry: told.outgoing_cltv_value };
      if (told.kind !== 'blinded_forward') continue;
      expect(toHex(told.nextPathKey)).toBe(hop.next_path_key);
      incoming = { ...incoming, path_key: told.nextPathKey };
    }
  });
});

describe('a payload', () => {
  it('of a hop', () => {
    expect(read({ amt_to_forward, outgoing_cltv_value, short_channel_id }, false)).toMatchObject({
      kind: 'forward',
      amt_to_forward: 1_000_000n,
      outgoing_cltv_value: 560,
      short_channel_id: '1x2x3',
    });
  });

  it('of the final node, with a total or without', () => {
    const payment_metadata = { payment_metadata: Uint8Array.of(1, 2) };
    expect(read({ amt_to_forward, outgoing_cltv_value, payment_data, payment_metadata }, true)).toMatchObject(
      {
        kind: 'final',
        payment_secret: payment_data.payment_secret,
        payment_metadata: Uint8Array.of(1, 2),
        total_msat: 3_000_000n,
      },
    );
    expect(read({ amt_to_forward, outgoing_cltv_value }, true)).toMatchObject({ total_msat: 1_000_000n });
  });

  it('that lacks a record names it', () => {
    expect(read({ outgoing_cltv_value, short_channel_id }, false)).toEqual(invalid(2n, 0));
    expect(read({ amt_to_forward, short_channel_id }, false)).toEqual(invalid(4n, 0));
    expect(read({ amt_to_forward, outgoing_cltv_value }, false)).toEqual(invalid(6n, 0));
    expect(read({ outgoing_cltv_value }, true)).toEqual(invalid(2n, 0));
    expect(read({ amt_to_forward }, true)).toEqual(invalid(4n, 0));
  });

  it.each([
    ['an unknown even record', '020101' + '040101' + '1400', 20n, 7],
    ['records out of order', '040101' + '020101', 2n, 4],
    ['a record twice', '020101' + '020101', 2n, 4],
    ['an integer with a leading zero', '020101' + '04020001', 4n, 4],
    ['a record that is too short', '020101' + '0603000001', 6n, 4],
    ['a record that is too long', '020101' + '0609000000000000000001', 6n, 4],
    ['a record that goes beyond the end', '020101' + '04ff', 4n, 4],
    ['a type that is no minimal BigSize', '020101' + 'fd000401', 2n, 1],
  ])('with %s names it', (_, hex, type, offset) => {
    for (const isFinal of [false, true]) expect(read(fromHex(hex), isFinal)).toEqual(invalid(type, offset));
  });

  it('keeps unknown odd records', () => {
    const unknown = [{ type: 65537n, value: Uint8Array.of(7) }];
    expect(read({ amt_to_forward, outgoing_cltv_value, unknown }, true)).toMatchObject({
      records: { unknown },
    });
  });

  it('of any bytes is read without a throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), fc.boolean(), (payload, isFinal) => {
        expect(read(payload, isFinal).kind).toMatch(/^(failed|forward|final|blinded_failed)$/);
      }),
      { numRuns: 500 },
    );
  });
});

describe('a payload within a blinded path', () => {
  const path_key = curve.publicKey(new Uint8Array(32).fill(4));
  const current_path_key = { path_key };
  const blinded: IncomingHtlc = { ...htlc, path_key };
  const payment_relay = { cltv_expiry_delta: 40, fee_proportional_millionths: 5000, fee_base_msat: 4975 };
  const toNext: EncryptedData = { short_channel_id, payment_relay };
  const encrypted = (data: EncryptedData) => {
    const { path } = makeBlindedPath(new Uint8Array(32).fill(4), [
      { nodeId: curve.publicKey(privateKey), data },
    ]);
    return { encrypted_recipient_data: path.path[0]! };
  };
  const ofFinal = { amt_to_forward, outgoing_cltv_value, total_amount_msat: { total_msat: 5n } };

  it('is read with the path key of the HTLC, or its own', () => {
    const expected = { kind: 'blinded_forward', amt_to_forward: 1_000_025n, outgoing_cltv_value: 560 };
    // (1010000 - 4975) / 1.005, rounded up, is 1000025.
    expect(read(wrap(encrypted(toNext)), false, blinded)).toMatchObject(expected);
    expect(read({ ...wrap(encrypted(toNext)), current_path_key }, false)).toMatchObject(expected);
    expect(read({ ...wrap(encrypted({})), ...ofFinal }, true, blinded)).toMatchObject({
      kind: 'blinded_final',
      total_msat: 5n,
    });
  });

  const wrap = ({ encrypted_recipient_data: hop }: ReturnType<typeof encrypted>): PaymentPayload => ({
    encrypted_recipient_data: { encrypted_recipient_data: hop.encrypted_recipient_data },
  });

  it.each<readonly [string, PaymentPayload, boolean]>([
    ['both path keys', { ...wrap(encrypted(toNext)), current_path_key }, false],
    ['no encrypted_recipient_data', { amt_to_forward, outgoing_cltv_value, short_channel_id }, false],
    ['no encrypted_recipient_data at the end', { amt_to_forward, outgoing_cltv_value }, true],
    [
      'data that does not decrypt',
      { encrypted_recipient_data: { encrypted_recipient_data: new Uint8Array(40) } },
      false,
    ],
    ['no next node', wrap(encrypted({ payment_relay })), false],
    ['no payment_relay', wrap(encrypted({ short_channel_id })), false],
    ['two next nodes', wrap(encrypted({ ...toNext, next_node_id: { node_id: path_key } })), false],
    ['another record', { ...wrap(encrypted(toNext)), amt_to_forward }, false],
    [
      'an unknown odd record',
      { ...wrap(encrypted(toNext)), unknown: [{ type: 33n, value: path_key }] },
      false,
    ],
    [
      'an expiry beyond max_cltv_expiry',
      wrap(encrypted({ ...toNext, payment_constraints: { max_cltv_expiry: 599, htlc_minimum_msat: 0n } })),
      false,
    ],
    [
      'an amount below htlc_minimum_msat',
      wrap(
        encrypted({
          ...toNext,
          payment_constraints: { max_cltv_expiry: 600, htlc_minimum_msat: 1_010_001n },
        }),
      ),
      false,
    ],
    [
      'an unknown feature',
      wrap(encrypted({ ...toNext, allowed_features: { features: fromHex('0200000000000000000000000000') } })),
      false,
    ],
    [
      'no amount at the end',
      { ...wrap(encrypted({})), outgoing_cltv_value, total_amount_msat: { total_msat: 5n } },
      true,
    ],
    ['no total at the end', { ...wrap(encrypted({})), amt_to_forward, outgoing_cltv_value }, true],
    ['payment_data at the end', { ...wrap(encrypted({})), ...ofFinal, payment_data }, true],
  ])('with %s fails without a word', (_, payload, isFinal) => {
    expect(read(payload, isFinal, blinded).kind).toBe('blinded_failed');
  });

  it('keeps to the constraints at their limits', () => {
    const payment_constraints = { max_cltv_expiry: 600, htlc_minimum_msat: 1_010_000n };
    expect(read(wrap(encrypted({ ...toNext, payment_constraints })), false, blinded).kind).toBe(
      'blinded_forward',
    );
  });

  it('names the record where no path key came with it', () => {
    expect(read(wrap(encrypted(toNext)), false)).toEqual(invalid(12n, 0));
  });

  it('names the record at a final node that begins the blinded path', () => {
    const start = { ...wrap(encrypted({})), current_path_key };
    expect(read({ ...start, amt_to_forward, outgoing_cltv_value }, true)).toEqual(invalid(18n, 0));
    expect(read({ current_path_key, amt_to_forward, outgoing_cltv_value }, true)).toEqual(invalid(12n, 10));
    expect(read({ current_path_key }, false).kind).toBe('blinded_failed');
  });
});
