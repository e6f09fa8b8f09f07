import { createHash } from 'node:crypto';
import { EMPTY } from '../../src/core/bytes.ts';
import {
  OP_TRUE_SCRIPT,
  OP_TRUE_WITNESS_SCRIPT,
  p2tr,
  p2wpkh,
  p2wsh,
} from '../../src/chain/script/output.ts';
import { SIGHASH_ANYONECANPAY, SIGHASH_SINGLE } from '../../src/chain/script/sighash.ts';
import type { TransactionParts } from '../../src/chain/script/transaction.ts';
import { keyOf, withHighS, type Key } from './keys.ts';
import * as bolt3 from './lightning-scripts.ts';
import { spendOf, withScriptSig, withWitness, type Output, type SpendOptions } from './world.ts';

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
/** The tip at which the outputs of these cases confirm lies below. */
export const CLTV_EXPIRY = 150;
const TO_SELF_DELAY = 6;

const [ALICE, BOB, EVE] = [keyOf(1), keyOf(2), keyOf(3)];
const [REVOCATION, DELAYED, LOCAL, REMOTE] = [keyOf(4), keyOf(5), keyOf(6), keyOf(7)];
const PREIMAGE = new Uint8Array(32).fill(0x42);
const PAYMENT_HASH_160 = Uint8Array.from(
  createHash('ripemd160').update(createHash('sha256').update(PREIMAGE).digest()).digest(),
);
const HTLC_KEYS = { revocation: REVOCATION.publicKey, local: LOCAL.publicKey, remote: REMOTE.publicKey };
const TRUE = Uint8Array.of(1);

const failed = (message: string): string => `mandatory-script-verify-flag-failed (${message})`;
const BAD_SIGNATURE = failed('Signature must be zero for failed CHECK(MULTI)SIG operation');
const BAD_LOCK = failed('Locktime requirement not satisfied');
const NOT_MINE = failed('Witness program hash mismatch');

interface How extends SpendOptions {
  readonly depth?: number;
  readonly hashType?: number;
  /** The amount that is signed, where it is not the output's own. */
  readonly signedSat?: bigint;
}

type Witness = (sign: (key: Key) => Uint8Array) => readonly Uint8Array[];

/** A spend of one P2WSH output; the witness is built from signatures over the script. */
const spendP2wsh = (script: Uint8Array, witness: Witness, how: How = {}): Attempt => ({
  ...(how.depth !== undefined && { depth: how.depth }),
  build: (output) => {
    const parts = spendOf([output], how);
    const sign = (key: Key) => key.sign(parts, 0, script, how.signedSat ?? output.amountSat, how.hashType);
    return withWitness(parts, 0, [...witness(sign), script]);
  },
});

const bad = (attempt: Attempt, reason: string): BadAttempt => ({ ...attempt, reason });
const refusedByPolicy = (attempt: Attempt, reason: string): BadAttempt => ({
  ...attempt,
  reason,
  policyOnly: true,
});

const P2WPKH_CODE = (key: Key): Uint8Array => {
  const hash = p2wpkh(key.publicKey).subarray(2);
  return Uint8Array.of(0x76, 0xa9, 20, ...hash, 0x88, 0xac);
};

const spendP2wpkh = (
  key: Key,
  how: How = {},
  change: (signature: Uint8Array) => Uint8Array = (s) => s,
): Attempt => ({
  build: (output) => {
    const parts = spendOf([output], how);
    const signature = key.sign(parts, 0, P2WPKH_CODE(key), how.signedSat ?? output.amountSat, how.hashType);
    return withWitness(parts, 0, [change(signature), key.publicKey]);
  },
});

const flipped = (bytes: Uint8Array, index: number): Uint8Array =>
  bytes.map((byte, i) => (i === index ? byte ^ 1 : byte));

const funding = bolt3.fundingScript(ALICE.publicKey, BOB.publicKey);
const toLocal = bolt3.toLocalScript(REVOCATION.publicKey, DELAYED.publicKey, TO_SELF_DELAY);
const toRemote = bolt3.toRemoteScript(REMOTE.publicKey);
const anchor = bolt3.anchorScript(ALICE.publicKey);
const SINGLE_ANYONE = SIGHASH_SINGLE | SIGHASH_ANYONECANPAY;

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
    const theirs = REMOTE.sign(parts, 0, script, output.amountSat, SINGLE_ANYONE);
    const [own, change] = parts.outputs;
    const final = how.cheat ? { ...parts, outputs: [change!, own!] } : parts;
    const ours = LOCAL.sign(final, 0, script, output.amountSat);
    return withWitness(withWitness(final, 0, [EMPTY, theirs, ours, payload, script]), 1, [
      OP_TRUE_WITNESS_SCRIPT,
    ]);
  },
});

const htlcCases = (anchors: boolean): Readonly<Record<string, SpendCase>> => {
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

/** Of programs of version 0, which the oracle knows. */
export const SEGWIT_V0_SPENDS: Readonly<Record<string, SpendCase>> = {
  'P2WSH(OP_TRUE)': {
    script: OP_TRUE_SCRIPT,
    good: { anyone: spendP2wsh(OP_TRUE_WITNESS_SCRIPT, () => []) },
    bad: {
      'other script': bad(
        spendP2wsh(Uint8Array.of(0x52), () => []),
        NOT_MINE,
      ),
      'something left on the stack': bad(
        spendP2wsh(OP_TRUE_WITNESS_SCRIPT, () => [TRUE]),
        failed('Stack size must be exactly one after execution'),
      ),
      'no witness': bad(
        { build: (output) => spendOf([output]) },
        failed('Witness program was passed an empty witness'),
      ),
      'more out than in': bad(
        spendP2wsh(OP_TRUE_WITNESS_SCRIPT, () => [], { feeSat: -1n }),
        'bad-txns-in-belowout',
      ),
    },
  },
  P2WPKH: {
    script: p2wpkh(ALICE.publicKey),
    good: {
      'its key': spendP2wpkh(ALICE),
      'signed SINGLE|ANYONECANPAY': spendP2wpkh(ALICE, { hashType: SINGLE_ANYONE }),
    },
    bad: {
      'other key': bad(spendP2wpkh(BOB), failed('Script failed an OP_EQUALVERIFY operation')),
      'other amount signed': bad(spendP2wpkh(ALICE, { signedSat: AMOUNT_SAT - 1n }), BAD_SIGNATURE),
      'a bit of the signature flipped': bad(
        spendP2wpkh(ALICE, {}, (signature) => flipped(signature, 20)),
        BAD_SIGNATURE,
      ),
      'signature is not DER': bad(
        spendP2wpkh(ALICE, {}, (signature) => flipped(signature, 0)),
        failed('Non-canonical DER signature'),
      ),
      'script in the input': bad(
        { build: (...args) => withScriptSig(spendP2wpkh(ALICE).build(...args), 0, Uint8Array.of(0x51)) },
        failed('Witness requires empty scriptSig'),
      ),
      'high S': refusedByPolicy(
        spendP2wpkh(ALICE, {}, withHighS),
        failed('Non-canonical signature: S value is unnecessarily high'),
      ),
      'undefined hash type': refusedByPolicy(
        spendP2wpkh(ALICE, { hashType: 4 }),
        failed('Signature hash type missing or not understood'),
      ),
    },
  },
  'funding output': {
    script: p2wsh(funding),
    good: { 'both signatures': spendP2wsh(funding, (sign) => [EMPTY, sign(ALICE), sign(BOB)]) },
    bad: {
      'signatures in the wrong order': bad(
        spendP2wsh(funding, (sign) => [EMPTY, sign(BOB), sign(ALICE)]),
        BAD_SIGNATURE,
      ),
      'one signature twice': bad(
        spendP2wsh(funding, (sign) => [EMPTY, sign(ALICE), sign(ALICE)]),
        BAD_SIGNATURE,
      ),
      'one signature missing': bad(
        spendP2wsh(funding, (sign) => [EMPTY, sign(ALICE), EMPTY]),
        BAD_SIGNATURE,
      ),
      'dummy not empty': bad(
        spendP2wsh(funding, (sign) => [TRUE, sign(ALICE), sign(BOB)]),
        failed('Dummy CHECKMULTISIG argument must be zero'),
      ),
      'other amount signed': bad(
        spendP2wsh(funding, (sign) => [EMPTY, sign(ALICE), sign(BOB)], { signedSat: AMOUNT_SAT + 1n }),
        BAD_SIGNATURE,
      ),
    },
  },
  to_local: {
    script: p2wsh(toLocal),
    good: {
      'owner after the delay': spendP2wsh(toLocal, (sign) => [sign(DELAYED), EMPTY], {
        sequence: TO_SELF_DELAY,
        depth: TO_SELF_DELAY - 1,
      }),
      revocation: spendP2wsh(toLocal, (sign) => [sign(REVOCATION), TRUE]),
    },
    bad: {
      'a block too early': bad(
        spendP2wsh(toLocal, (sign) => [sign(DELAYED), EMPTY], {
          sequence: TO_SELF_DELAY,
          depth: TO_SELF_DELAY - 2,
        }),
        'non-BIP68-final',
      ),
      'sequence below the delay': bad(
        spendP2wsh(toLocal, (sign) => [sign(DELAYED), EMPTY], {
          sequence: TO_SELF_DELAY - 1,
          depth: TO_SELF_DELAY,
        }),
        BAD_LOCK,
      ),
      'transaction of version 1': bad(
        spendP2wsh(toLocal, (sign) => [sign(DELAYED), EMPTY], {
          version: 1,
          sequence: TO_SELF_DELAY,
          depth: TO_SELF_DELAY,
        }),
        BAD_LOCK,
      ),
      'delay in units of time': bad(
        spendP2wsh(toLocal, (sign) => [sign(DELAYED), EMPTY], {
          sequence: 0x0040_0000,
          depth: TO_SELF_DELAY,
        }),
        BAD_LOCK,
      ),
      'revocation by the owner': bad(
        spendP2wsh(toLocal, (sign) => [sign(DELAYED), TRUE]),
        BAD_SIGNATURE,
      ),
      'IF with more than one byte of truth': refusedByPolicy(
        spendP2wsh(toLocal, (sign) => [sign(REVOCATION), Uint8Array.of(2)]),
        failed('OP_IF/NOTIF argument must be minimal'),
      ),
    },
  },
  'to_remote with anchors': {
    script: p2wsh(toRemote),
    good: { 'after one confirmation': spendP2wsh(toRemote, (sign) => [sign(REMOTE)], { sequence: 1 }) },
    bad: {
      'lock disabled': bad(
        spendP2wsh(toRemote, (sign) => [sign(REMOTE)]),
        BAD_LOCK,
      ),
      'other key': bad(
        spendP2wsh(toRemote, (sign) => [sign(EVE)], { sequence: 1 }),
        BAD_SIGNATURE,
      ),
    },
  },
  anchor: {
    script: p2wsh(anchor),
    good: {
      'its key': spendP2wsh(anchor, (sign) => [sign(ALICE)]),
      'anyone after 16 blocks': spendP2wsh(anchor, () => [EMPTY], { sequence: 16, depth: 15 }),
    },
    bad: {
      'anyone before': bad(
        spendP2wsh(anchor, () => [EMPTY], { sequence: 16, depth: 14 }),
        'non-BIP68-final',
      ),
      'anyone with a shorter lock': bad(
        spendP2wsh(anchor, () => [EMPTY], { sequence: 15, depth: 16 }),
        BAD_LOCK,
      ),
    },
  },
  ...htlcCases(false),
  ...htlcCases(true),
};

const spendP2tr = (
  key: Key,
  how: { hashType?: number; wrong?: Uint8Array; more?: readonly Uint8Array[]; signedSat?: bigint } = {},
): Attempt => ({
  build: (output) => {
    const parts = spendOf([output]);
    const spent = [{ ...output, amountSat: how.signedSat ?? output.amountSat }];
    const signature = how.wrong ?? key.signTaproot(parts, 0, spent, how.hashType);
    return withWitness(parts, 0, [signature, ...(how.more ?? [])]);
  },
});

export const TAPROOT_SPENDS: Readonly<Record<string, SpendCase>> = {
  'P2TR by key path': {
    script: p2tr(ALICE.xOnlyKey),
    good: {
      'default hash type': spendP2tr(ALICE),
      'hash type ALL': spendP2tr(ALICE, { hashType: 1 }),
      'hash type SINGLE|ANYONECANPAY': spendP2tr(ALICE, { hashType: SINGLE_ANYONE }),
    },
    bad: {
      'other key': bad(spendP2tr(BOB), failed('Invalid Schnorr signature')),
      'other amount signed': bad(spendP2tr(ALICE, { signedSat: 1n }), failed('Invalid Schnorr signature')),
      'default hash type written out': bad(
        spendP2tr(ALICE, { hashType: 0 }),
        failed('Invalid Schnorr signature hash type'),
      ),
      'undefined hash type': bad(
        spendP2tr(ALICE, { wrong: new Uint8Array(65).fill(4) }),
        failed('Invalid Schnorr signature hash type'),
      ),
      'signature of 63 bytes': bad(
        spendP2tr(ALICE, { wrong: new Uint8Array(63) }),
        failed('Invalid Schnorr signature size'),
      ),
      'script path': bad(spendP2tr(ALICE, { more: [new Uint8Array(33)] }), 'bad-txns-nonstandard-inputs'),
    },
  },
};
