import { readFileSync } from 'node:fs';
import { fromHex } from '../../src/core/bytes.ts';

/** A file of test/fixtures/bolt03, whose README says where it comes from. */
export const readAppendix = (letter: string): unknown =>
  JSON.parse(readFileSync(new URL(`../fixtures/bolt03/appendix-${letter}.json`, import.meta.url), 'utf8'));

/** BOLT 3 writes some values with `0x`. */
export const bytesOf = (hex: string): Uint8Array => fromHex(hex.replace(/^0x/, ''));

/** BOLT 3 ends private keys with 01. */
export const privateKeyOf = (hex: string): Uint8Array => fromHex(hex).subarray(0, 32);
