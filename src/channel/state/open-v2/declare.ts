import { typeHas } from '../open/channel-type.ts';
import { accepterDefaults, openerDefaults } from '../open/defaults.ts';
import { typeBits } from '../open/rules.ts';
import { assertRight } from '../right.ts';
import type { Performed, Received } from '../step.ts';
import { begin } from './attempt.ts';
import { firstOpen } from './first-version.ts';
import { type Accepter2Choices, accept2Fields, open2Fields, type Opener2Choices } from './messages.ts';
import { accept2Faults, open2Faults } from './rules.ts';
import type {
  Accept2Fields,
  AwaitsAcceptChannel2,
  AwaitsOpenChannel2,
  ConstructingFunding,
  DualOpening,
  HasOpenChannel2,
  Open2Fields,
} from './states.ts';

export interface OpenChannel2Options extends DualOpening {
  /** What we contribute. */
  readonly funding_satoshis: bigint;
  /** What is left out is as in `openerDefaults`; both feerates are 2500, and the locktime 0. */
  readonly choices?: Partial<Opener2Choices>;
}

/** Sends `open_channel2`. */
export function openChannel2(options: OpenChannel2Options): Performed<AwaitsAcceptChannel2> {
  const { negotiation, secrets, node_ids, funding_satoshis } = options;
  const { feerate_per_kw, ...usual } = openerDefaults(funding_satoshis, negotiation);
  const open = open2Fields(secrets, negotiation, funding_satoshis, {
    ...usual,
    funding_feerate_perkw: feerate_per_kw,
    commitment_feerate_perkw: feerate_per_kw,
    locktime: 0,
    require_confirmed_inputs: false,
    ...options.choices,
  });
  assertRight('open_channel2', open2Faults(open, negotiation));
  return {
    state: { name: 'awaits_accept_channel2', negotiation, secrets, node_ids, open },
    send: [{ name: 'open_channel2', fields: open }],
    broadcast: [],
  };
}

export const awaitOpenChannel2 = ({ negotiation, secrets, node_ids }: DualOpening): AwaitsOpenChannel2 => ({
  name: 'awaits_open_channel2',
  negotiation,
  secrets,
  node_ids,
});

export function receiveOpenChannel2(
  state: AwaitsOpenChannel2,
  open: Open2Fields,
): Received<AwaitsOpenChannel2 | HasOpenChannel2> {
  const faults = open2Faults(open, state.negotiation);
  return faults.length > 0
    ? { state, faults }
    : { state: { ...state, name: 'has_open_channel2', open }, faults };
}

/** Sends `accept_channel2`. What is left out of `choices` is as in `accepterDefaults`, and we contribute nothing. */
export function acceptChannel2(
  state: HasOpenChannel2,
  choices: Partial<Accepter2Choices> = {},
): Performed<ConstructingFunding> {
  const { open, secrets, negotiation } = state;
  const type = typeBits(firstOpen(open, { openerSat: open.funding_satoshis, accepterSat: 0n }));
  const funding_satoshis = choices.funding_satoshis ?? 0n;
  const accept = accept2Fields(secrets, open, {
    ...accepterDefaults(
      open.funding_satoshis + funding_satoshis,
      open.dust_limit_satoshis,
      typeHas(type, 'option_zeroconf'),
    ),
    funding_satoshis,
    require_confirmed_inputs: false,
    ...choices,
  });
  assertRight('accept_channel2', accept2Faults(accept, open, negotiation));
  return {
    state: declared(state, 'remote', accept),
    send: [{ name: 'accept_channel2', fields: accept }],
    broadcast: [],
  };
}

export function receiveAcceptChannel2(
  state: AwaitsAcceptChannel2,
  accept: Accept2Fields,
): Received<AwaitsAcceptChannel2 | ConstructingFunding> {
  const faults = accept2Faults(accept, state.open, state.negotiation);
  return faults.length > 0 ? { state, faults } : { state: declared(state, 'local', accept), faults };
}

function declared(
  { negotiation, secrets, node_ids, open }: HasOpenChannel2 | AwaitsAcceptChannel2,
  opener: 'local' | 'remote',
  accept: Accept2Fields,
): ConstructingFunding {
  const [own, others] =
    opener === 'local'
      ? [open.funding_satoshis, accept.funding_satoshis]
      : [accept.funding_satoshis, open.funding_satoshis];
  return begin(
    { negotiation, secrets, node_ids, opener, open, accept, attempts: [] },
    {
      initiator: opener,
      feerate: open.funding_feerate_perkw,
      locktime: open.locktime,
      contributions: { local: own, remote: others },
    },
  );
}
