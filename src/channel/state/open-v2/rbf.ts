import { BoltgridError } from '../../../core/error.ts';
import type { RequirementId } from '../../../spec/requirement.ts';
import { type AckRbf, contributionOf, type InitRbf, initRbfFaults } from '../interactive/rbf-rules.ts';
import type { Readying } from '../open/states.ts';
import { assertRight } from '../right.ts';
import type { Fault, Performed, Received } from '../step.ts';
import { begin, parts } from './attempt.ts';
import type { AwaitsTxAckRbf, ConstructingFunding, DualFunded, HasTxInitRbf, RbfInit } from './states.ts';

/** Replacing the funding transaction by one that pays more: either side may begin (BOLT 2, Fee bumping). */

export interface RbfChoices {
  /** What we contribute to the new funding output. */
  readonly contribution: bigint;
  readonly require_confirmed_inputs?: boolean;
}

export interface InitRbfChoices extends RbfChoices {
  readonly feerate: number;
  /** 0 where it is left out. */
  readonly locktime?: number;
}

/** Sends `tx_init_rbf`. */
export function initRbf(state: DualFunded, choices: InitRbfChoices): Performed<AwaitsTxAckRbf> {
  const { feerate, locktime = 0, contribution } = choices;
  const fields = { locktime, feerate, tlvs: records(choices) };
  assertRight('tx_init_rbf', faultsOfInit(state, fields));
  return {
    state: { ...parts(state), name: 'awaits_tx_ack_rbf', init: { feerate, locktime, contribution } },
    send: [{ name: 'tx_init_rbf', fields: { channel_id: latest(state).agreement.channel_id, ...fields } }],
    broadcast: [],
  };
}

export function receiveTxInitRbf(state: DualFunded, fields: InitRbf): Received<DualFunded | HasTxInitRbf> {
  const faults = faultsOfInit(state, fields);
  if (faults.length > 0) return { state, faults };
  const { feerate, locktime } = fields;
  const init = { feerate, locktime, contribution: contributionOf(fields) };
  return { state: { ...parts(state), name: 'has_tx_init_rbf', init }, faults };
}

/** Sends `tx_ack_rbf`. */
export function ackRbf(state: HasTxInitRbf, choices: RbfChoices): Performed<ConstructingFunding> {
  const { contribution } = choices;
  const tlvs = records(choices);
  assertRight('tx_ack_rbf', contributionFaults('bolt02-tx-ack-rbf-01', { tlvs }));
  return {
    state: replacing(state, 'remote', { local: contribution, remote: state.init.contribution }),
    send: [{ name: 'tx_ack_rbf', fields: { channel_id: latest(state).agreement.channel_id, tlvs } }],
    broadcast: [],
  };
}

export function receiveTxAckRbf(
  state: AwaitsTxAckRbf,
  fields: AckRbf,
): Received<AwaitsTxAckRbf | ConstructingFunding> {
  const faults = contributionFaults('bolt02-tx-ack-rbf-01', fields);
  if (faults.length > 0) return { state, faults };
  const contributions = { local: state.init.contribution, remote: contributionOf(fields) };
  return { state: replacing(state, 'local', contributions), faults };
}

/** What is wrong with a `tx_init_rbf` in a channel that has settled on a funding transaction. */
export const lateRbfFaults = ({ isSent, second_per_commitment_point }: Readying): readonly Fault[] =>
  isSent || second_per_commitment_point
    ? [
        {
          requirement: 'bolt02-v2-rbf-04',
          expected: 'no tx_init_rbf after channel_ready',
          got: 'tx_init_rbf',
        },
      ]
    : [];

const replacing = (
  state: AwaitsTxAckRbf | HasTxInitRbf,
  initiator: 'local' | 'remote',
  contributions: Readonly<Record<'local' | 'remote', bigint>>,
): ConstructingFunding => {
  const { feerate, locktime }: RbfInit = state.init;
  return begin(state, { initiator, feerate, locktime, contributions });
};

const faultsOfInit = (state: DualFunded, fields: InitRbf): Fault[] => [
  ...initRbfFaults(fields, latest(state).agreement.feerate_per_kw),
  ...contributionFaults('bolt02-tx-init-rbf-02', fields),
];

/** Before a channel is open there is nothing to take out. */
function contributionFaults(requirement: RequirementId, fields: Pick<InitRbf | AckRbf, 'tlvs'>): Fault[] {
  const got = contributionOf(fields);
  return got >= 0n ? [] : [{ requirement, expected: 'at least 0', got, note: 'funding_output_contribution' }];
}

const records = ({ contribution, require_confirmed_inputs }: RbfChoices): InitRbf['tlvs'] => ({
  ...(contribution !== 0n && { funding_output_contribution: { satoshis: contribution } }),
  ...(require_confirmed_inputs && { require_confirmed_inputs: {} }),
});

function latest({ attempts }: Pick<DualFunded, 'attempts'>) {
  const attempt = attempts.at(-1);
  if (attempt) return attempt.signing.constructed;
  throw new BoltgridError('channel.invariant', 'harness', 'there is no attempt to replace');
}
