import { readFileSync } from 'node:fs';

/** A file of test/fixtures/bitcoin, whose README says where it comes from. */
export const readFixture = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../fixtures/bitcoin/${name}`, import.meta.url), 'utf8'));
