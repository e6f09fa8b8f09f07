import { p2wpkh } from '../../bitcoin/output.ts';
import { EMPTY } from '../../core/bytes.ts';
import { BoltgridError } from '../../core/error.ts';
import { defaultCrypto } from '../../crypto/crypto.ts';
import type { CommitmentOutput, HtlcOutput, Located, SecondStageOutput } from './outputs.ts';
import { ANCHOR_FREE_AFTER_BLOCKS } from './scripts.ts';
import type { CommitmentFormat } from './types.ts';

/** An output and what it takes to spend it as input of a transaction of one's own: `sweep` does. */
export interface Claim extends Located {
  readonly script: Uint8Array;
  /** `undefined` for a P2WPKH output. */
  readonly witnessScript: Uint8Array | undefined;
  /** `undefined` where no signature is needed. */
  readonly privateKey: Uint8Array | undefined;
  /** What the witness has between the signature and the script. */
  readonly afterSignature: readonly Uint8Array[];
  readonly sequence: number;
  /** The least lock time, a height; 0 for any. */
  readonly lockTime: number;
}

/** No relative lock time; lock times count, and the transaction may be replaced (BIP 125). */
const REPLACEABLE = 0xffff_fffd;

type Spendable = Located & Pick<Claim, 'script' | 'witnessScript'>;

const claim = (
  { txid, vout, amountSat, script, witnessScript }: Spendable,
  privateKey: Uint8Array | undefined,
  details: Partial<Pick<Claim, 'afterSignature' | 'sequence' | 'lockTime'>> = {},
): Claim => ({
  txid,
  vout,
  amountSat,
  script,
  witnessScript,
  privateKey,
  afterSignature: [],
  sequence: REPLACEABLE,
  lockTime: 0,
  ...details,
});

/** The owner takes `to_local`, or the output of its HTLC transaction, after the delay. */
export const claimDelayed = (
  output: CommitmentOutput | SecondStageOutput,
  delayedPrivateKey: Uint8Array,
  to_self_delay: number,
): Claim => claim(output, delayedPrivateKey, { afterSignature: [EMPTY], sequence: to_self_delay });

/** The other takes `to_remote`: with anchors one block later. */
export const claimToRemote = (output: CommitmentOutput, paymentPrivateKey: Uint8Array): Claim =>
  claim(output, paymentPrivateKey, {
    sequence: output.witnessScript ? 1 : REPLACEABLE,
  });

/**
 * The other takes an output of a revoked commitment, or of its HTLC transaction, with the revocation key. `to_remote` and the
 * anchors have no such branch.
 */
export function claimRevoked(
  output: CommitmentOutput | SecondStageOutput,
  revocationPrivateKey: Uint8Array,
): Claim {
  switch (output.kind) {
    case 'to_local':
    case 'second_stage':
      return claim(output, revocationPrivateKey, { afterSignature: [Uint8Array.of(1)] });
    case 'offered_htlc':
    case 'received_htlc': {
      const revocationpubkey = defaultCrypto.curve.publicKey(revocationPrivateKey);
      return claim(output, revocationPrivateKey, { afterSignature: [revocationpubkey] });
    }
    case 'to_remote':
    case 'to_local_anchor':
    case 'to_remote_anchor':
      throw wrongOutput(output, 'a revocable output');
  }
}

/** The other takes an HTLC that the owner offered. */
export function claimByPreimage(
  output: HtlcOutput,
  otherHtlcPrivateKey: Uint8Array,
  payment_preimage: Uint8Array,
  format: CommitmentFormat,
): Claim {
  if (output.kind !== 'offered_htlc') throw wrongOutput(output, 'an offered HTLC');
  return claim(output, otherHtlcPrivateKey, {
    afterSignature: [payment_preimage],
    sequence: htlcSequence(format),
  });
}

/** The other takes back an HTLC that it offered to the owner, once it expired. */
export function claimByTimeout(
  output: HtlcOutput,
  otherHtlcPrivateKey: Uint8Array,
  format: CommitmentFormat,
): Claim {
  if (output.kind !== 'received_htlc') throw wrongOutput(output, 'a received HTLC');
  return claim(output, otherHtlcPrivateKey, {
    afterSignature: [EMPTY],
    sequence: htlcSequence(format),
    lockTime: output.htlc.cltv_expiry,
  });
}

/** A side spends its own anchor, as a child that pays for the commitment. */
export const claimAnchor = (output: CommitmentOutput, fundingPrivateKey: Uint8Array): Claim =>
  claim(output, fundingPrivateKey);

/** Anyone spends an anchor, 16 blocks after the commitment. */
export const claimFreeAnchor = (output: CommitmentOutput): Claim =>
  claim(output, undefined, { afterSignature: [EMPTY], sequence: ANCHOR_FREE_AFTER_BLOCKS });

/** A coin of one's own, P2WPKH, that pays a fee. */
export const claimCoin = (coin: Located, privateKey: Uint8Array): Claim =>
  claim(
    { ...coin, script: p2wpkh(defaultCrypto.curve.publicKey(privateKey)), witnessScript: undefined },
    privateKey,
  );

const htlcSequence = (format: CommitmentFormat): number => (format === 'option_anchors' ? 1 : REPLACEABLE);

const wrongOutput = ({ kind }: { readonly kind: string }, wanted: string): BoltgridError =>
  new BoltgridError('channel.wrong-output', 'harness', `${kind} is not ${wanted}`);
