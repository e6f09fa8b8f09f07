import { equalBytes } from '../../../core/bytes.ts';
import { defaultCrypto } from '../../../crypto/crypto.ts';
import type { RequirementId } from '../../../spec/requirement.ts';
import {
  type AckRbf,
  contributionOf,
  type InitRbf,
  initRbfFaults as feerateFaults,
} from '../interactive/rbf-rules.ts';
import { isQuiescent, quiescenceInitiator } from '../quiescence.ts';
import type { Fault, Message } from '../step.ts';
import { otherSide, type Side } from '../update.ts';
import { balanceMsat } from './reserve.ts';
import type { Contribution, SpliceConditions, Splicing } from './states.ts';

/** What BOLT 2 forbids in the messages that ask for a splice or a replacement, and in their answers, whoever sends them. */

type Fields<N extends Message['name']> = Omit<Message<N>['fields'], 'channel_id'>;
export type SpliceInit = Fields<'splice_init'>;
export type SpliceAck = Fields<'splice_ack'>;

export function spliceInitFaults(
  state: Splicing,
  { isReady, hasShutdown }: SpliceConditions,
  by: Side,
  fields: SpliceInit,
): readonly Fault[] {
  const { negotiation, pending } = state;
  const faults = quiescedFaults(state, by, 'splice_init', {
    quiescent: 'bolt02-splice-init-01',
    initiator: 'bolt02-splice-init-02',
  });
  const breaks = (requirement: RequirementId, expected: string): void => {
    faults.push({ requirement, expected, got: 'splice_init' });
  };
  if (!isReady.local || !isReady.remote)
    breaks('bolt02-splice-init-03', 'channel_ready from both sides before it');
  if (negotiation) breaks('bolt02-splice-init-04', 'no other splice being negotiated');
  if (pending.length > 0)
    breaks('bolt02-splice-init-05', 'splice_locked from both sides for the splice before it');
  if (hasShutdown[by]) breaks('bolt02-splice-init-06', 'no splice after shutdown');
  return [
    ...faults,
    ...keyFaults(fields.funding_pubkey, 'bolt02-splice-init-11'),
    ...balanceFaults(state, by, fields.funding_contribution_satoshis, 'bolt02-splice-init-18'),
  ];
}

export function spliceAckFaults(state: Splicing, by: Side, fields: SpliceAck): readonly Fault[] {
  if (!isAsked(state, by, 'splice'))
    return [{ requirement: 'bolt02-splice-ack-07', expected: 'splice_init before it', got: 'splice_ack' }];
  return [
    ...keyFaults(fields.funding_pubkey, 'bolt02-splice-ack-01'),
    ...balanceFaults(state, by, fields.funding_contribution_satoshis, 'bolt02-splice-ack-04'),
  ];
}

export function initRbfFaults(
  state: Splicing,
  { features }: SpliceConditions,
  by: Side,
  fields: InitRbf,
): readonly Fault[] {
  const { negotiation, pending, locked } = state;
  const faults = quiescedFaults(state, by, 'tx_init_rbf', {
    quiescent: 'bolt02-splice-tx-init-rbf-01',
    initiator: 'bolt02-splice-tx-init-rbf-02',
  });
  const last = pending.at(-1);
  if (!last || negotiation)
    // BOLT 2 says in the message's first sentence only that there has to be one.
    return [
      ...faults,
      {
        requirement: 'bolt02-tx-init-rbf-01',
        expected: 'a completed transaction to replace, and no other being negotiated',
        got: 'tx_init_rbf',
      },
    ];
  // Not those of splices that are over.
  if (pending.some(({ live }) => live.funding.txid === locked[by]))
    faults.push({
      requirement: 'bolt02-splice-tx-init-rbf-05',
      expected: 'no tx_init_rbf after splice_locked',
      got: locked[by],
    });
  if (features.option_zeroconf)
    faults.push({
      requirement: 'bolt02-splice-tx-init-rbf-06',
      expected: 'no tx_init_rbf with option_zeroconf',
      got: 'tx_init_rbf',
    });
  return [
    ...faults,
    ...feerateFaults(fields, last.feerate_per_kw),
    ...balanceFaults(state, by, contributionOf(fields), 'bolt02-splice-tx-init-rbf-14'),
  ];
}

export function ackRbfFaults(state: Splicing, by: Side, fields: AckRbf): readonly Fault[] {
  if (!isAsked(state, by, 'rbf'))
    return [{ requirement: 'bolt02-tx-init-rbf-05', expected: 'tx_init_rbf before it', got: 'tx_ack_rbf' }];
  return balanceFaults(state, by, contributionOf(fields), 'bolt02-splice-tx-ack-rbf-02');
}

/** What is no more than advised: another `funding_pubkey` than that of the funding output before. */
export function repeatedKeyFaults(
  { commitments }: Splicing,
  by: Side,
  name: 'splice_init' | 'splice_ack',
  { funding_pubkey }: Pick<Contribution, 'funding_pubkey'>,
): readonly Fault[] {
  const [{ funding }] = commitments.fundings;
  if (!funding.funding_pubkeys.some((key) => equalBytes(key, funding_pubkey))) return [];
  const requirement = name === 'splice_init' ? 'bolt02-splice-init-11' : 'bolt02-splice-ack-01';
  return [
    {
      requirement,
      expected: 'another key than before',
      got: funding_pubkey,
      note: `funding_pubkey of ${by}`,
    },
  ];
}

function quiescedFaults(
  { quiescence, commitments }: Splicing,
  by: Side,
  got: string,
  requirements: { readonly quiescent: RequirementId; readonly initiator: RequirementId },
): Fault[] {
  if (!isQuiescent(quiescence))
    return [{ requirement: requirements.quiescent, expected: 'stfu from both sides before it', got }];
  if (quiescenceInitiator(quiescence, commitments) === by) return [];
  return [{ requirement: requirements.initiator, expected: 'the other side to begin', got }];
}

const isAsked = ({ negotiation }: Splicing, by: Side, kind: 'splice' | 'rbf'): boolean =>
  negotiation?.name === 'requested' && negotiation.kind === kind && negotiation.initiator === otherSide(by);

/** BOLT 2 says of the key only that it should be a new one. */
const keyFaults = (got: Uint8Array, requirement: RequirementId): Fault[] =>
  defaultCrypto.curve.isPoint(got)
    ? []
    : [{ requirement, expected: 'a point on secp256k1', got, note: 'funding_pubkey' }];

function balanceFaults(
  { commitments }: Splicing,
  by: Side,
  contributionSat: bigint,
  requirement: RequirementId,
): Fault[] {
  const balance = balanceMsat(commitments, commitments.fundings[0], by);
  return contributionSat * 1000n + balance >= 0n
    ? []
    : [
        {
          requirement,
          expected: `no more to be taken than the balance, ${balance} msat`,
          got: contributionSat,
        },
      ];
}
