import { fromDisplayHash } from '../../../bitcoin/hash.ts';
import { makeTransaction, parseTransaction, type Transaction } from '../../../bitcoin/transaction.ts';
import { EMPTY } from '../../../core/bytes.ts';
import { BoltgridError } from '../../../core/error.ts';
import { fundingScript } from '../../transactions/scripts.ts';
import { assertRight } from '../right.ts';
import type { Fault, Performed, Received } from '../step.ts';
import { otherSide, type Side } from '../update.ts';
import { completeFaults, fundingOutputs, totalFeeSat } from './complete-rules.ts';
import { type AddInput, messageFaults } from './message-rules.ts';
import type { AddedInput, Agreement, Constructed, Constructing, ConstructionMessage } from './states.ts';

/** Interactive Transaction Construction (BOLT 2): the same for channels that open, their fee bumps, and splices. */

const NOTHING_ADDED = { inputs: 0, outputs: 0 } as const;

/** The initiator begins. */
export const construct = (agreement: Agreement): Constructing => ({
  name: 'constructing',
  agreement,
  inputs: [],
  outputs: [],
  turn: agreement.initiator,
  isCompleted: false,
  added: { local: NOTHING_ADDED, remote: NOTHING_ADDED },
});

/**
 * Whichever message of the construction comes. One that is the second `tx_complete` in succession concludes it: then the remote's
 * share is judged. Throws `channel.wrong-message` (harness) where ours would be wrong.
 */
export function receiveConstruction(
  state: Constructing,
  message: ConstructionMessage,
): Received<Constructing | Constructed> {
  const faults = messageFaults(state, 'remote', message);
  if (faults.length > 0) return { state, faults };
  const { next, faults: found } = applied(state, 'remote', message);
  return found.length > 0 ? { state, faults: found } : { state: next, faults: [] };
}

/** What a message of ours came to. */
export interface Constructs extends Performed<Constructing | Constructed> {
  /**
   * What is wrong in the remote's share, whose `tx_complete` our own would make the second in succession: then it is not sent, and the
   * negotiation is to be failed.
   */
  readonly faults: readonly Fault[];
}

/** Sends a message of the construction, which must be right. */
function sendConstruction(state: Constructing, message: ConstructionMessage): Constructs {
  assertRight(message.name, messageFaults(state, 'local', message));
  const { next, faults } = applied(state, 'local', message);
  return faults.length > 0
    ? { state, send: [], broadcast: [], faults }
    : { state: next, send: [message], broadcast: [], faults };
}

type Parameters<K extends 'tx_add_input' | 'tx_add_output'> = Omit<
  Extract<ConstructionMessage, { readonly name: K }>['fields'],
  'channel_id' | 'tlvs'
>;

/** `prevtx` is the raw transaction whose output is spent. */
export const addInput = (state: Constructing, fields: Parameters<'tx_add_input'>): Constructs =>
  sendConstruction(state, {
    name: 'tx_add_input',
    fields: { channel_id: state.agreement.channel_id, ...fields, tlvs: {} },
  });

/** The funding output that a splice spends. Throws `channel.no-shared-input` (harness) where there is none. */
export function addSharedInput(
  state: Constructing,
  { serial_id, sequence }: Pick<AddInput, 'serial_id' | 'sequence'>,
): Constructs {
  const { channel_id } = state.agreement;
  const { txid, output_index } = sharedFunding(state.agreement);
  return sendConstruction(state, {
    name: 'tx_add_input',
    fields: {
      channel_id,
      serial_id,
      prevtx: EMPTY,
      prevtx_vout: output_index,
      sequence,
      tlvs: { shared_input_txid: { funding_txid: fromDisplayHash(txid) } },
    },
  });
}

export const addOutput = (state: Constructing, fields: Parameters<'tx_add_output'>): Constructs =>
  sendConstruction(state, {
    name: 'tx_add_output',
    fields: { channel_id: state.agreement.channel_id, ...fields },
  });

/** The new funding output, as it was agreed on. */
export const addSharedOutput = (state: Constructing, serial_id: bigint): Constructs => {
  const { amountSat, script } = state.agreement.sharedOutput;
  return addOutput(state, { serial_id, sats: amountSat, script });
};

export const removeInput = (state: Constructing, serial_id: bigint): Constructs =>
  sendConstruction(state, {
    name: 'tx_remove_input',
    fields: { channel_id: state.agreement.channel_id, serial_id },
  });

export const removeOutput = (state: Constructing, serial_id: bigint): Constructs =>
  sendConstruction(state, {
    name: 'tx_remove_output',
    fields: { channel_id: state.agreement.channel_id, serial_id },
  });

export const complete = (state: Constructing): Constructs =>
  sendConstruction(state, {
    name: 'tx_complete',
    fields: { channel_id: state.agreement.channel_id },
  });

interface Applied {
  readonly next: Constructing | Constructed;
  /** The remote's, when it concludes. */
  readonly faults: readonly Fault[];
}

/** The message has no faults of its own. */
function applied(state: Constructing, sender: Side, message: ConstructionMessage): Applied {
  const { inputs, outputs, added } = state;
  const next: Constructing = { ...state, turn: otherSide(sender), isCompleted: false };
  const counted = (what: 'inputs' | 'outputs') => ({
    ...added,
    [sender]: { ...added[sender], [what]: added[sender][what] + 1 },
  });
  const going = (changed: Partial<Constructing>): Applied => ({ next: { ...next, ...changed }, faults: [] });
  switch (message.name) {
    case 'tx_add_input': {
      const input = addedInput(state.agreement, sender, message.fields);
      return going({ inputs: [...inputs, input], added: counted('inputs') });
    }
    case 'tx_add_output': {
      const { serial_id, sats, script } = message.fields;
      const output = { serial_id, addedBy: sender, amountSat: sats, script };
      return going({ outputs: [...outputs, output], added: counted('outputs') });
    }
    case 'tx_remove_input':
      return going({ inputs: inputs.filter(({ serial_id }) => serial_id !== message.fields.serial_id) });
    case 'tx_remove_output':
      return going({ outputs: outputs.filter(({ serial_id }) => serial_id !== message.fields.serial_id) });
    case 'tx_complete':
      return state.isCompleted ? concluded(state) : going({ isCompleted: true });
  }
}

function addedInput(
  { sharedInput }: Agreement,
  addedBySide: Side,
  { serial_id, sequence, prevtx, prevtx_vout: vout }: AddInput,
): AddedInput {
  const common = { serial_id, addedBy: addedBySide, sequence, vout };
  if (prevtx.length === 0 && sharedInput) {
    const { txid, funding_satoshis, funding_pubkeys } = sharedInput.funding;
    const spent = { amountSat: funding_satoshis, script: fundingScript(funding_pubkeys) };
    return { ...common, txid, spent, isShared: true };
  }
  const { txid, outputs } = parseTransaction(prevtx);
  const spent = outputs[vout];
  if (!spent) throw new BoltgridError('channel.invariant', 'harness', `no output ${vout} in ${txid}`);
  return { ...common, txid, spent, isShared: false };
}

/** The remote's faults come first: what its share lacks may make ours look wrong. */
function concluded(state: Constructing): Applied {
  const faults = completeFaults(state, 'remote');
  if (faults.length > 0) return { next: state, faults };
  assertRight('tx_complete', completeFaults(state, 'local'));
  const { agreement } = state;
  const [inputs, outputs] = [bySerialId(state.inputs), bySerialId(state.outputs)];
  const [funding] = fundingOutputs(state);
  return {
    next: {
      name: 'constructed',
      agreement,
      inputs,
      outputs,
      transaction: unsigned(agreement, inputs, outputs),
      output_index: outputs.findIndex((output) => output === funding),
      feeSat: totalFeeSat(state),
    },
    faults: [],
  };
}

const unsigned = (
  { locktime }: Agreement,
  inputs: readonly AddedInput[],
  outputs: Constructed['outputs'],
): Transaction =>
  makeTransaction({
    version: 2,
    inputs: inputs.map(({ txid, vout, sequence }) => ({
      txid,
      vout,
      sequence,
      scriptSig: EMPTY,
      witness: [],
    })),
    outputs: outputs.map(({ amountSat, script }) => ({ amountSat, script })),
    lockTime: locktime,
  });

const bySerialId = <P extends { readonly serial_id: bigint }>(parts: readonly P[]): readonly P[] =>
  [...parts].sort((a, b) => (a.serial_id < b.serial_id ? -1 : 1));

function sharedFunding({ sharedInput }: Agreement) {
  if (sharedInput) return sharedInput.funding;
  throw new BoltgridError('channel.no-shared-input', 'harness', 'only a splice spends a funding output');
}
