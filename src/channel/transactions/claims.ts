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
): Claim =>
  claim(only(output, 'to_local', 'second_stage'), delayedPrivateKey, {
    afterSignature: [EMPTY],
    sequence: to_self_delay,
  });

/** The other takes `to_remote`: with anchors one block later. */
export const claimToRemote = (output: CommitmentOutput, paymentPrivateKey: Uint8Array): Claim =>
  claim(only(output, 'to_remote'), paymentPrivateKey, {
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
  const revocable = only(output, 'to_local', 'second_stage', 'offered_htlc', 'received_htlc');
  const isHtlc = revocable.kind === 'offered_htlc' || revocable.kind === 'received_htlc';
  return claim(revocable, revocationPrivateKey, {
    afterSignature: [isHtlc ? defaultCrypto.curve.publicKey(revocationPrivateKey) : Uint8Array.of(1)],
  });
}

/** The other takes an HTLC that the owner offered. */
export function claimByPreimage(
  output: HtlcOutput,
  otherHtlcPrivateKey: Uint8Array,
  payment_preimage: Uint8Array,
  format: CommitmentFormat,
): Claim {
  return claim(only(output, 'offered_htlc'), otherHtlcPrivateKey, {
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
  return claim(only(output, 'received_htlc'), otherHtlcPrivateKey, {
    afterSignature: [EMPTY],
    sequence: htlcSequence(format),
    lockTime: output.htlc.cltv_expiry,
  });
}

/** A side spends its own anchor, as a child that pays for the commitment. */
export const claimAnchor = (output: CommitmentOutput, fundingPrivateKey: Uint8Array): Claim =>
  claim(only(output, 'to_local_anchor', 'to_remote_anchor'), fundingPrivateKey);

/** Anyone spends an anchor, 16 blocks after the commitment. */
export const claimFreeAnchor = (output: CommitmentOutput): Claim =>
  claim(only(output, 'to_local_anchor', 'to_remote_anchor'), undefined, {
    afterSignature: [EMPTY],
    sequence: ANCHOR_FREE_AFTER_BLOCKS,
  });

/** A coin of one's own, P2WPKH, that pays a fee. */
export const claimCoin = (coin: Located, privateKey: Uint8Array): Claim =>
  claim(
    { ...coin, script: p2wpkh(defaultCrypto.curve.publicKey(privateKey)), witnessScript: undefined },
    privateKey,
  );

const htlcSequence = (format: CommitmentFormat): number => (format === 'option_anchors' ? 1 : REPLACEABLE);

type AnyOutput = CommitmentOutput | SecondStageOutput;

/** The output, which is of one of these kinds: any other is our mistake and throws `channel.wrong-output`. */
function only<Output extends AnyOutput>(output: Output, ...kinds: readonly AnyOutput['kind'][]): Output {
  if (kinds.includes(output.kind)) return output;
  throw new BoltgridError('channel.wrong-output', 'harness', `${output.kind} is not ${kinds.join(' or ')}`);
}
