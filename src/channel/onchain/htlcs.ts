import type { RequirementId } from '../../spec/requirement.ts';
import { isHtlcOutput } from '../transactions/outputs.ts';
import { type Followed, followed, type FollowedOutput } from './follow.ts';
import { knownPreimage, type Onchain } from './onchain.ts';
import type { CommitmentClose } from './recognise.ts';
import { type OfferedHtlc, offererOf, unrevokedCommitments, unrevokedHtlcs } from './unrevoked.ts';

/** What has become of an HTLC that we offered, for the HTLC upstream that it was forwarded from. */
export interface HtlcOutcome {
  readonly htlc: OfferedHtlc;
  readonly outcome:
    | { readonly name: 'fulfilled'; readonly payment_preimage: Uint8Array }
    /** It must be failed upstream. */
    | { readonly name: 'failed' }
    /** It has no output in any commitment, so it may be failed upstream at once. */
    | { readonly name: 'may_fail' }
    | { readonly name: 'pending' };
  /** The sentence that calls for it; `undefined` while it is pending, and where BOLT 5 leaves it to the preimage. */
  readonly requirement: RequirementId | undefined;
}

/** The HTLCs that we offered, once a commitment is on the chain. `reasonableDepth` in blocks: 1 for the block itself. */
export function htlcOutcomes(onchain: Onchain, reasonableDepth: number): readonly HtlcOutcome[] {
  const chain = followed(onchain);
  if (chain?.close.kind !== 'commitment') return [];
  const { close } = chain;
  return unrevokedHtlcs(onchain.commitments)
    .filter(({ by }) => by === 'local')
    .map((htlc) => ({ htlc, ...outcomeOf(onchain, { ...chain, close }, htlc, reasonableDepth) }));
}

type Outcome = Omit<HtlcOutcome, 'htlc'>;

const PENDING: Outcome = { outcome: { name: 'pending' }, requirement: undefined };

function outcomeOf(
  onchain: Onchain,
  chain: Followed & { readonly close: CommitmentClose },
  htlc: OfferedHtlc,
  reasonableDepth: number,
): Outcome {
  const { close, closedBy, outputs } = chain;
  const sentences = SENTENCES[sentencesFor(close)];
  const isDeep = (height: number): boolean => onchain.height - height + 1 >= reasonableDepth;
  const own = outputs.find((each) => isOutputOf(each, close, htlc));
  const payment_preimage = knownPreimage(onchain.preimages, htlc.payment_hash);
  if (payment_preimage) {
    const requirement = own ? sentences.revealed : sentences.knownWithoutOutput;
    return { outcome: { name: 'fulfilled', payment_preimage }, requirement };
  }
  if (own)
    return own.spentBy && isDeep(own.spentBy.height)
      ? { outcome: { name: 'failed' }, requirement: sentences.timedOut }
      : PENDING;
  if (isDeep(closedBy.height)) return { outcome: { name: 'failed' }, requirement: sentences.withoutOutput };
  return hasOutputAnywhere(onchain, htlc)
    ? PENDING
    : { outcome: { name: 'may_fail' }, requirement: sentences.sooner };
}

const isOutputOf = ({ output }: FollowedOutput, { owner }: CommitmentClose, htlc: OfferedHtlc): boolean =>
  'htlc' in output && output.htlc.id === htlc.id && offererOf(output.htlc.offeredBy, owner) === htlc.by;

const hasOutputAnywhere = ({ commitments }: Onchain, { by, id }: OfferedHtlc): boolean =>
  unrevokedCommitments(commitments).some(({ owner, commitment }) =>
    commitment.outputs
      .filter(isHtlcOutput)
      .some(({ htlc }) => htlc.id === id && offererOf(htlc.offeredBy, owner) === by),
  );

const sentencesFor = ({ owner, status }: CommitmentClose): keyof typeof SENTENCES =>
  status === 'revoked' && owner === 'remote' ? 'revoked' : owner;

const SENTENCES = {
  local: {
    revealed: 'bolt05-local-commitment-local-offers-01',
    timedOut: 'bolt05-local-commitment-local-offers-03',
    knownWithoutOutput: 'bolt05-local-commitment-local-offers-07',
    withoutOutput: 'bolt05-local-commitment-local-offers-08',
    sooner: 'bolt05-local-commitment-local-offers-09',
  },
  remote: {
    revealed: 'bolt05-remote-commitment-local-offers-01',
    timedOut: 'bolt05-remote-commitment-local-offers-02',
    knownWithoutOutput: 'bolt05-remote-commitment-local-offers-03',
    withoutOutput: 'bolt05-remote-commitment-local-offers-04',
    sooner: 'bolt05-remote-commitment-local-offers-05',
  },
  revoked: {
    revealed: 'bolt05-revoked-08',
    timedOut: 'bolt05-revoked-05',
    knownWithoutOutput: 'bolt05-remote-commitment-local-offers-03',
    withoutOutput: 'bolt05-remote-commitment-local-offers-04',
    sooner: 'bolt05-remote-commitment-local-offers-05',
  },
} as const satisfies Record<string, Record<string, RequirementId>>;
