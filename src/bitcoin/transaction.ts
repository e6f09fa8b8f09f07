import { RawTx } from '@scure/btc-signer/script.js';
import { fromHex, toHex } from '../core/bytes.ts';
import { BoltgridError, messageOf } from '../core/error.ts';
import { displayHash, sha256d } from './hash.ts';

export interface TransactionInput {
  /** Of the transaction whose output is spent, as displayed. */
  readonly txid: string;
  readonly vout: number;
  readonly scriptSig: Uint8Array;
  readonly sequence: number;
  readonly witness: readonly Uint8Array[];
}

export interface TransactionOutput {
  readonly amountSat: bigint;
  readonly script: Uint8Array;
}

export interface TransactionParts {
  readonly version: number;
  readonly inputs: readonly TransactionInput[];
  readonly outputs: readonly TransactionOutput[];
  readonly lockTime: number;
}

export interface Transaction extends TransactionParts {
  readonly raw: Uint8Array;
  readonly txid: string;
  readonly wtxid: string;
  /** BIP 141: three times the size without witness plus the whole size. */
  readonly weight: number;
  readonly vsize: number;
}

/** BIP 141: no block, so no transaction, weighs more. */
const MAX_TRANSACTION_BYTES = 4_000_000;
const NULL_TXID = '00'.repeat(32);
const NULL_VOUT = 0xffff_ffff;

/** The library's types leave the members of inputs and outputs open. */
interface DecodedTransaction {
  readonly version: number;
  readonly inputs: readonly {
    readonly txid: Uint8Array;
    readonly index: number;
    readonly finalScriptSig: Uint8Array;
    readonly sequence: number;
  }[];
  readonly outputs: readonly { readonly amount: bigint; readonly script: Uint8Array }[];
  readonly witnesses?: readonly (readonly Uint8Array[])[] | undefined;
  readonly lockTime: number;
}

/** Throws `bitcoin.bad-transaction` for anything that is not exactly one serialised transaction. */
export function parseTransaction(raw: Uint8Array): Transaction {
  if (raw.length > MAX_TRANSACTION_BYTES)
    throw badTransaction(`${raw.length} bytes are more than a block holds`);
  // A copy: the decoder returns views, and the caller may reuse its buffer.
  const bytes = Uint8Array.from(raw);
  let decoded: DecodedTransaction;
  try {
    decoded = RawTx.decode(bytes);
  } catch (cause) {
    throw badTransaction(messageOf(cause), cause);
  }
  return identify(
    {
      version: decoded.version,
      // The library gives ids in display order.
      inputs: decoded.inputs.map((input, i) => ({
        txid: toHex(input.txid),
        vout: input.index,
        scriptSig: input.finalScriptSig,
        sequence: input.sequence,
        witness: decoded.witnesses?.[i] ?? [],
      })),
      outputs: decoded.outputs.map(({ amount, script }) => ({ amountSat: amount, script })),
      lockTime: decoded.lockTime,
    },
    bytes,
  );
}

/** Throws `bitcoin.bad-transaction` where a field does not fit the format. */
export function makeTransaction(parts: TransactionParts): Transaction {
  return identify(parts, serialise(parts, true));
}

export const isCoinbase = ({ inputs }: TransactionParts): boolean =>
  inputs.length === 1 && inputs[0]?.txid === NULL_TXID && inputs[0].vout === NULL_VOUT;

export const isNullOutpoint = ({ txid, vout }: TransactionInput): boolean =>
  txid === NULL_TXID && vout === NULL_VOUT;

export const NULL_OUTPOINT = { txid: NULL_TXID, vout: NULL_VOUT } as const;

/** `txid:vout`, the key of an output. */
export const outpoint = ({ txid, vout }: { readonly txid: string; readonly vout: number }): string =>
  `${txid}:${vout}`;

function identify(parts: TransactionParts, raw: Uint8Array): Transaction {
  const stripped = hasWitness(parts) ? serialise(parts, false) : raw;
  const weight = stripped.length * 3 + raw.length;
  return {
    ...parts,
    raw,
    txid: displayHash(sha256d(stripped)),
    wtxid: displayHash(sha256d(raw)),
    weight,
    vsize: Math.ceil(weight / 4),
  };
}

const hasWitness = ({ inputs }: TransactionParts): boolean =>
  inputs.some(({ witness }) => witness.length > 0);

function serialise(parts: TransactionParts, witness: boolean): Uint8Array {
  const segwitFlag = witness && hasWitness(parts);
  try {
    return RawTx.encode({
      version: parts.version,
      segwitFlag,
      inputs: parts.inputs.map(({ txid, vout, scriptSig, sequence }) => ({
        txid: fromHex(txid),
        index: vout,
        finalScriptSig: scriptSig,
        sequence,
      })),
      outputs: parts.outputs.map(({ amountSat, script }) => ({ amount: amountSat, script })),
      ...(segwitFlag && { witnesses: parts.inputs.map((input) => [...input.witness]) }),
      lockTime: parts.lockTime,
    });
  } catch (cause) {
    throw badTransaction(messageOf(cause), cause);
  }
}

const badTransaction = (why: string, cause?: unknown): BoltgridError =>
  new BoltgridError('bitcoin.bad-transaction', 'node', `not a transaction: ${why}`, { cause });
