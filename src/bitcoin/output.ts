import { Address, TEST_NETWORK } from '@scure/btc-signer';
import { concat, equalBytes, fromHex, toHex } from '../core/bytes.ts';
import { BoltgridError, messageOf } from '../core/error.ts';
import { hash160, sha256 } from './hash.ts';

/** Kinds of output script, by the names that bitcoind prints. */
type ScriptKind =
  | 'witness_v0_keyhash'
  | 'witness_v0_scripthash'
  | 'witness_v1_taproot'
  | 'anchor'
  | 'witness_unknown'
  | 'pubkeyhash'
  | 'scripthash'
  | 'nulldata'
  | 'nonstandard';

export interface OutputScript {
  readonly kind: ScriptKind;
  /** The witness program, or the hash of a legacy script; empty where there is none. */
  readonly program: Uint8Array;
}

const REGTEST = { ...TEST_NETWORK, bech32: 'bcrt' };
const ADDRESS = Address(REGTEST);

/** BIP 433 */
const PAY_TO_ANCHOR = fromHex('51024e73');

const OP_RETURN = 0x6a;
const OP_1 = 0x51;
const OP_16 = 0x60;

export const p2wpkh = (publicKey: Uint8Array): Uint8Array => witnessOutput(0, hash160(publicKey));
export const p2wsh = (witnessScript: Uint8Array): Uint8Array => witnessOutput(0, sha256(witnessScript));
/** `outputKey` is the x-only key after the tweak (BIP 341). */
export const p2tr = (outputKey: Uint8Array): Uint8Array => witnessOutput(1, outputKey);

/** A coin that anyone can spend without a signature: the coins of the memory chain's own wallet. */
export const OP_TRUE_WITNESS_SCRIPT = Uint8Array.of(OP_1);
export const OP_TRUE_SCRIPT = p2wsh(OP_TRUE_WITNESS_SCRIPT);

function witnessOutput(version: number, program: Uint8Array): Uint8Array {
  return concat(Uint8Array.of(version === 0 ? 0 : OP_1 - 1 + version, program.length), program);
}

export function outputScript(script: Uint8Array): OutputScript {
  const of = (kind: ScriptKind, from: number, to: number): OutputScript => ({
    kind,
    program: script.subarray(from, to),
  });
  const version = witnessVersion(script);
  if (version === 0 && script.length === 22) return of('witness_v0_keyhash', 2, 22);
  if (version === 0 && script.length === 34) return of('witness_v0_scripthash', 2, 34);
  if (version === 1 && script.length === 34) return of('witness_v1_taproot', 2, 34);
  if (version === 1 && equalBytes(script, PAY_TO_ANCHOR)) return of('anchor', 2, 4);
  if (version !== undefined && version > 0) return of('witness_unknown', 2, script.length);
  const hex = toHex(script);
  if (/^76a914.{40}88ac$/.test(hex)) return of('pubkeyhash', 3, 23);
  if (/^a914.{40}87$/.test(hex)) return of('scripthash', 2, 22);
  if (script[0] === OP_RETURN && script.length <= 83) return of('nulldata', 1, script.length);
  return of('nonstandard', 0, 0);
}

/** BIP 141: OP_0 or OP_1 to OP_16, then one push of 2 to 40 bytes, and nothing else. */
function witnessVersion(script: Uint8Array): number | undefined {
  const [op = OP_RETURN, length = 0] = script;
  if (script.length < 4 || script.length > 42 || length !== script.length - 2) return undefined;
  if (op === 0) return 0;
  return op >= OP_1 && op <= OP_16 ? op - OP_1 + 1 : undefined;
}

/** The script that a regtest address stands for. Throws `chain.bad-address`. */
export function scriptOfAddress(address: string): Uint8Array {
  let decoded: ReturnType<typeof ADDRESS.decode>;
  try {
    decoded = ADDRESS.decode(address);
  } catch (cause) {
    throw new BoltgridError(
      'chain.bad-address',
      'node',
      `not a regtest address: ${address.slice(0, 90)}: ${messageOf(cause)}`,
      {
        cause,
      },
    );
  }
  switch (decoded.type) {
    case 'wpkh':
    case 'wsh':
      return witnessOutput(0, decoded.hash);
    case 'tr':
      return witnessOutput(1, decoded.pubkey);
    case 'pkh':
      return concat(Uint8Array.of(0x76, 0xa9, 20), decoded.hash, Uint8Array.of(0x88, 0xac));
    case 'sh':
      return concat(Uint8Array.of(0xa9, 20), decoded.hash, Uint8Array.of(0x87));
    case 'p2a':
      return PAY_TO_ANCHOR;
    case 'pk':
    case 'ms':
    case 'tr_ns':
    case 'tr_ms':
    case 'unknown':
      throw new BoltgridError('chain.bad-address', 'harness', `an address of kind ${decoded.type}`);
  }
}

/** The regtest address of a script, where it has one. */
export function addressOfScript(script: Uint8Array): string | undefined {
  const { kind, program } = outputScript(script);
  const hash = Uint8Array.from(program);
  switch (kind) {
    case 'witness_v0_keyhash':
      return ADDRESS.encode({ type: 'wpkh', hash });
    case 'witness_v0_scripthash':
      return ADDRESS.encode({ type: 'wsh', hash });
    case 'witness_v1_taproot':
      return ADDRESS.encode({ type: 'tr', pubkey: hash });
    case 'pubkeyhash':
      return ADDRESS.encode({ type: 'pkh', hash });
    case 'scripthash':
      return ADDRESS.encode({ type: 'sh', hash });
    case 'anchor':
    case 'witness_unknown':
    case 'nulldata':
    case 'nonstandard':
      return undefined;
  }
}
