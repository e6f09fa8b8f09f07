import type { TransactionParts } from '../../src/bitcoin/transaction.ts';
import type { Key } from '../bitcoin/keys.ts';
import { spendOf, withWitness, type Output, type SpendOptions } from './world.ts';

/** One way to spend an output, or to fail to. */
export interface Attempt {
  /** Blocks on top of the one with the output. */
  readonly depth?: number;
  /** `extra` is a second output of the world, P2WSH(OP_TRUE). */
  build(output: Output, extra: Output): TransactionParts;
}

export interface BadAttempt extends Attempt {
  readonly reason: string;
  /** Only relaying nodes refuse it: a miner could put it into a block. */
  readonly policyOnly?: true;
}

export interface SpendCase {
  readonly script: Uint8Array;
  readonly good: Readonly<Record<string, Attempt>>;
  readonly bad: Readonly<Record<string, BadAttempt>>;
}

export const AMOUNT_SAT = 100_000n;

export const failed = (message: string): string => `mempool-script-verify-flag-failed (${message})`;
export const BAD_SIGNATURE = failed('Signature must be zero for failed CHECK(MULTI)SIG operation');
export const BAD_LOCK = failed('Locktime requirement not satisfied');
export const NOT_MINE = failed('Witness program hash mismatch');

export interface How extends SpendOptions {
  readonly depth?: number;
  readonly hashType?: number;
  /** The amount that is signed, where it is not the output's own. */
  readonly signedSat?: bigint;
}

export type Witness = (sign: (key: Key) => Uint8Array) => readonly Uint8Array[];

/** A spend of one P2WSH output; the witness is built from signatures over the script. */
export const spendP2wsh = (script: Uint8Array, witness: Witness, how: How = {}): Attempt => ({
  ...(how.depth !== undefined && { depth: how.depth }),
  build: (output) => {
    const parts = spendOf([output], how);
    const sign = (key: Key) => key.sign(parts, 0, script, how.signedSat ?? output.amountSat, how.hashType);
    return withWitness(parts, 0, [...witness(sign), script]);
  },
});

export const bad = (attempt: Attempt, reason: string): BadAttempt => ({ ...attempt, reason });
export const refusedByPolicy = (attempt: Attempt, reason: string): BadAttempt => ({
  ...attempt,
  reason,
  policyOnly: true,
});

export const flipped = (bytes: Uint8Array, index: number): Uint8Array =>
  bytes.map((byte, i) => (i === index ? byte ^ 1 : byte));
