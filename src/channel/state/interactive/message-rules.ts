import { fromDisplayHash } from '../../../bitcoin/hash.ts';
import { outpoint, parseTransaction, type Transaction } from '../../../bitcoin/transaction.ts';
import { equalBytes } from '../../../core/bytes.ts';
import { BoltgridError } from '../../../core/error.ts';
import type { RequirementId } from '../../../spec/requirement.ts';
import type { Bolts } from '../../../wire/bolts.ts';
import type { MessageFields } from '../../../wire/types.ts';
import type { Fault } from '../step.ts';
import type { Side } from '../update.ts';
import type { Constructing, ConstructionMessage } from './states.ts';

/** What BOLT 2 forbids in each message of the construction, whoever sends it. That `tx_complete` is right: see complete-rules.ts. */

export type AddInput = MessageFields<Bolts, 'tx_add_input'>;
type AddOutput = MessageFields<Bolts, 'tx_add_output'>;

/** BIP 125: from here on an input does not allow a replacement. */
const LAST_SEQUENCE = 0xffff_fffd;
const MOST_MESSAGES = 4096;
const MAX_MONEY_SAT = 2_100_000_000_000_000n;

export function messageFaults(state: Constructing, sender: Side, message: ConstructionMessage): Fault[] {
  if (state.turn !== sender)
    return [
      {
        // BOLT 2 says in its overview only that turns are taken.
        requirement: 'bolt02-tx-complete-01',
        expected: "the other side's message: the protocol is turn-based",
        got: message.name,
      },
    ];
  switch (message.name) {
    case 'tx_add_input':
      return inputFaults(state, sender, message.fields);
    case 'tx_add_output':
      return outputFaults(state, sender, message.fields);
    case 'tx_remove_input':
      return removalFaults(state.inputs, sender, message.fields.serial_id);
    case 'tx_remove_output':
      return removalFaults(state.outputs, sender, message.fields.serial_id);
    case 'tx_complete':
      return [];
  }
}

function inputFaults(state: Constructing, sender: Side, fields: AddInput): Fault[] {
  const { serial_id, sequence, prevtx } = fields;
  const isInitiator = state.agreement.initiator === sender;
  const faults = serialFaults(state.inputs, isInitiator, serial_id, {
    taken: 'bolt02-tx-add-input-02',
    parity: isInitiator ? 'bolt02-tx-add-input-05' : 'bolt02-tx-add-input-06',
  });
  if (sequence > LAST_SEQUENCE)
    faults.push({
      requirement: 'bolt02-tx-add-input-03',
      expected: `sequence of at most ${LAST_SEQUENCE}`,
      got: sequence,
    });
  if (state.added[sender].inputs >= MOST_MESSAGES)
    faults.push({
      requirement: 'bolt02-tx-add-input-18',
      expected: `at most ${MOST_MESSAGES} tx_add_input`,
      got: 'one more',
    });
  const isShared = prevtx.length === 0 || fields.tlvs.shared_input_txid !== undefined;
  return [...faults, ...(isShared ? sharedFaults(state, fields) : prevtxFaults(state, sender, fields))];
}

function sharedFaults({ agreement, inputs }: Constructing, { tlvs, prevtx, prevtx_vout }: AddInput): Fault[] {
  const txid = tlvs.shared_input_txid?.funding_txid;
  const funding = agreement.sharedInput?.funding;
  const note = 'shared_input_txid';
  if (!txid)
    return [
      { requirement: 'bolt02-tx-add-input-09', expected: 'prevtx, or this record', got: undefined, note },
    ];
  if (!funding)
    return [{ requirement: 'bolt02-tx-add-input-10', expected: 'no previous funding', got: txid, note }];
  const faults: Fault[] = [];
  if (!equalBytes(txid, fromDisplayHash(funding.txid)))
    faults.push({ requirement: 'bolt02-splice-tx-add-input-01', expected: funding.txid, got: txid, note });
  if (prevtx.length > 0)
    faults.push({
      requirement: 'bolt02-splice-tx-add-input-02',
      expected: 'no bytes',
      got: prevtx,
      note: 'prevtx',
    });
  if (prevtx_vout !== funding.output_index)
    faults.push({
      requirement: 'bolt02-splice-tx-add-input-03',
      expected: funding.output_index,
      got: prevtx_vout,
      note: 'prevtx_vout',
    });
  if (inputs.some((input) => input.isShared))
    faults.push({
      requirement: 'bolt02-tx-add-input-11',
      expected: 'one shared input',
      got: 'another',
      note,
    });
  return faults;
}

function prevtxFaults({ inputs }: Constructing, sender: Side, { prevtx, prevtx_vout }: AddInput): Fault[] {
  const transaction = parsed(prevtx);
  if (!transaction)
    return [
      { requirement: 'bolt02-tx-add-input-13', expected: 'a valid transaction', got: prevtx, note: 'prevtx' },
    ];
  const { outputs, txid } = transaction;
  const spent = outputs[prevtx_vout];
  const note = 'prevtx_vout';
  if (!spent)
    return [
      {
        requirement: 'bolt02-tx-add-input-14',
        expected: `an index below ${outputs.length}`,
        got: prevtx_vout,
        note,
      },
    ];
  const faults: Fault[] = [];
  if (!isWitnessProgram(spent.script))
    faults.push({
      requirement: 'bolt02-tx-add-input-15',
      expected: 'a witness program',
      got: spent.script,
      note,
    });
  const key = outpoint({ txid, vout: prevtx_vout });
  const same = inputs.find((input) => outpoint(input) === key);
  if (same)
    faults.push({
      requirement: same.addedBy === sender ? 'bolt02-tx-add-input-12' : 'bolt02-tx-add-input-04',
      expected: 'an output that no input spends yet',
      got: key,
    });
  return faults;
}

function outputFaults(state: Constructing, sender: Side, { serial_id, sats }: AddOutput): Fault[] {
  const { initiator, dust_limit_satoshis } = state.agreement;
  const faults = serialFaults(state.outputs, initiator === sender, serial_id, {
    taken: 'bolt02-tx-add-output-08',
    parity: initiator === sender ? 'bolt02-tx-add-output-03' : 'bolt02-tx-add-output-04',
  });
  if (state.added[sender].outputs >= MOST_MESSAGES)
    faults.push({
      requirement: 'bolt02-tx-add-output-10',
      expected: `at most ${MOST_MESSAGES} tx_add_output`,
      got: 'one more',
    });
  if (sats < dust_limit_satoshis)
    faults.push({
      requirement: 'bolt02-tx-add-output-11',
      expected: `sats of at least ${dust_limit_satoshis}`,
      got: sats,
    });
  if (sats > MAX_MONEY_SAT)
    faults.push({
      requirement: 'bolt02-tx-add-output-12',
      expected: `sats of at most ${MAX_MONEY_SAT}`,
      got: sats,
    });
  return faults;
}

interface Part {
  readonly serial_id: bigint;
  readonly addedBy: Side;
}

function serialFaults(
  parts: readonly Part[],
  isInitiator: boolean,
  serial_id: bigint,
  requirements: { readonly taken: RequirementId; readonly parity: RequirementId },
): Fault[] {
  const faults: Fault[] = [];
  const note = 'serial_id';
  if (parts.some((part) => part.serial_id === serial_id))
    faults.push({ requirement: requirements.taken, expected: 'one not in use', got: serial_id, note });
  if ((serial_id % 2n === 0n) !== isInitiator)
    faults.push({
      requirement: requirements.parity,
      expected: isInitiator ? 'an even one' : 'an odd one',
      got: serial_id,
      note,
    });
  return faults;
}

const removalFaults = (parts: readonly Part[], sender: Side, serial_id: bigint): Fault[] =>
  parts.some((part) => part.serial_id === serial_id && part.addedBy === sender)
    ? []
    : [
        {
          requirement: 'bolt02-tx-remove-01',
          expected: 'one that its sender added, and has not removed',
          got: serial_id,
          note: 'serial_id',
        },
      ];

/** `undefined` where it is none. */
function parsed(prevtx: Uint8Array): Transaction | undefined {
  try {
    return parseTransaction(prevtx);
  } catch (error) {
    if (error instanceof BoltgridError && error.code === 'bitcoin.bad-transaction') return undefined;
    throw error;
  }
}

/** BIP 141. Version 0 programs of other lengths are ones too, though nobody can spend them. */
function isWitnessProgram(script: Uint8Array): boolean {
  const [version = 0xff, length] = script;
  return (
    (version === 0 || (version >= 0x51 && version <= 0x60)) &&
    script.length >= 4 &&
    script.length <= 42 &&
    length === script.length - 2
  );
}
