import type { TransactionOutput } from '../../../bitcoin/transaction.ts';
import { fundingScript } from '../../transactions/scripts.ts';
import { signCommitment, verifyCommitment } from '../../transactions/signatures.ts';
import { commitmentOf, type Commitments, openCommitments } from '../commitments.ts';
import type { LiveFunding } from '../live-funding.ts';
import type { Side } from '../update.ts';
import { isNegotiated, type AcceptFields, type OpenFields } from './negotiation.ts';
import type { Declared, Funded } from './states.ts';
import { type FundingOutpoint, termsOf } from './terms.ts';

export const fundingOutputOf = (open: OpenFields, accept: AcceptFields): TransactionOutput => ({
  amountSat: open.funding_satoshis,
  script: fundingScript([open.funding_pubkey, accept.funding_pubkey]),
});

/** The outpoint is known: both first commitments are made, and signed by nobody. */
export function fund(declared: Declared, opener: Side, outpoint: FundingOutpoint): Funded {
  const { open, accept, negotiation, secrets, fundingOutput } = declared;
  const terms = termsOf(declared, opener, outpoint);
  const { funding_satoshis, push_msat, feerate_per_kw } = open;
  const kept = funding_satoshis * 1000n - push_msat;
  const live: LiveFunding = {
    funding: { ...outpoint, funding_satoshis, funding_pubkeys: [open.funding_pubkey, accept.funding_pubkey] },
    shares: opener === 'local' ? { local: kept, remote: push_msat } : { local: push_msat, remote: kept },
    local_funding_privkey: secrets.funding,
    remote_funding_pubkey: terms.remote.funding_pubkey,
  };
  const remoteFirstPoint = (opener === 'local' ? accept : open).first_per_commitment_point;
  return {
    commitments: openCommitments({ terms, funding: live, feerate_per_kw, remoteFirstPoint }),
    fundingOutput,
    minimum_depth: accept.minimum_depth,
    isAliasNegotiated: isNegotiated(negotiation, 'option_scid_alias'),
  };
}

/** Of the remote's first commitment. */
export const ourSignature = ({ commitments }: Funded): Uint8Array => {
  const [live] = commitments.fundings;
  return signCommitment(commitmentOf(commitments, 'remote', 'latest', live), live.local_funding_privkey);
};

/** Whether the remote has signed our first commitment, with a low S. */
export const hasSigned = ({ commitments }: Funded, signature: Uint8Array): boolean => {
  const [live] = commitments.fundings;
  const commitment = commitmentOf(commitments, 'local', 'latest', live);
  return verifyCommitment(commitment, live.remote_funding_pubkey, signature);
};

/** With the remote's signature, which is good. */
export function countersigned({ commitments }: Funded, signature: Uint8Array): Commitments {
  const [live] = commitments.fundings;
  return { ...commitments, fundings: [{ ...live, remoteSignatures: { signature, htlc_signature: [] } }] };
}
