import { createHash } from 'node:crypto';
import { EMPTY } from '../../src/core/bytes.ts';
import { OP_TRUE_SCRIPT, OP_TRUE_WITNESS_SCRIPT, p2wsh } from '../../src/bitcoin/output.ts';
import { SIGHASH_ANYONECANPAY, SIGHASH_SINGLE } from '../../src/bitcoin/sighash.ts';
import {
  bad,
  BAD_LOCK,
  BAD_SIGNATURE,
  failed,
  flipped,
  spendP2wsh,
  type Attempt,
  type SpendCase,
  type Witness,
} from './attempts.ts';
import { keyOf } from '../bitcoin/keys.ts';
import * as bolt3 from './lightning-scripts.ts';
import { spendOf, withWitness } from './world.ts';

/** The tip at which the outputs of these cases confirm lies below. */
export const CLTV_EXPIRY = 150;

const [EVE, REVOCATION, LOCAL, REMOTE] = [keyOf(3), keyOf(4), keyOf(6), keyOf(7)];
const PREIMAGE = new Uint8Array(32).fill(0x42);
const PAYMENT_HASH_160 = Uint8Array.from(
  createHash('ripemd160').update(createHash('sha256').update(PREIMAGE).digest()).digest(),
);
const HTLC_KEYS = { revocation: REVOCATION.publicKey, local: LOCAL.publicKey, remote: REMOTE.publicKey };

/** HTLC-timeout and HTLC-success of option_anchors: the other side's signature leaves room for an input that pays the fee. */
const secondStage = (
  script: Uint8Array,
  payload: Uint8Array,
  how: { lockTime: number; depth: number; cheat?: true },
): Attempt => ({
  depth: how.depth,
  build: (output, extra) => {
    const parts = spendOf([output, extra], {
      lockTime: how.lockTime,
      sequence: 1,
      outputs: [
        { amountSat: output.amountSat, script: OP_TRUE_SCRIPT },
        { amountSat: extra.amountSat - 1000n, script: OP_TRUE_SCRIPT },
      ],
    });
    const theirs = REMOTE.sign(parts, 0, script, output.amountSat, SIGHASH_SINGLE | SIGHASH_ANYONECANPAY);
    const [own, change] = parts.outputs;
    const final = how.cheat ? { ...parts, outputs: [change!, own!] } : parts;
    const ours = LOCAL.sign(final, 0, script, output.amountSat);
    return withWitness(withWitness(final, 0, [EMPTY, theirs, ours, payload, script]), 1, [
      OP_TRUE_WITNESS_SCRIPT,
    ]);
  },
});

/** HTLC outputs of a commitment transaction, with option_anchors or without. */
export const htlcCases = (anchors: boolean): Readonly<Record<string, SpendCase>> => {
  const offered = bolt3.offeredHtlcScript(HTLC_KEYS, PAYMENT_HASH_160, anchors);
  const received = bolt3.receivedHtlcScript(HTLC_KEYS, PAYMENT_HASH_160, CLTV_EXPIRY, anchors);
  const name = anchors ? ' with anchors' : '';
  // option_anchors makes every HTLC spend wait for one confirmation.
  const lock = { sequence: anchors ? 1 : 0, depth: 0 };
  const untilExpiry = { ...lock, lockTime: CLTV_EXPIRY, depth: CLTV_EXPIRY };
  const both: Witness = (sign) => [EMPTY, sign(REMOTE), sign(LOCAL)];
  return {
    [`offered HTLC${name}`]: {
      script: p2wsh(offered),
      good: {
        'HTLC-timeout': spendP2wsh(offered, (sign) => [...both(sign), EMPTY], untilExpiry),
        preimage: spendP2wsh(offered, (sign) => [sign(REMOTE), PREIMAGE], lock),
        revocation: spendP2wsh(offered, (sign) => [sign(REVOCATION), REVOCATION.publicKey], lock),
        ...(anchors && {
          'HTLC-timeout with an input for the fee': secondStage(offered, EMPTY, untilExpiry),
        }),
      },
      bad: {
        'wrong preimage': bad(
          spendP2wsh(offered, (sign) => [sign(REMOTE), flipped(PREIMAGE, 0)], lock),
          failed('Script failed an OP_EQUALVERIFY operation'),
        ),
        'preimage of 31 bytes': bad(
          spendP2wsh(offered, (sign) => [sign(REMOTE), PREIMAGE.subarray(1)], lock),
          failed('Operation not valid with the current stack size'),
        ),
        'preimage claimed by a stranger': bad(
          spendP2wsh(offered, (sign) => [sign(EVE), PREIMAGE], lock),
          BAD_SIGNATURE,
        ),
        'revocation with another key': bad(
          spendP2wsh(offered, (sign) => [sign(EVE), REVOCATION.publicKey], lock),
          BAD_SIGNATURE,
        ),
        ...(anchors && {
          'no confirmation waited for': bad(
            spendP2wsh(offered, (sign) => [sign(REMOTE), PREIMAGE], { sequence: 0 }),
            BAD_LOCK,
          ),
          'output moved from where SINGLE signed it': bad(
            secondStage(offered, EMPTY, { ...untilExpiry, cheat: true }),
            BAD_SIGNATURE,
          ),
        }),
      },
    },
    [`received HTLC${name}`]: {
      script: p2wsh(received),
      good: {
        'HTLC-success': spendP2wsh(received, (sign) => [...both(sign), PREIMAGE], lock),
        timeout: spendP2wsh(received, (sign) => [sign(REMOTE), EMPTY], untilExpiry),
        revocation: spendP2wsh(received, (sign) => [sign(REVOCATION), REVOCATION.publicKey], lock),
      },
      bad: {
        'timeout with a lock time below the expiry': bad(
          spendP2wsh(received, (sign) => [sign(REMOTE), EMPTY], {
            ...untilExpiry,
            lockTime: CLTV_EXPIRY - 1,
          }),
          BAD_LOCK,
        ),
        'timeout before the expiry': bad(
          spendP2wsh(received, (sign) => [sign(REMOTE), EMPTY], { ...lock, lockTime: CLTV_EXPIRY }),
          'non-final',
        ),
        'timeout with a time for a lock': bad(
          spendP2wsh(received, (sign) => [sign(REMOTE), EMPTY], { ...lock, lockTime: 500_000_000 }),
          BAD_LOCK,
        ),
        'timeout with a final sequence': bad(
          spendP2wsh(received, (sign) => [sign(REMOTE), EMPTY], { ...untilExpiry, sequence: 0xffff_ffff }),
          BAD_LOCK,
        ),
        'success without our signature': bad(
          spendP2wsh(received, (sign) => [EMPTY, sign(REMOTE), sign(REMOTE), PREIMAGE], lock),
          BAD_SIGNATURE,
        ),
        'success with another preimage': bad(
          spendP2wsh(received, (sign) => [...both(sign), flipped(PREIMAGE, 31)], lock),
          failed('Script failed an OP_EQUALVERIFY operation'),
        ),
      },
    },
  };
};
