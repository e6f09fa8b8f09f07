import { fromDisplayHash } from '../../../bitcoin/hash.ts';
import type { Transaction } from '../../../bitcoin/transaction.ts';
import { equalBytes } from '../../../core/bytes.ts';
import { BoltgridError } from '../../../core/error.ts';
import type { Bolts } from '../../../wire/bolts.ts';
import type { MessageFields } from '../../../wire/types.ts';
import type { Fault, Performed, Received } from '../step.ts';
import { acceptFaults } from './accept-rules.ts';
import { type OpenerChoices, openerDefaults } from './defaults.ts';
import { countersigned, fund, fundingOutputOf, hasSigned, ourSignature } from './funded.ts';
import { openFields } from './messages.ts';
import type { AcceptFields } from './negotiation.ts';
import { openFaults } from './open-rules.ts';
import { signed } from './ready.ts';
import { assertRight } from '../right.ts';
import type {
  AwaitsAcceptChannel,
  AwaitsChannelReady,
  AwaitsFunding,
  AwaitsFundingSigned,
  Opening,
} from './states.ts';

export interface OpenChannelOptions extends Opening {
  readonly temporary_channel_id: Uint8Array;
  readonly funding_satoshis: bigint;
  /** What is left out is as in `openerDefaults`. */
  readonly choices?: Partial<OpenerChoices>;
}

/** Sends `open_channel`. */
export function openChannel(options: OpenChannelOptions): Performed<AwaitsAcceptChannel> {
  const { negotiation, secrets, temporary_channel_id, funding_satoshis } = options;
  const open = openFields(secrets, negotiation, temporary_channel_id, funding_satoshis, {
    ...openerDefaults(funding_satoshis, negotiation),
    ...options.choices,
  });
  assertRight('open_channel', openFaults(open, negotiation));
  return {
    state: { name: 'awaits_accept_channel', negotiation, secrets, open },
    send: [{ name: 'open_channel', fields: open }],
    broadcast: [],
  };
}

/** What only our own policy refuses is told by `refusalsOfAccept`. */
export function receiveAcceptChannel(
  state: AwaitsAcceptChannel,
  accept: AcceptFields,
): Received<AwaitsAcceptChannel | AwaitsFunding> {
  const { negotiation, open } = state;
  const faults = acceptFaults(accept, open, negotiation);
  if (faults.length > 0) return { state, faults };
  const fundingOutput = fundingOutputOf(open, accept);
  return { state: { ...state, name: 'awaits_funding', accept, fundingOutput }, faults };
}

/**
 * Sends `funding_created` for a transaction that pays the `fundingOutput`. It must not be broadcast before `broadcastFunding`, nor may
 * its txid change (BOLT 2, funding_created). Throws `channel.no-funding-output` (harness).
 */
export function createFunding(
  state: AwaitsFunding,
  fundingTransaction: Transaction,
): Performed<AwaitsFundingSigned> {
  const { txid, outputs } = fundingTransaction;
  const { amountSat, script } = state.fundingOutput;
  const output_index = outputs.findIndex(
    (output) => output.amountSat === amountSat && equalBytes(output.script, script),
  );
  if (output_index < 0)
    throw new BoltgridError(
      'channel.no-funding-output',
      'harness',
      `no output of ${txid} pays ${amountSat} satoshis to the funding script`,
    );
  const funded = fund(state, 'local', { txid, output_index });
  const fields = {
    temporary_channel_id: state.open.temporary_channel_id,
    funding_txid: fromDisplayHash(txid),
    funding_output_index: output_index,
    signature: ourSignature(funded),
  };
  return {
    state: { ...funded, name: 'awaits_funding_signed', fundingTransaction },
    send: [{ name: 'funding_created', fields }],
    broadcast: [],
  };
}

export function receiveFundingSigned(
  state: AwaitsFundingSigned,
  { channel_id, signature }: MessageFields<Bolts, 'funding_signed'>,
): Received<AwaitsFundingSigned | AwaitsChannelReady> {
  const { terms } = state.commitments;
  const faults: Fault[] = [];
  if (!equalBytes(channel_id, terms.channel_id))
    faults.push({
      requirement: 'bolt02-funding-signed-02',
      expected: terms.channel_id,
      got: channel_id,
      note: 'channel_id',
    });
  if (!hasSigned(state, signature))
    faults.push({
      requirement: 'bolt02-funding-signed-03',
      expected: "the accepter's signature of our first commitment, with a low S",
      got: signature,
      note: 'signature',
    });
  if (faults.length > 0) return { state, faults };
  const commitments = countersigned(state, signature);
  return { state: signed({ ...state, commitments }, state.fundingTransaction), faults };
}
