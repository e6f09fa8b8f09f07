import { Script, type ScriptType } from '@scure/btc-signer/script.js';
import { hash160 } from '../../src/bitcoin/hash.ts';

/** The scripts of BOLT 3 ("Commitment Transaction Outputs"), written out here once more so that nothing of ours checks itself. */

const encode = (script: ScriptType): Uint8Array => Script.encode(script);

const multisig = (a: Uint8Array, b: Uint8Array): ScriptType => ['OP_2', a, b, 'OP_2', 'CHECKMULTISIG'];

export const fundingScript = (a: Uint8Array, b: Uint8Array): Uint8Array => encode(multisig(a, b));

export const toLocalScript = (revocation: Uint8Array, delayed: Uint8Array, toSelfDelay: number): Uint8Array =>
  encode([
    'IF',
    revocation,
    'ELSE',
    toSelfDelay,
    'CHECKSEQUENCEVERIFY',
    'DROP',
    delayed,
    'ENDIF',
    'CHECKSIG',
  ]);

/** option_anchors */
export const toRemoteScript = (remote: Uint8Array): Uint8Array =>
  encode([remote, 'CHECKSIGVERIFY', 'OP_1', 'CHECKSEQUENCEVERIFY']);

export const anchorScript = (funding: Uint8Array): Uint8Array =>
  encode([funding, 'CHECKSIG', 'IFDUP', 'NOTIF', 'OP_16', 'CHECKSEQUENCEVERIFY', 'ENDIF']);

export interface HtlcKeys {
  readonly revocation: Uint8Array;
  readonly local: Uint8Array;
  readonly remote: Uint8Array;
}

const revocationHead = (revocation: Uint8Array): ScriptType => [
  ...(['DUP', 'HASH160', hash160(revocation), 'EQUAL', 'IF', 'CHECKSIG', 'ELSE'] as const),
];

const tail = (anchors: boolean): ScriptType => [
  'ENDIF',
  ...(anchors ? (['OP_1', 'CHECKSEQUENCEVERIFY', 'DROP'] as const) : []),
  'ENDIF',
];

/** `paymentHash160` is RIPEMD160(payment_hash). */
export const offeredHtlcScript = (
  { revocation, local, remote }: HtlcKeys,
  paymentHash160: Uint8Array,
  anchors: boolean,
): Uint8Array =>
  encode([
    ...revocationHead(revocation),
    ...([
      remote,
      'SWAP',
      'SIZE',
      32,
      'EQUAL',
      'NOTIF',
      'DROP',
      'OP_2',
      'SWAP',
      local,
      'OP_2',
      'CHECKMULTISIG',
    ] as const),
    ...(['ELSE', 'HASH160', paymentHash160, 'EQUALVERIFY', 'CHECKSIG'] as const),
    ...tail(anchors),
  ]);

export const receivedHtlcScript = (
  { revocation, local, remote }: HtlcKeys,
  paymentHash160: Uint8Array,
  cltvExpiry: number,
  anchors: boolean,
): Uint8Array =>
  encode([
    ...revocationHead(revocation),
    ...([remote, 'SWAP', 'SIZE', 32, 'EQUAL', 'IF', 'HASH160', paymentHash160, 'EQUALVERIFY'] as const),
    ...(['OP_2', 'SWAP', local, 'OP_2', 'CHECKMULTISIG'] as const),
    ...(['ELSE', 'DROP', cltvExpiry, 'CHECKLOCKTIMEVERIFY', 'DROP', 'CHECKSIG'] as const),
    ...tail(anchors),
  ]);
