import { outputScript } from '../../bitcoin/output.ts';

/** The features negotiated that allow more forms of `scriptpubkey`. */
export interface ShutdownFeatures {
  readonly option_shutdown_anysegwit: boolean;
  readonly option_simple_close: boolean;
}

const OP_RETURN = 0x6a;
const OP_PUSHDATA1 = 0x4c;

/** Whether `shutdown` may carry this `scriptpubkey` (BOLT 2, Closing Initiation). */
export function isShutdownScript(script: Uint8Array, features: ShutdownFeatures): boolean {
  if (startsWithOpReturn(script)) return features.option_simple_close && isOpReturnPush(script);
  switch (outputScript(script).kind) {
    case 'witness_v0_keyhash':
    case 'witness_v0_scripthash':
      return true;
    case 'witness_v1_taproot':
    case 'anchor':
    case 'witness_unknown':
      return features.option_shutdown_anysegwit;
    case 'pubkeyhash':
    case 'scripthash':
    case 'nulldata':
    case 'nonstandard':
      return false;
  }
}

export const startsWithOpReturn = (script: Uint8Array): boolean => script[0] === OP_RETURN;

/** A single push of 6 to 80 bytes, the shortest way. */
function isOpReturnPush(script: Uint8Array): boolean {
  const [, push = 0, length = 0] = script;
  if (push === OP_PUSHDATA1) return length >= 76 && length <= 80 && script.length === 3 + length;
  return push >= 6 && push <= 75 && script.length === 2 + push;
}
