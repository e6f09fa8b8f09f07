import { BoltgridError } from '../../core/error.ts';
import { derivePrivateKey, revocationPrivateKey } from '../keys/derivation.ts';
import type { ChannelTerms } from '../state/terms.ts';
import {
  type Claim,
  claimByPreimage,
  claimByTimeout,
  claimDelayed,
  claimRevoked,
  claimToRemote,
} from '../transactions/claims.ts';
import { type CommitmentOutput, type HtlcOutput } from '../transactions/outputs.ts';
import type { HtlcSpend } from '../transactions/sweep.ts';
import type { Duty } from './duties.ts';
import type { CommitmentClose } from './recognise.ts';

/** What a duty of ours takes: an input of a sweep, or an HTLC transaction that the remote has signed. */
export type Taking =
  | { readonly kind: 'claim'; readonly claim: Claim }
  | { readonly kind: 'htlc_transaction'; readonly spend: HtlcSpend };

/** Throws `channel.no-htlc-signature` where the remote's signature for an HTLC transaction of ours was not kept. */
export function takingOf(close: CommitmentClose, duty: Duty, { secrets, format }: ChannelTerms): Taking {
  const { keys, to_self_delay } = close.commitment.parameters;
  const keyOf = (secret: Uint8Array): Uint8Array => derivePrivateKey(secret, keys.per_commitment_point);
  const by = (claim: Claim): Taking => ({ kind: 'claim', claim });
  switch (duty.how) {
    case 'delayed':
      return by(claimDelayed(duty.output, keyOf(secrets.delayed_payment), to_self_delay));
    case 'to_remote':
      return by(claimToRemote(plain(duty), secrets.payment));
    case 'timeout':
      return by(claimByTimeout(htlcOf(duty), keyOf(secrets.htlc), format));
    case 'preimage':
      return by(claimByPreimage(htlcOf(duty), keyOf(secrets.htlc), preimageOf(duty), format));
    case 'revocation':
      return by(claimRevoked(duty.output, revocationKey(close, secrets.revocation)));
    case 'htlc_timeout':
      return { kind: 'htlc_transaction', spend: signedSpend(close, htlcOf(duty)) };
    case 'htlc_success': {
      const spend = signedSpend(close, htlcOf(duty));
      return { kind: 'htlc_transaction', spend: { ...spend, payment_preimage: preimageOf(duty) } };
    }
  }
}

/** `to_remote`, which alone can be taken of a commitment that we do not know. */
export const claimOwn = (duty: Duty, { secrets }: ChannelTerms): Claim =>
  claimToRemote(plain(duty), secrets.payment);

function signedSpend({ commitment, htlc_signature }: CommitmentClose, output: HtlcOutput): HtlcSpend {
  const index = commitment.htlcOutputs.findIndex(({ vout }) => vout === output.vout);
  const otherSignature = htlc_signature?.[index];
  if (!otherSignature)
    throw new BoltgridError(
      'channel.no-htlc-signature',
      'harness',
      `no htlc_signature for output ${output.vout} of commitment ${commitment.parameters.commitmentNumber}`,
    );
  return { output, otherSignature };
}

function revocationKey({ per_commitment_secret }: CommitmentClose, basepointSecret: Uint8Array): Uint8Array {
  if (!per_commitment_secret) throw inconsistent('no secret revokes it');
  return revocationPrivateKey(basepointSecret, per_commitment_secret);
}

function htlcOf({ output }: Duty): HtlcOutput {
  if (!('htlc' in output)) throw inconsistent(`${output.kind} is no HTLC`);
  return output;
}

function plain({ output }: Duty): CommitmentOutput {
  if (output.kind === 'second_stage') throw inconsistent('a second stage is no output of a commitment');
  return output;
}

function preimageOf({ payment_preimage }: Duty): Uint8Array {
  if (!payment_preimage) throw inconsistent('no preimage');
  return payment_preimage;
}

const inconsistent = (what: string): BoltgridError => new BoltgridError('channel.invariant', 'harness', what);
