import { Script, type ScriptType } from '@scure/btc-signer/script.js';
import { hash160, sha256 } from '../../bitcoin/hash.ts';
import { p2wpkh, p2wsh } from '../../bitcoin/output.ts';
import { defaultCrypto } from '../../crypto/crypto.ts';
import type { CommitmentKeys } from '../keys/commitment-keys.ts';
import type { CommitmentFormat, Htlc } from './types.ts';

/** Witness scripts of BOLT 3. `local` in its text is the owner of the commitment transaction. */

const encode = (script: ScriptType): Uint8Array => Script.encode(script);

/** `2 <pubkey1> <pubkey2> 2 OP_CHECKMULTISIG`, the lesser key first (BOLT 3, Funding Transaction Output). */
export function fundingWitnessScript(pubkeys: readonly [Uint8Array, Uint8Array]): Uint8Array {
  const [lesser, greater] = sortPubkeys(pubkeys);
  return encode([2, lesser, greater, 2, 'CHECKMULTISIG']);
}

export const sortPubkeys = ([a, b]: readonly [Uint8Array, Uint8Array]): readonly [Uint8Array, Uint8Array] =>
  Buffer.compare(a, b) <= 0 ? [a, b] : [b, a];

/** What a funding transaction pays to. */
export const fundingScript = (pubkeys: readonly [Uint8Array, Uint8Array]): Uint8Array =>
  p2wsh(fundingWitnessScript(pubkeys));

/** The `to_local` output, and the output of HTLC transactions. */
export const toLocalWitnessScript = (
  { revocationpubkey, owner_delayedpubkey }: Pick<CommitmentKeys, 'revocationpubkey' | 'owner_delayedpubkey'>,
  to_self_delay: number,
): Uint8Array =>
  encode([
    'IF',
    revocationpubkey,
    'ELSE',
    to_self_delay,
    'CHECKSEQUENCEVERIFY',
    'DROP',
    owner_delayedpubkey,
    'ENDIF',
    'CHECKSIG',
  ]);

/** The `to_remote` output with anchors. */
export const toRemoteWitnessScript = (remotepubkey: Uint8Array): Uint8Array =>
  encode([remotepubkey, 'CHECKSIGVERIFY', 1, 'CHECKSEQUENCEVERIFY']);

/** What the `to_remote` output pays to. */
export const toRemoteScript = (format: CommitmentFormat, remotepubkey: Uint8Array): Uint8Array =>
  format === 'option_anchors' ? p2wsh(toRemoteWitnessScript(remotepubkey)) : p2wpkh(remotepubkey);

export const anchorWitnessScript = (funding_pubkey: Uint8Array): Uint8Array =>
  encode([
    funding_pubkey,
    'CHECKSIG',
    'IFDUP',
    'NOTIF',
    ANCHOR_FREE_AFTER_BLOCKS,
    'CHECKSEQUENCEVERIFY',
    'ENDIF',
  ]);

/** From then on anyone can spend an anchor. */
export const ANCHOR_FREE_AFTER_BLOCKS = 16;

/** Gives the witness script of each HTLC of one commitment; what they have in common is computed once. */
export function htlcWitnessScripts(
  format: CommitmentFormat,
  { revocationpubkey, owner_htlcpubkey, other_htlcpubkey }: CommitmentKeys,
): (htlc: Pick<Htlc, 'offeredBy' | 'payment_hash' | 'cltv_expiry'>) => Uint8Array {
  const revocation: ScriptType = [
    'DUP',
    'HASH160',
    hash160(revocationpubkey),
    'EQUAL',
    'IF',
    'CHECKSIG',
    'ELSE',
    other_htlcpubkey,
    'SWAP',
    'SIZE',
    32,
    'EQUAL',
  ];
  const delay: ScriptType = format === 'option_anchors' ? [1, 'CHECKSEQUENCEVERIFY', 'DROP'] : [];
  const offered = (paymentHash160: Uint8Array): ScriptType => [
    'NOTIF',
    'DROP',
    2,
    'SWAP',
    owner_htlcpubkey,
    2,
    'CHECKMULTISIG',
    'ELSE',
    'HASH160',
    paymentHash160,
    'EQUALVERIFY',
    'CHECKSIG',
    'ENDIF',
  ];
  const received = (paymentHash160: Uint8Array, cltv_expiry: number): ScriptType => [
    'IF',
    'HASH160',
    paymentHash160,
    'EQUALVERIFY',
    2,
    'SWAP',
    owner_htlcpubkey,
    2,
    'CHECKMULTISIG',
    'ELSE',
    'DROP',
    cltv_expiry,
    'CHECKLOCKTIMEVERIFY',
    'DROP',
    'CHECKSIG',
    'ENDIF',
  ];
  return ({ offeredBy, payment_hash, cltv_expiry }) => {
    const hash = defaultCrypto.hashes.ripemd160(payment_hash);
    const branches = offeredBy === 'owner' ? offered(hash) : received(hash, cltv_expiry);
    return encode([...revocation, ...branches, ...delay, 'ENDIF']);
  };
}

/** `payment_hash` of a preimage. */
export const paymentHash = (payment_preimage: Uint8Array): Uint8Array => sha256(payment_preimage);
