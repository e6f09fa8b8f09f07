import { outputScript } from '../../bitcoin/output.ts';

/** The amount from which on Bitcoin Core relays an output to `script` (BOLT 3, Dust Limits). */
export function dustThresholdSat(script: Uint8Array): bigint {
  const { kind } = outputScript(script);
  switch (kind) {
    case 'witness_v0_keyhash':
      return 294n;
    case 'witness_v0_scripthash':
      return 330n;
    case 'anchor':
      return 240n;
    case 'scripthash':
      return 540n;
    case 'pubkeyhash':
      return 546n;
    case 'nulldata':
      return 0n;
    // BOLT 3 has one figure for all later versions.
    case 'witness_v1_taproot':
    case 'witness_unknown':
      return 354n;
    case 'nonstandard':
      // Never relayed; the largest figure keeps a caller from paying to it lightly.
      return 546n;
  }
}
