import { concat } from '../../core/bytes.ts';
import type { FallbackAddress } from './types.ts';

/** Versions of an `f` field beside the witness versions 0 to 16. */
const PUBKEY_HASH = 17;
const SCRIPT_HASH = 18;

/** Whether a version of 0 to 18 has a program that BIP 141, or the length of a hash, allows. */
export function isFallbackProgram(version: number, program: Uint8Array): boolean {
  if (version === 0) return program.length === 20 || program.length === 32;
  if (version < PUBKEY_HASH) return program.length >= 2 && program.length <= 40;
  return program.length === 20;
}

/** The output script that a fallback address stands for; BOLT 11 says nothing of the network that the address is of. */
export function fallbackScript({ version, program }: FallbackAddress): Uint8Array {
  if (version === PUBKEY_HASH)
    return concat(Uint8Array.of(0x76, 0xa9, 20), program, Uint8Array.of(0x88, 0xac));
  if (version === SCRIPT_HASH) return concat(Uint8Array.of(0xa9, 20), program, Uint8Array.of(0x87));
  return concat(Uint8Array.of(version === 0 ? 0 : 0x50 + version, program.length), program);
}
