import { EMPTY } from '../../src/core/bytes.ts';
import { OP_TRUE_SCRIPT, OP_TRUE_WITNESS_SCRIPT, p2tr, p2wpkh, p2wsh } from '../../src/bitcoin/output.ts';
import { SIGHASH_ANYONECANPAY, SIGHASH_SINGLE } from '../../src/bitcoin/sighash.ts';
import {
  AMOUNT_SAT,
  bad,
  BAD_LOCK,
  BAD_SIGNATURE,
  failed,
  flipped,
  NOT_MINE,
  refusedByPolicy,
  spendP2wsh,
  type Attempt,
  type How,
  type SpendCase,
} from './attempts.ts';
import { htlcCases } from './htlc-spends.ts';
import { keyOf, withHighS, type Key } from '../bitcoin/keys.ts';
import * as bolt3 from './lightning-scripts.ts';
import { spendOf, withScriptSig, withWitness } from './world.ts';

const TO_SELF_DELAY = 6;

const [ALICE, BOB, EVE] = [keyOf(1), keyOf(2), keyOf(3)];
const [REVOCATION, DELAYED, REMOTE] = [keyOf(4), keyOf(5), keyOf(7)];
const TRUE = Uint8Array.of(1);
const SINGLE_ANYONE = SIGHASH_SINGLE | SIGHASH_ANYONECANPAY;

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

const funding = bolt3.fundingScript(ALICE.publicKey, BOB.publicKey);
const toLocal = bolt3.toLocalScript(REVOCATION.publicKey, DELAYED.publicKey, TO_SELF_DELAY);
const toRemote = bolt3.toRemoteScript(REMOTE.publicKey);
const anchor = bolt3.anchorScript(ALICE.publicKey);
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
