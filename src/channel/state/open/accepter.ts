import type { Bolts } from '../../../wire/bolts.ts';
import { equalBytes } from '../../../core/bytes.ts';
import type { MessageFields } from '../../../wire/types.ts';
import { displayHash } from '../../../bitcoin/hash.ts';
import type { Fault, Performed, Received } from '../step.ts';
import { acceptFaults } from './accept-rules.ts';
import { typeHas } from './channel-type.ts';
import { type AccepterChoices, accepterDefaults } from './defaults.ts';
import { countersigned, fund, fundingOutputOf, hasSigned, ourSignature } from './funded.ts';
import { acceptFields } from './messages.ts';
import type { OpenFields } from './negotiation.ts';
import { openFaults } from './open-rules.ts';
import { signed } from './ready.ts';
import { assertRight } from '../right.ts';
import { typeBits } from './rules.ts';
import type {
  AwaitsChannelReady,
  AwaitsFundingCreated,
  AwaitsOpenChannel,
  HasFundingCreated,
  HasOpenChannel,
  Opening,
} from './states.ts';

/** Nothing is known of the channel yet: the peer has to begin. */
export const awaitOpenChannel = ({ negotiation, secrets }: Opening): AwaitsOpenChannel => ({
  name: 'awaits_open_channel',
  negotiation,
  secrets,
});

/** What only our own policy refuses is told by `refusalsOfOpen`. */
export function receiveOpenChannel(
  state: AwaitsOpenChannel,
  open: OpenFields,
): Received<AwaitsOpenChannel | HasOpenChannel> {
  const faults = openFaults(open, state.negotiation);
  return faults.length > 0
    ? { state, faults }
    : { state: { ...state, name: 'has_open_channel', open }, faults };
}

/** Sends `accept_channel`. What is left out of `choices` is as in `accepterDefaults`. */
export function acceptChannel(
  { negotiation, secrets, open }: HasOpenChannel,
  choices: Partial<AccepterChoices> = {},
): Performed<AwaitsFundingCreated> {
  const accept = acceptFields(secrets, open, {
    ...accepterDefaults(
      open.funding_satoshis,
      open.dust_limit_satoshis,
      typeHas(typeBits(open), 'option_zeroconf'),
    ),
    ...choices,
  });
  assertRight('accept_channel', acceptFaults(accept, open, negotiation));
  const fundingOutput = fundingOutputOf(open, accept);
  return {
    state: { name: 'awaits_funding_created', negotiation, secrets, open, accept, fundingOutput },
    send: [{ name: 'accept_channel', fields: accept }],
    broadcast: [],
  };
}

export function receiveFundingCreated(
  state: AwaitsFundingCreated,
  fields: MessageFields<Bolts, 'funding_created'>,
): Received<AwaitsFundingCreated | HasFundingCreated> {
  const { temporary_channel_id, funding_txid, funding_output_index, signature } = fields;
  const { open } = state;
  const faults: Fault[] = [];
  if (!equalBytes(temporary_channel_id, open.temporary_channel_id))
    faults.push({
      requirement: 'bolt02-funding-created-01',
      expected: open.temporary_channel_id,
      got: temporary_channel_id,
      note: 'temporary_channel_id',
    });
  const funded = fund(state, 'remote', {
    txid: displayHash(funding_txid),
    output_index: funding_output_index,
  });
  if (!hasSigned(funded, signature))
    faults.push({
      requirement: 'bolt02-funding-created-05',
      expected: "the opener's signature of our first commitment, with a low S",
      got: signature,
      note: 'signature',
    });
  if (faults.length > 0) return { state, faults };
  const commitments = countersigned(funded, signature);
  return { state: { ...funded, name: 'has_funding_created', commitments }, faults };
}

/** Sends `funding_signed`. */
export function signFunding(state: HasFundingCreated): Performed<AwaitsChannelReady> {
  const { channel_id } = state.commitments.terms;
  const signature = ourSignature(state);
  return {
    state: signed(state),
    send: [{ name: 'funding_signed', fields: { channel_id, signature } }],
    broadcast: [],
  };
}
