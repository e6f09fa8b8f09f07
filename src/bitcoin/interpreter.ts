import { OP } from '@scure/btc-signer/script.js';
import { EMPTY, equalBytes } from '../core/bytes.ts';
import { ScriptFailure } from './failure.ts';
import { hash160, sha256 } from './hash.ts';
import { readNumber, writeNumber } from './number.ts';

/** What a script asks of the transaction that spends it. */
export interface ScriptContext {
  /** Whether `signature` (DER and hash type) is good for `publicKey`; throws `ScriptFailure` for a wrong encoding. */
  checkSignature(signature: Uint8Array, publicKey: Uint8Array): boolean;
  readonly lockTime: number;
  readonly sequence: number;
  readonly version: number;
}

const MAX_ELEMENT_BYTES = 520;
const MAX_SCRIPT_BYTES = 10_000;
const MAX_OPERATIONS = 201;
const MAX_STACK = 1000;
const MAX_KEYS = 20;
/** BIP 65: lock times from here on are times, below are heights. */
export const LOCKTIME_THRESHOLD = 500_000_000;
/** BIP 68 */
const SEQUENCE_DISABLED = 0x8000_0000;
const SEQUENCE_TIME = 0x0040_0000;
const SEQUENCE_MASK = 0x0000_ffff;
const SEQUENCE_FINAL = 0xffff_ffff;

/**
 * Runs a witness script of version 0 on the witness stack, with the consensus rules and the policy rules that every relaying
 * node applies (minimal pushes and numbers, minimal IF, null dummy, null fail). Only the operations that Lightning's scripts use
 * are known (BOLT 3 and the usual wallets). Throws `ScriptFailure`.
 */
export function runWitnessScript(
  script: Uint8Array,
  witness: readonly Uint8Array[],
  context: ScriptContext,
): void {
  if (script.length > MAX_SCRIPT_BYTES) throw new ScriptFailure('Script is too big');
  if (witness.some(({ length }) => length > MAX_ELEMENT_BYTES))
    throw new ScriptFailure('Push value size limit exceeded');
  const stack = [...witness];
  const branches: boolean[] = [];
  let operations = 0;
  for (const { opcode, data } of operationsOf(script)) {
    const executing = !branches.includes(false);
    if (data) {
      if (data.length > MAX_ELEMENT_BYTES) throw new ScriptFailure('Push value size limit exceeded');
      if (executing) stack.push(minimalPush(opcode, data));
      continue;
    }
    if (opcode > OP.OP_16 && ++operations > MAX_OPERATIONS)
      throw new ScriptFailure('Operation limit exceeded');
    if (branch(opcode, executing, stack, branches) || !executing) continue;
    if (opcode === OP.CHECKMULTISIG || opcode === OP.CHECKMULTISIGVERIFY) {
      operations += Number(readNumber(top(stack), 4));
      if (operations > MAX_OPERATIONS) throw new ScriptFailure('Operation limit exceeded');
    }
    execute(opcode, stack, context);
    if (stack.length > MAX_STACK) throw new ScriptFailure('Stack size limit exceeded');
  }
  if (branches.length > 0) throw new ScriptFailure('Invalid OP_IF construction');
  const [result, ...rest] = stack;
  // BIP 141: exactly one element is left, and it is true.
  if (rest.length > 0) throw new ScriptFailure('Stack size must be exactly one after execution');
  if (!result || !isTrue(result))
    throw new ScriptFailure(
      'Script evaluated without error but finished with a false/empty top stack element',
    );
}

interface Operation {
  readonly opcode: number;
  /** What a push operation with a length pushes. */
  readonly data?: Uint8Array;
}

function* operationsOf(script: Uint8Array): Generator<Operation> {
  const view = new DataView(script.buffer, script.byteOffset, script.byteLength);
  let at = 0;
  while (at < script.length) {
    const opcode = view.getUint8(at++);
    if (opcode === OP.OP_0 || opcode > OP.PUSHDATA4) {
      yield { opcode };
      continue;
    }
    const prefix = opcode < OP.PUSHDATA1 ? 0 : opcode === OP.PUSHDATA1 ? 1 : opcode === OP.PUSHDATA2 ? 2 : 4;
    if (at + prefix > script.length) throw new ScriptFailure('Opcode missing or not understood');
    const length =
      prefix === 0
        ? opcode
        : prefix === 1
          ? view.getUint8(at)
          : prefix === 2
            ? view.getUint16(at, true)
            : view.getUint32(at, true);
    at += prefix;
    if (at + length > script.length) throw new ScriptFailure('Opcode missing or not understood');
    yield { opcode, data: script.subarray(at, at + length) };
    at += length;
  }
}

function minimalPush(opcode: number, data: Uint8Array): Uint8Array {
  const [first = 0] = data;
  const hasOwnOpcode =
    data.length === 0 || (data.length === 1 && ((first >= 1 && first <= 16) || first === 0x81));
  const shortest =
    data.length < OP.PUSHDATA1
      ? data.length
      : data.length <= 0xff
        ? OP.PUSHDATA1
        : data.length <= 0xffff
          ? OP.PUSHDATA2
          : OP.PUSHDATA4;
  if (hasOwnOpcode || opcode !== shortest) throw new ScriptFailure('Data push larger than necessary');
  return data;
}

/** Takes the operations that choose what is executed; `false` for any other. */
function branch(opcode: number, executing: boolean, stack: Uint8Array[], branches: boolean[]): boolean {
  switch (opcode) {
    case OP.IF:
    case OP.NOTIF: {
      let taken = false;
      if (executing) {
        const value = popOr(stack, 'Invalid OP_IF construction');
        if (value.length > 1 || (value.length === 1 && value[0] !== 1)) {
          throw new ScriptFailure('OP_IF/NOTIF argument must be minimal');
        }
        taken = isTrue(value) === (opcode === OP.IF);
      }
      branches.push(taken);
      return true;
    }
    case OP.ELSE: {
      const last = branches.pop();
      if (last === undefined) throw new ScriptFailure('Invalid OP_IF construction');
      branches.push(!last);
      return true;
    }
    case OP.ENDIF:
      if (branches.pop() === undefined) throw new ScriptFailure('Invalid OP_IF construction');
      return true;
    default:
      return false;
  }
}

function execute(opcode: number, stack: Uint8Array[], context: ScriptContext): void {
  if (opcode === OP.OP_0) {
    stack.push(EMPTY);
    return;
  }
  if (opcode >= OP.OP_1 && opcode <= OP.OP_16) {
    stack.push(Uint8Array.of(opcode - OP.OP_1 + 1));
    return;
  }
  switch (opcode) {
    case OP['1NEGATE']:
      stack.push(Uint8Array.of(0x81));
      return;
    case OP.NOP:
      return;
    case OP.VERIFY:
      verify(pop(stack), 'Script failed an OP_VERIFY operation');
      return;
    case OP.DROP:
      pop(stack);
      return;
    case OP.DUP:
      stack.push(top(stack));
      return;
    case OP.IFDUP:
      if (isTrue(top(stack))) stack.push(top(stack));
      return;
    case OP.SWAP: {
      const [b, a] = [pop(stack), pop(stack)];
      stack.push(b, a);
      return;
    }
    case OP.SIZE:
      stack.push(writeNumber(top(stack).length));
      return;
    case OP.EQUAL:
      stack.push(fromBoolean(equalBytes(pop(stack), pop(stack))));
      return;
    case OP.EQUALVERIFY:
      verify(fromBoolean(equalBytes(pop(stack), pop(stack))), 'Script failed an OP_EQUALVERIFY operation');
      return;
    case OP.SHA256:
      stack.push(sha256(pop(stack)));
      return;
    case OP.HASH160:
      stack.push(hash160(pop(stack)));
      return;
    case OP.CHECKSIG:
      stack.push(checkSig(stack, context));
      return;
    case OP.CHECKSIGVERIFY:
      verify(checkSig(stack, context), 'Script failed an OP_CHECKSIGVERIFY operation');
      return;
    case OP.CHECKMULTISIG:
      stack.push(checkMultisig(stack, context));
      return;
    case OP.CHECKMULTISIGVERIFY:
      verify(checkMultisig(stack, context), 'Script failed an OP_CHECKMULTISIGVERIFY operation');
      return;
    case OP.CHECKLOCKTIMEVERIFY:
      checkLockTime(readNumber(top(stack), 5), context);
      return;
    case OP.CHECKSEQUENCEVERIFY:
      checkSequence(readNumber(top(stack), 5), context);
      return;
    default:
      throw new ScriptFailure(
        `Opcode 0x${opcode.toString(16)} is not among those that the memory chain verifies`,
      );
  }
}

function checkSig(stack: Uint8Array[], context: ScriptContext): Uint8Array {
  const [publicKey, signature] = [pop(stack), pop(stack)];
  const good = context.checkSignature(signature, publicKey);
  if (!good && signature.length > 0) throw new ScriptFailure(NULL_FAIL);
  return fromBoolean(good);
}

const NULL_FAIL = 'Signature must be zero for failed CHECK(MULTI)SIG operation';

function checkMultisig(stack: Uint8Array[], context: ScriptContext): Uint8Array {
  const keys = popMany(stack, MAX_KEYS, 'Pubkey count negative or limit exceeded');
  const signatures = popMany(stack, keys.length, 'Signature count negative or greater than pubkey count');
  // BIP 147: the element that CHECKMULTISIG takes too much is empty.
  if (pop(stack).length > 0) throw new ScriptFailure('Dummy CHECKMULTISIG argument must be zero');
  const missing = [...signatures];
  for (const [i, key] of keys.entries()) {
    const [signature] = missing;
    // Both are in the same order: each key can answer only for the next signature.
    if (!signature || missing.length > keys.length - i) break;
    if (context.checkSignature(signature, key)) missing.shift();
  }
  const good = missing.length === 0;
  if (!good && signatures.some(({ length }) => length > 0)) throw new ScriptFailure(NULL_FAIL);
  return fromBoolean(good);
}

function popMany(stack: Uint8Array[], limit: number, failure: string): Uint8Array[] {
  const count = readNumber(pop(stack), 4);
  if (count < 0n || count > BigInt(limit)) throw new ScriptFailure(failure);
  return Array.from({ length: Number(count) }, () => pop(stack));
}

/** BIP 65. The operand stays on the stack. */
function checkLockTime(wanted: bigint, { lockTime, sequence }: ScriptContext): void {
  if (wanted < 0n) throw new ScriptFailure('Negative locktime');
  const sameKind = wanted < LOCKTIME_THRESHOLD === lockTime < LOCKTIME_THRESHOLD;
  if (!sameKind || wanted > BigInt(lockTime) || sequence === SEQUENCE_FINAL) {
    throw new ScriptFailure('Locktime requirement not satisfied');
  }
}

/** BIP 112. The operand stays on the stack. */
function checkSequence(wanted: bigint, { version, sequence }: ScriptContext): void {
  if (wanted < 0n) throw new ScriptFailure('Negative locktime');
  if ((wanted & BigInt(SEQUENCE_DISABLED)) !== 0n) return;
  const sameKind = ((wanted & BigInt(SEQUENCE_TIME)) !== 0n) === ((sequence & SEQUENCE_TIME) !== 0);
  const reached = (wanted & BigInt(SEQUENCE_MASK)) <= BigInt(sequence & SEQUENCE_MASK);
  if (version < 2 || sequence >= SEQUENCE_DISABLED || !sameKind || !reached) {
    throw new ScriptFailure('Locktime requirement not satisfied');
  }
}

function top(stack: readonly Uint8Array[]): Uint8Array {
  const value = stack.at(-1);
  if (!value) throw new ScriptFailure(STACK_TOO_SHORT);
  return value;
}

const STACK_TOO_SHORT = 'Operation not valid with the current stack size';

const pop = (stack: Uint8Array[]): Uint8Array => popOr(stack, STACK_TOO_SHORT);

function popOr(stack: Uint8Array[], failure: string): Uint8Array {
  const value = stack.pop();
  if (!value) throw new ScriptFailure(failure);
  return value;
}

function verify(value: Uint8Array, failure: string): void {
  if (!isTrue(value)) throw new ScriptFailure(failure);
}

/** False is empty, or zero with any sign. */
const isTrue = (value: Uint8Array): boolean =>
  value.some((byte, i) => byte !== 0 && !(i === value.length - 1 && byte === 0x80));

const fromBoolean = (value: boolean): Uint8Array => (value ? Uint8Array.of(1) : EMPTY);
