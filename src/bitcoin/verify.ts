import { equalBytes } from '../core/bytes.ts';
import { BoltgridError } from '../core/error.ts';
import { defaultCrypto } from '../crypto/crypto.ts';
import { compactSignature } from './der.ts';
import { ScriptFailure } from './failure.ts';
import { sha256 } from './hash.ts';
import { runWitnessScript } from './interpreter.ts';
import { outputScript } from './output.ts';
import { SIGHASH_ANYONECANPAY, SIGHASH_DEFAULT, segwitV0Sighash, taprootKeyPathSighash } from './sighash.ts';
import type { Transaction, TransactionInput, TransactionOutput } from './transaction.ts';

export interface SpendFailure {
  readonly input: number;
  /** bitcoind's words for a script that failed, or why the memory chain does not verify the spend. */
  readonly message: string;
  /** The output's kind is none that the memory chain verifies: nothing is said about whether the spend is good. */
  readonly unsupported: boolean;
}

const SCHNORR_SIGNATURE_BYTES = 64;

/**
 * Whether every input may spend its output. `spent` are the outputs, in the order of the inputs. Verifies P2WPKH, P2WSH with the
 * operations that Lightning's scripts use, and P2TR by key path; any other output is refused as unsupported.
 */
export function verifySpends(tx: Transaction, spent: readonly TransactionOutput[]): SpendFailure | undefined {
  for (const i of tx.inputs.keys()) {
    const failure = verifyInput(tx, i, spent);
    if (failure) return failure;
  }
  return undefined;
}

/** `verifySpends` for one input: the others need no witness yet. */
export function verifyInput(
  tx: Transaction,
  index: number,
  spent: readonly TransactionOutput[],
): SpendFailure | undefined {
  const [input, output] = [tx.inputs[index], spent[index]];
  if (!input || !output)
    throw new BoltgridError('bitcoin.no-output', 'harness', `no spent output for input ${index}`);
  try {
    const unsupported = verifySpend(tx, index, input, output, spent);
    return unsupported === undefined ? undefined : { input: index, message: unsupported, unsupported: true };
  } catch (error) {
    if (error instanceof ScriptFailure) return { input: index, message: error.message, unsupported: false };
    throw error;
  }
}

/** Throws `ScriptFailure`; returns why the kind of output is not verified. */
function verifySpend(
  tx: Transaction,
  index: number,
  input: TransactionInput,
  output: TransactionOutput,
  spent: readonly TransactionOutput[],
): string | undefined {
  const { kind, program } = outputScript(output.script);
  switch (kind) {
    case 'witness_v0_keyhash':
      requireEmptyScriptSig(input);
      verifyKeyHash(tx, index, input, output, program);
      return undefined;
    case 'witness_v0_scripthash':
      requireEmptyScriptSig(input);
      verifyScriptHash(tx, index, input, output, program);
      return undefined;
    case 'witness_v1_taproot':
      requireEmptyScriptSig(input);
      return verifyTaproot(tx, index, input, spent, program);
    case 'anchor':
    case 'witness_unknown':
    case 'pubkeyhash':
    case 'scripthash':
    case 'nulldata':
    case 'nonstandard':
      return `the memory chain does not verify spends of ${kind} outputs`;
  }
}

/** BIP 141 */
function requireEmptyScriptSig({ scriptSig }: TransactionInput): void {
  if (scriptSig.length > 0) throw new ScriptFailure('Witness requires empty scriptSig');
}

function verifyKeyHash(
  tx: Transaction,
  index: number,
  { witness, sequence }: TransactionInput,
  { amountSat }: TransactionOutput,
  program: Uint8Array,
): void {
  if (witness.length !== 2) throw new ScriptFailure('Witness program hash mismatch');
  // BIP 143: a key hash program is run as DUP HASH160 <hash> EQUALVERIFY CHECKSIG, which is also its script code.
  const script = Uint8Array.of(0x76, 0xa9, program.length, ...program, 0x88, 0xac);
  runWitnessScript(script, witness, contextOf(tx, index, script, amountSat, sequence));
}

function verifyScriptHash(
  tx: Transaction,
  index: number,
  { witness, sequence }: TransactionInput,
  { amountSat }: TransactionOutput,
  program: Uint8Array,
): void {
  const script = witness.at(-1);
  if (!script) throw new ScriptFailure('Witness program was passed an empty witness');
  if (!equalBytes(sha256(script), program)) throw new ScriptFailure('Witness program hash mismatch');
  runWitnessScript(script, witness.slice(0, -1), contextOf(tx, index, script, amountSat, sequence));
}

const contextOf = (
  tx: Transaction,
  index: number,
  script: Uint8Array,
  amountSat: bigint,
  sequence: number,
) => ({
  version: tx.version,
  lockTime: tx.lockTime,
  sequence,
  checkSignature(signature: Uint8Array, publicKey: Uint8Array): boolean {
    const { curve } = defaultCrypto;
    const hashType = signature.at(-1);
    if (hashType !== undefined && !isDefinedHashType(hashType)) {
      throw new ScriptFailure('Signature hash type missing or not understood');
    }
    // Policy for version 0 programs: a key that is not compressed is refused, not merely unequal.
    if (publicKey.length !== 33 || ![2, 3].includes(publicKey[0] ?? 0))
      throw new ScriptFailure('Using non-compressed keys in segwit');
    if (hashType === undefined) return false;
    const compact = compactSignature(signature.subarray(0, -1));
    if (!curve.isPoint(publicKey)) return false;
    return curve.verify(compact, segwitV0Sighash(tx, index, script, amountSat, hashType), publicKey);
  },
});

const isDefinedHashType = (hashType: number): boolean => {
  const base = hashType & ~SIGHASH_ANYONECANPAY;
  return base >= 1 && base <= 3;
};

function verifyTaproot(
  tx: Transaction,
  index: number,
  { witness }: TransactionInput,
  spent: readonly TransactionOutput[],
  outputKey: Uint8Array,
): string | undefined {
  const [signature, ...more] = witness;
  if (!signature) throw new ScriptFailure('Witness program was passed an empty witness');
  if (more.length > 0) return 'the memory chain verifies taproot spends by key path without annex only';
  const hashType =
    signature.length === SCHNORR_SIGNATURE_BYTES ? SIGHASH_DEFAULT : signature[SCHNORR_SIGNATURE_BYTES];
  if (
    signature.length > SCHNORR_SIGNATURE_BYTES + 1 ||
    signature.length < SCHNORR_SIGNATURE_BYTES ||
    hashType === undefined
  ) {
    throw new ScriptFailure('Invalid Schnorr signature size');
  }
  // BIP 341: the default type is never written out.
  const written = signature.length > SCHNORR_SIGNATURE_BYTES;
  const hash =
    written && hashType === SIGHASH_DEFAULT ? undefined : taprootKeyPathSighash(tx, index, spent, hashType);
  if (!hash) throw new ScriptFailure('Invalid Schnorr signature hash type');
  if (!defaultCrypto.curve.verifySchnorr(signature.subarray(0, SCHNORR_SIGNATURE_BYTES), hash, outputKey)) {
    throw new ScriptFailure('Invalid Schnorr signature');
  }
  return undefined;
}
