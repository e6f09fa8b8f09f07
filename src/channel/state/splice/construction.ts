import { BoltgridError } from '../../../core/error.ts';
import { fundingScript } from '../../transactions/scripts.ts';
import type { Funding } from '../../transactions/types.ts';
import { construct, type Constructs, receiveConstruction } from '../interactive/construct.ts';
import { startSigning } from '../interactive/signatures.ts';
import type { Agreement, Constructed, Constructing, ConstructionMessage } from '../interactive/states.ts';
import type { LiveFunding } from '../live-funding.ts';
import { assertRight } from '../right.ts';
import type { Fault, Performed, Received } from '../step.ts';
import { isAborting } from './abort.ts';
import { matchingReserveSat, reserveFaults } from './reserve.ts';
import {
  type Answered,
  constructedOf,
  type ConstructingSplice,
  type SigningSplice,
  type SpliceConditions,
  type Splicing,
} from './states.ts';

/** Both sides have said what they contribute: the initiator begins. */
export function startConstruction(
  state: Splicing,
  { node_ids }: SpliceConditions,
  answered: Answered,
): ConstructingSplice {
  const { commitments, pending } = state;
  const { terms } = commitments;
  const { initiator, feerate_per_kw, locktime, contributions, local_funding_privkey } = answered;
  const { local, remote } = contributions;
  const [{ funding, local_funding_privkey: privkey, remote_funding_pubkey }] = commitments.fundings;
  const added = local.funding_contribution_satoshis + remote.funding_contribution_satoshis;
  const agreement: Agreement = {
    channel_id: terms.channel_id,
    initiator,
    feerate_per_kw,
    locktime,
    dust_limit_satoshis: greater(terms.local.dust_limit_satoshis, terms.remote.dust_limit_satoshis),
    node_ids,
    contributions: {
      local: local.funding_contribution_satoshis,
      remote: remote.funding_contribution_satoshis,
    },
    sharedOutput: {
      amountSat: funding.funding_satoshis + added,
      script: fundingScript([local.funding_pubkey, remote.funding_pubkey]),
    },
    sharedInput: { funding, local_funding_privkey: privkey, remote_funding_pubkey },
    previous: pending.map(constructedOf),
  };
  return { ...answered, local_funding_privkey, name: 'constructing', construction: construct(agreement) };
}

/** A message of the construction. What comes after our `tx_abort` has crossed it, and is ignored. */
export function receiveSpliceConstruction(state: Splicing, message: ConstructionMessage): Received<Splicing> {
  if (isAborting(state)) return { state, faults: [] };
  const { negotiation } = state;
  if (negotiation?.name !== 'constructing')
    return {
      state,
      faults: [
        {
          // BOLT 2 says so only by the order of the messages.
          requirement: 'bolt02-splice-ack-05',
          expected: 'splice_ack or tx_ack_rbf before it, and no end of the construction',
          got: message.name,
        },
      ],
    };
  const received = receiveConstruction(negotiation.construction, message);
  if (received.faults.length > 0) return { state, faults: received.faults };
  const { next, faults } = constructed(state, negotiation, received.state);
  return faults.length > 0 ? { state, faults } : { state: next, faults };
}

export interface PerformedConstruction extends Performed<Splicing> {
  /** As of `Constructs`: with them nothing is sent. */
  readonly faults: readonly Fault[];
}

/** Sends a message of the construction, as `send` makes it: `addInput`, `addSharedOutput`, `complete` and their like. */
export function sendSpliceConstruction(
  state: Splicing,
  send: (construction: Constructing) => Constructs,
): PerformedConstruction {
  const { negotiation } = state;
  if (negotiation?.name !== 'constructing')
    throw new BoltgridError('channel.no-construction', 'harness', 'no splice is being constructed');
  const performed = send(negotiation.construction);
  const stays = { state, send: [], broadcast: [] };
  if (performed.faults.length > 0) return { ...stays, faults: performed.faults };
  const { next, faults } = constructed(state, negotiation, performed.state);
  return faults.length > 0 ? { ...stays, faults } : { ...performed, state: next, faults };
}

/** `faults` are the remote's. Throws `channel.wrong-message` (harness) where our own share leaves us below the reserve. */
function constructed(
  state: Splicing,
  negotiation: ConstructingSplice,
  construction: Constructing | Constructed,
): { readonly next: Splicing; readonly faults: readonly Fault[] } {
  if (construction.name === 'constructing')
    return { next: { ...state, negotiation: { ...negotiation, construction } }, faults: [] };
  const live = fundingOf(state, negotiation, construction);
  const faults = reserveFaults(state.commitments, construction, live, 'remote');
  if (faults.length > 0) return { next: state, faults };
  assertRight('tx_complete', reserveFaults(state.commitments, construction, live, 'local'));
  const signing: SigningSplice = {
    ...negotiation,
    name: 'signing',
    construction: startSigning(construction),
    live,
    isCommitted: { local: false, remote: false },
  };
  return { next: { ...state, negotiation: signing }, faults: [] };
}

/** What each side contributes is added to its share: the ledger stays. */
function fundingOf(
  { commitments }: Splicing,
  { contributions, local_funding_privkey }: Answered,
  { transaction, output_index, agreement }: Constructed,
): LiveFunding {
  const { terms } = commitments;
  const [{ shares }] = commitments.fundings;
  const { local, remote } = contributions;
  const funding: Funding = {
    txid: transaction.txid,
    output_index,
    funding_satoshis: agreement.sharedOutput.amountSat,
    funding_pubkeys: [local.funding_pubkey, remote.funding_pubkey],
  };
  return {
    funding,
    shares: {
      local: shares.local + local.funding_contribution_satoshis * 1000n,
      remote: shares.remote + remote.funding_contribution_satoshis * 1000n,
    },
    channel_reserve_satoshis: {
      local: matchingReserveSat(terms.local, funding),
      remote: matchingReserveSat(terms.remote, funding),
    },
    local_funding_privkey,
    remote_funding_pubkey: remote.funding_pubkey,
  };
}

const greater = (a: bigint, b: bigint): bigint => (a > b ? a : b);
