import { equalBytes } from '../../../core/bytes.ts';
import { isShutdownScript } from '../../transactions/shutdown-script.ts';
import type { Ledger } from '../ledger.ts';
import { unsignedFor } from '../ledger.ts';
import { assertRight } from '../right.ts';
import type { Fault, Message, Performed, Received } from '../step.ts';
import { otherSide, type Side, type UpdateName } from '../update.ts';
import type { ClosingScripts, ShutdownTerms } from './terms.ts';

type ShutdownFields = Message<'shutdown'>['fields'];

/** How far the initiation of a close has come (BOLT 2, Closing Initiation). */
export interface Shutdown {
  /** Where each side wants to be paid, by its last `shutdown` or `closing_complete`; none from a side that has sent neither. */
  readonly scriptpubkeys: Readonly<Partial<Record<Side, Uint8Array>>>;
  /** Whether the side has sent `shutdown` over this connection. */
  readonly isSent: Readonly<Record<Side, boolean>>;
}

/** What else of the channel the rules look at. */
export interface ShutdownConditions {
  readonly ledger: Ledger;
  /** Whether the side has sent `funding_created` or `funding_signed`, or what takes their place. */
  readonly hasSignedFunding: Readonly<Record<Side, boolean>>;
  /** A splice transaction is not locked yet. */
  readonly isSplicing: boolean;
}

export const noShutdown: Shutdown = { scriptpubkeys: {}, isSent: { local: false, remote: false } };

export function receiveShutdown(
  state: Shutdown,
  terms: ShutdownTerms,
  conditions: ShutdownConditions,
  { scriptpubkey }: ShutdownFields,
): Received<Shutdown> {
  const faults = shutdownFaults(state, terms, conditions, 'remote', scriptpubkey);
  return { state: faults.length > 0 ? state : withShutdown(state, 'remote', scriptpubkey), faults };
}

/** Throws `channel.wrong-message` (harness) where we may not send it. */
export function sendShutdown(
  state: Shutdown,
  terms: ShutdownTerms,
  conditions: ShutdownConditions,
  scriptpubkey: Uint8Array,
): Performed<Shutdown> {
  assertRight('shutdown', shutdownFaults(state, terms, conditions, 'local', scriptpubkey));
  const { channel_id } = terms.terms;
  return {
    state: withShutdown(state, 'local', scriptpubkey),
    send: [{ name: 'shutdown', fields: { channel_id, scriptpubkey } }],
    broadcast: [],
  };
}

/** A connection was lost: what was sent has to be sent again (BOLT 2, Message Retransmission). */
export const shutdownReconnected = ({ scriptpubkeys }: Shutdown): Shutdown => ({
  ...noShutdown,
  scriptpubkeys,
});

/**
 * Why we owe a `shutdown`: we sent one before the connection was lost, or the peer did, and has no update of ours to sign. With the
 * requirement that says so.
 */
export function owedShutdown(
  { scriptpubkeys, isSent }: Shutdown,
  { ledger }: ShutdownConditions,
): 'bolt02-reestablish-49' | 'bolt02-shutdown-14' | undefined {
  if (isSent.local || unsignedFor(ledger, 'remote').length > 0) return undefined;
  if (scriptpubkeys.local) return 'bolt02-reestablish-49';
  return isSent.remote ? 'bolt02-shutdown-14' : undefined;
}

/** The scripts with which the negotiation goes on: both sides have sent `shutdown` over this connection, and nothing is left in the way. */
export function negotiationScripts(
  { scriptpubkeys, isSent }: Shutdown,
  ledger: Ledger,
): ClosingScripts | undefined {
  const { local, remote } = scriptpubkeys;
  return isSent.local && isSent.remote && local && remote && isCleared(ledger)
    ? { local, remote }
    : undefined;
}

/** A message of the negotiation came when `negotiationScripts` has none. */
export function prematureFault(
  { scriptpubkeys, isSent }: Shutdown,
  name: 'closing_signed' | 'closing_complete',
): Fault {
  const isAwaitedAgain = scriptpubkeys.remote !== undefined && !isSent.remote;
  const negotiation = name === 'closing_signed' ? 'bolt02-closing-signed-01' : 'bolt02-closing-complete-01';
  return {
    requirement: isAwaitedAgain ? 'bolt02-reestablish-49' : negotiation,
    expected: 'shutdown of both sides, and no HTLC in either commitment',
    got: name,
  };
}

/**
 * Faults of an update that `by` sent. `knewCleared` says whether it knew then that both have sent `shutdown`, and that no HTLC and no
 * `revoke_and_ack` was left: of the peer that is sure once it has sent a message of the negotiation.
 */
export function updateFaults(
  { scriptpubkeys }: Shutdown,
  by: Side,
  update: UpdateName,
  knewCleared: boolean,
): readonly Fault[] {
  if (scriptpubkeys[by] && update === 'update_add_htlc')
    return [
      { requirement: 'bolt02-shutdown-06', expected: 'no update_add_htlc after shutdown', got: update },
    ];
  if (scriptpubkeys[by] && knewCleared)
    return [
      { requirement: 'bolt02-shutdown-07', expected: 'no update once the channel is cleared', got: update },
    ];
  return [];
}

/** No HTLC is in either commitment, and no `revoke_and_ack` is owed. */
const isCleared = ({ htlcs, pending }: Ledger): boolean => htlcs.length === 0 && pending.length === 0;

const withShutdown = ({ scriptpubkeys, isSent }: Shutdown, by: Side, scriptpubkey: Uint8Array): Shutdown => ({
  scriptpubkeys: { ...scriptpubkeys, [by]: scriptpubkey },
  isSent: { ...isSent, [by]: true },
});

function shutdownFaults(
  { scriptpubkeys, isSent }: Shutdown,
  terms: ShutdownTerms,
  { ledger, hasSignedFunding, isSplicing }: ShutdownConditions,
  by: Side,
  scriptpubkey: Uint8Array,
): readonly Fault[] {
  const faults: Fault[] = [];
  const previous = scriptpubkeys[by];
  if (!hasSignedFunding[by])
    faults.push({
      requirement: 'bolt02-shutdown-01',
      expected: 'funding_created or funding_signed before shutdown',
      got: 'shutdown',
    });
  const unsigned = unsignedFor(ledger, otherSide(by));
  if (unsigned.length > 0)
    faults.push({
      requirement: 'bolt02-shutdown-03',
      expected: "no update pending on the receiver's commitment",
      got: unsigned.map(({ update }) => update.name),
    });
  if (isSent[by])
    faults.push({ requirement: 'bolt02-shutdown-04', expected: 'one shutdown', got: 'another shutdown' });
  else if (previous && !terms.features.option_simple_close && !equalBytes(previous, scriptpubkey))
    faults.push({
      requirement: 'bolt02-reestablish-49',
      expected: previous,
      got: scriptpubkey,
      note: 'scriptpubkey',
    });
  if (isSplicing)
    faults.push({
      requirement: 'bolt02-shutdown-05',
      expected: 'no splice that is not locked',
      got: 'shutdown',
    });
  return [...faults, ...scriptFaults(terms, by, scriptpubkey)];
}

function scriptFaults(
  { terms, features }: ShutdownTerms,
  by: Side,
  scriptpubkey: Uint8Array,
): readonly Fault[] {
  const faults: Fault[] = [];
  const upfront = terms[by].upfront_shutdown_script;
  if (upfront && upfront.length > 0 && !equalBytes(upfront, scriptpubkey))
    faults.push({ requirement: 'bolt02-shutdown-09', expected: upfront, got: scriptpubkey });
  if (!isShutdownScript(scriptpubkey, features))
    faults.push({ requirement: 'bolt02-shutdown-10', expected: 'a form of scriptpubkey', got: scriptpubkey });
  return faults;
}
