import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../../../src/core/bytes.ts';
import type { AttributionData } from '../../../src/channel/onion/attribution.ts';
import { encodeFailure } from '../../../src/channel/onion/failure.ts';
import { deriveKey } from '../../../src/channel/onion/keys.ts';
import {
  attributeFulfill,
  createFailure,
  readFailure,
  readFulfill,
  wrapFailure,
  type ReturnedFailure,
} from '../../../src/channel/onion/returned.ts';
import { routeSecrets } from '../../../src/channel/onion/route-secrets.ts';
import { decodeTlvStream, encodeTlvStream } from '../../../src/wire/codec.ts';
import { bolts } from '../../../src/wire/bolts.ts';
import { codeOf } from '../../crypto/code-of.ts';
import { readFixture } from './fixtures.ts';

interface ErrorTest {
  readonly generate: {
    readonly session_key: string;
    readonly failure_message: string;
    readonly hops: readonly {
      readonly pubkey: string;
      readonly hop_shared_secret: string;
      readonly ammag_key: string;
      readonly um_key?: string;
    }[];
  };
  readonly errorpacket: string;
}

interface ReturningErrors {
  readonly session_key: string;
  /** `failure_len`, `failuremsg`, `pad_len` and `pad`: 1028 bytes. */
  readonly payload: string;
  readonly um_key: string;
  readonly hops: readonly {
    readonly pubkey: string;
    readonly htlc_hold_time: number;
    readonly shared_secret: string;
    readonly ammag_key: string;
    readonly error_packet: string;
    readonly attribution_data: string;
    readonly fulfill_attribution_data: string;
  }[];
}

/** The value of the record that carries it. */
const attributionHex = (attribution_data: AttributionData): string =>
  toHex(encodeTlvStream(bolts, 'update_fail_htlc_tlvs', { attribution_data })).slice(2 * 4);

const attributionOf = (hex: string): AttributionData => {
  const { attribution_data } = decodeTlvStream(bolts, 'update_fail_htlc_tlvs', fromHex(`01fd0398${hex}`));
  if (attribution_data === undefined) throw new Error('no attribution data');
  return attribution_data;
};

describe('onion-error-test.json', () => {
  const { generate, errorpacket } = readFixture('bolt04/onion-error-test.json') as ErrorTest;
  const secrets = generate.hops.map((hop) => fromHex(hop.hop_shared_secret));

  it('derives secrets and keys', () => {
    const derived = routeSecrets(
      fromHex(generate.session_key),
      generate.hops.map(({ pubkey }) => fromHex(pubkey)),
    );
    expect(derived.map(({ sharedSecret }) => sharedSecret)).toEqual(secrets);
    for (const [i, { ammag_key, um_key }] of generate.hops.entries()) {
      expect(toHex(deriveKey('ammag', secrets[i]!))).toBe(ammag_key);
      if (um_key !== undefined) expect(toHex(deriveKey('um', secrets[i]!))).toBe(um_key);
    }
  });

  it('is created, wrapped and read', () => {
    const failuremsg = encodeFailure('temporary_node_failure', {});
    expect(toHex(failuremsg)).toBe(generate.failure_message);
    const [erring, ...others] = [...secrets].reverse();
    const returned = others.reduce<ReturnedFailure>(
      (failure, secret) => wrapFailure(secret, failure),
      createFailure(erring!, failuremsg),
    );
    expect(toHex(returned.reason)).toBe(errorpacket);
    expect(readFailure(secrets, { reason: fromHex(errorpacket) })).toMatchObject({
      hop: 4,
      failuremsg,
      failure: { name: 'temporary_node_failure', fields: {} },
      htlcHoldTimes: [],
    });
  });
});

describe('Test Vector of BOLT 4 with attribution data', () => {
  const vector = readFixture('bolt04/returning-errors.json') as ReturningErrors;
  const secrets = vector.hops.map((hop) => fromHex(hop.shared_secret));
  const failuremsg = encodeFailure('incorrect_or_unknown_payment_details', {
    htlc_msat: 100n,
    height: 800000,
    tlvs: { unknown: [{ type: 34001n, value: new Uint8Array(300).fill(128) }] },
  });
  const holdTimes = vector.hops.map((hop) => hop.htlc_hold_time);

  it('the failure message is encoded', () => {
    expect(`0140${toHex(failuremsg)}02c0${'00'.repeat(0x2c0)}`).toBe(vector.payload);
  });

  it('keys are derived', () => {
    expect(toHex(deriveKey('um', secrets[4]!))).toBe(vector.um_key);
    for (const [i, { ammag_key }] of vector.hops.entries()) {
      expect(toHex(deriveKey('ammag', secrets[i]!))).toBe(ammag_key);
    }
  });

  it('the error is made and wrapped at every hop', () => {
    let failure: ReturnedFailure | undefined;
    for (const [i, hop] of [...vector.hops.entries()].reverse()) {
      const times = { htlcHoldTime: hop.htlc_hold_time };
      failure = failure
        ? wrapFailure(secrets[i]!, failure, times)
        : createFailure(secrets[i]!, failuremsg, { ...times, paddedLength: 1024 });
      expect(toHex(failure.reason)).toBe(hop.error_packet);
      expect(attributionHex(failure.attribution_data!)).toBe(hop.attribution_data);
    }
  });

  it('the origin reads hop, failure and hold times', () => {
    const [first] = vector.hops;
    const received = {
      reason: fromHex(first!.error_packet),
      attribution_data: attributionOf(first!.attribution_data),
    };
    expect(readFailure(secrets, received)).toMatchObject({
      hop: 4,
      failuremsg,
      failure: {
        name: 'incorrect_or_unknown_payment_details',
        fields: { htlc_msat: 100n, height: 800000 },
      },
      htlcHoldTimes: holdTimes,
    });
  });

  it('a success carries hold times back', () => {
    let data: AttributionData | undefined;
    for (const [i, hop] of [...vector.hops.entries()].reverse()) {
      data = attributeFulfill(secrets[i]!, hop.htlc_hold_time, data);
      expect(attributionHex(data)).toBe(hop.fulfill_attribution_data);
    }
    expect(readFulfill(secrets, data!)).toEqual({ htlcHoldTimes: holdTimes });
  });
});

const secretsOf = (count: number): Uint8Array[] =>
  Array.from({ length: count }, (_, i) => new Uint8Array(32).fill(i + 1));

/** A failure of hop `erring`, wrapped by all before it; `change` is what comes back after each hop. */
function returnedBy(
  secrets: readonly Uint8Array[],
  erring: number,
  change: (hop: number, failure: ReturnedFailure) => ReturnedFailure = (_, failure) => failure,
): ReturnedFailure {
  const failuremsg = encodeFailure('permanent_node_failure', {});
  let failure = change(erring, createFailure(secrets[erring]!, failuremsg, { htlcHoldTime: erring }));
  for (let hop = erring - 1; hop >= 0; hop--) {
    failure = change(hop, wrapFailure(secrets[hop]!, failure, { htlcHoldTime: hop }));
  }
  return failure;
}

describe('any route', () => {
  const placed = fc
    .integer({ min: 1, max: 20 })
    .chain((count) => fc.tuple(fc.constant(count), fc.nat(count - 1)));

  it('of 1 to 20 hops is read with its hold times, whichever errs', () => {
    fc.assert(
      fc.property(placed, ([count, erring]) => {
        const secrets = secretsOf(count);
        expect(readFailure(secrets, returnedBy(secrets, erring))).toMatchObject({
          hop: erring,
          failure: { name: 'permanent_node_failure' },
          htlcHoldTimes: Array.from({ length: erring + 1 }, (_, i) => i),
        });
      }),
      { numRuns: 30 },
    );
  });

  it('a change on the way is blamed on the hop that made it', () => {
    const place = placed.chain(([count, erring]) =>
      fc.tuple(fc.constant(count), fc.constant(erring), fc.nat(erring), fc.nat(291)),
    );
    fc.assert(
      fc.property(place, ([count, erring, changing, at]) => {
        const secrets = secretsOf(count);
        const received = returnedBy(secrets, erring, (hop, failure) => {
          if (hop !== changing) return failure;
          const reason = Uint8Array.from(failure.reason);
          reason[at]! ^= 1;
          return { ...failure, reason };
        });
        expect(readFailure(secrets, received)).toEqual({
          hop: undefined,
          htlcHoldTimes: Array.from({ length: changing }, (_, i) => i),
          blamedHop: changing,
        });
      }),
      { numRuns: 30 },
    );
  });

  it('a hop without attribution data leaves that of the hops before it', () => {
    const secrets = secretsOf(5);
    const received = returnedBy(secrets, 4, (hop, failure) =>
      hop === 2 ? { reason: failure.reason } : failure,
    );
    expect(readFailure(secrets, received)).toMatchObject({ hop: 4, htlcHoldTimes: [0, 1], blamedHop: 2 });
  });

  it('beyond 20 hops a failure is read without attribution of the first', () => {
    const secrets = secretsOf(21);
    expect(readFailure(secrets, returnedBy(secrets, 20))).toMatchObject({ hop: 20, blamedHop: 0 });
  });
});

describe('a return packet', () => {
  const [secret] = secretsOf(1);

  it.each([
    [2, undefined, 292],
    [256, undefined, 292],
    [300, undefined, 336],
    [2, 1000, 1036],
    [2, 0, 38],
  ])('of %d bytes of failure padded to %s has %d bytes', (length, paddedLength, expected) => {
    const options = paddedLength === undefined ? {} : { paddedLength };
    expect(createFailure(secret!, new Uint8Array(length), options).reason.length).toBe(expected);
  });

  it('is not made where the failure does not fit', () => {
    expect(codeOf(() => createFailure(secret!, new Uint8Array(65536)))).toBe('channel.failure-length');
    expect(codeOf(() => createFailure(secret!, new Uint8Array(2), { paddedLength: 70000 }))).toBe(
      'channel.failure-length',
    );
  });

  it('of any bytes is read without a throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (reason) => {
        expect(readFailure(secretsOf(3), { reason }).hop).toBeUndefined();
      }),
    );
  });
});
