import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { isBoltgridError, type BoltgridError } from '../../../src/core/error.ts';
import { defineMessages } from '../../../src/wire/define.ts';

export function fixture(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../../fixtures/wire/${name}`, import.meta.url), 'utf8'));
}

/** The error that `work` throws; anything but a BoltgridError fails the test. */
export function errorOf(work: () => unknown): BoltgridError {
  let thrown: unknown;
  try {
    work();
  } catch (error) {
    thrown = error;
  }
  expect(thrown, 'nothing was thrown').toBeDefined();
  if (!isBoltgridError(thrown)) throw thrown;
  return thrown;
}

/** The namespaces of BOLT 1, Appendix B, and one field of each integer type. */
export const appendixB = defineMessages({
  streams: {
    n1: {
      tlv1: { type: 1, data: { amount_msat: 'tu64' } },
      tlv2: { type: 2, data: { scid: 'short_channel_id' } },
      tlv3: { type: 3, data: { node_id: 'point', amount_msat_1: 'u64', amount_msat_2: 'u64' } },
      tlv4: { type: 254, data: { cltv_delta: 'u16' } },
    },
    n2: {
      tlv1: { type: 0, data: { amount_msat: 'tu64' } },
      tlv2: { type: 11, data: { cltv_expiry: 'tu32' } },
    },
  },
});

export const integers = defineMessages({
  messages: {
    s8: { type: 1, data: { value: 's8' } },
    s16: { type: 2, data: { value: 's16' } },
    s32: { type: 4, data: { value: 's32' } },
    s64: { type: 8, data: { value: 's64' } },
    bigsize: { type: 9, data: { value: 'bigsize' } },
  },
});
