import { construct } from '../interactive/construct.ts';
import { startSigning } from '../interactive/signatures.ts';
import type { Constructed } from '../interactive/states.ts';
import { fund, fundingOutputOf } from '../open/funded.ts';
import type { Declared, Funded } from '../open/states.ts';
import type { Side } from '../update.ts';
import { channelIdOf } from './channel-id.ts';
import { contributedBy, firstAccept, firstOpen } from './first-version.ts';
import type { AttemptTerms, ConstructingFunding, Established, SigningFunding } from './states.ts';

/** A funding transaction is to be constructed: the first one, or one that replaces those before it. */
export function begin(
  established: Established,
  { initiator, feerate, locktime, contributions }: AttemptTerms,
): ConstructingFunding {
  const { node_ids, open, accept, attempts } = established;
  const { fundingOutput } = declaredBy(established, contributions);
  return {
    ...parts(established),
    name: 'constructing_funding',
    construction: construct({
      channel_id: channelIdOf([open.revocation_basepoint, accept.revocation_basepoint]),
      initiator,
      feerate_per_kw: feerate,
      locktime,
      dust_limit_satoshis: greater(open.dust_limit_satoshis, accept.dust_limit_satoshis),
      node_ids,
      contributions,
      sharedOutput: fundingOutput,
      previous: attempts.map(({ signing }) => signing.constructed),
    }),
  };
}

/** The outpoint is known, and with it the first commitments. */
export const constructedFunding = (established: Established, constructed: Constructed): SigningFunding => ({
  ...parts(established),
  name: 'signing_funding',
  funded: funded(established, constructed),
  signing: startSigning(constructed),
  hasSentCommitment: false,
  missing: [],
});

/** What stays from attempt to attempt. */
export const parts = (established: Established): Established => {
  const { negotiation, secrets, node_ids, opener, open, accept, attempts } = established;
  return { negotiation, secrets, node_ids, opener, open, accept, attempts };
};

function funded(established: Established, { agreement, transaction, output_index }: Constructed): Funded {
  const made = fund(declaredBy(established, agreement.contributions), established.opener, {
    txid: transaction.txid,
    output_index,
  });
  const { commitments } = made;
  const terms = { ...commitments.terms, channel_id: agreement.channel_id };
  return { ...made, commitments: { ...commitments, terms } };
}

function declaredBy(
  { negotiation, secrets, opener, open, accept }: Established,
  contributions: Readonly<Record<Side, bigint>>,
): Declared {
  const contributed = contributedBy(opener, contributions);
  const first = { open: firstOpen(open, contributed), accept: firstAccept(accept, contributed) };
  return { negotiation, secrets, ...first, fundingOutput: fundingOutputOf(first.open, first.accept) };
}

const greater = (a: bigint, b: bigint): bigint => (a > b ? a : b);
