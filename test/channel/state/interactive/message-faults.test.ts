import { describe, expect, it } from 'vitest';
import { fromDisplayHash } from '../../../../src/bitcoin/hash.ts';
import { makeTransaction, parseTransaction } from '../../../../src/bitcoin/transaction.ts';
import { EMPTY } from '../../../../src/core/bytes.ts';
import {
  addInput,
  addOutput,
  complete,
  receiveConstruction,
} from '../../../../src/channel/state/interactive/construct.ts';
import type { ConstructionMessage } from '../../../../src/channel/state/interactive/states.ts';
import { ACCEPTER, agreementOf, CHANNEL_ID, OPENER, PREVTX } from './appendix-g.ts';
import { begin, constructing, type Move, otherRole, type Pair, play, type Role } from './pair.ts';

type Fields<N extends ConstructionMessage['name']> = Extract<ConstructionMessage, { name: N }>['fields'];

const channel_id = CHANNEL_ID;
/** The serial ids of a side: even ones are the initiator's. */
const own = { initiator: 50n, other: 51n };

const input = (role: Role, edit: Partial<Fields<'tx_add_input'>> = {}): ConstructionMessage => ({
  name: 'tx_add_input',
  fields: { channel_id, ...ACCEPTER.input, serial_id: own[role], tlvs: {}, ...edit },
});

const output = (role: Role, edit: Partial<Fields<'tx_add_output'>> = {}): ConstructionMessage => ({
  name: 'tx_add_output',
  fields: { channel_id, ...ACCEPTER.change, serial_id: own[role], ...edit },
});

const removal = (name: 'tx_remove_input' | 'tx_remove_output', serial_id: bigint): ConstructionMessage => ({
  name,
  fields: { channel_id, serial_id },
});

/** After an input and an output of each side it is the initiator's turn, or with one step more the other's. */
const STARTED: readonly Move[] = [
  (state) => addInput(state, { ...OPENER.input, serial_id: 50n + 2n }),
  (state) => addInput(state, { ...ACCEPTER.input, serial_id: 53n }),
  (state) => addOutput(state, { ...OPENER.change, serial_id: 52n }),
  (state) => addOutput(state, { ...ACCEPTER.change, serial_id: 53n }),
];

const started = (role: Role): Pair => play(begin(), role === 'initiator' ? STARTED : [...STARTED, complete]);

/** What the other side finds in a message of the role. */
const found = (pair: Pair, role: Role, message: ConstructionMessage): readonly string[] => {
  const before = constructing(pair[otherRole(role)]);
  const { state, faults } = receiveConstruction(before, message);
  if (faults.length > 0) expect(state).toBe(before);
  return faults.map(({ requirement }) => requirement);
};

const legacy = makeTransaction({
  version: 2,
  inputs: [],
  outputs: [{ amountSat: 10_000n, script: new Uint8Array(25).fill(0x76) }],
  lockTime: 0,
});
const fresh = makeTransaction({
  version: 2,
  inputs: [{ txid: 'ab'.repeat(32), vout: 0, scriptSig: EMPTY, sequence: 0, witness: [] }],
  outputs: [{ amountSat: 10_000n, script: ACCEPTER.change.script }, legacy.outputs[0]!],
  lockTime: 0,
}).raw;
const good = { prevtx: fresh, prevtx_vout: 0 };

describe.each(['initiator', 'other'] as const)('from the %s', (role) => {
  const wrongId = own[otherRole(role)];
  const [takenId, othersId] = role === 'initiator' ? [52n, 53n] : [53n, 52n];
  const [mine, theirs] = role === 'initiator' ? [0, 2] : [2, 0];

  it('finds nothing in messages that are right', () => {
    for (const message of [
      input(role, good),
      output(role),
      removal('tx_remove_input', takenId),
      removal('tx_remove_output', takenId),
    ])
      expect(found(started(role), role, message)).toEqual([]);
  });

  it.each<readonly [string, ConstructionMessage]>([
    ['bolt02-tx-add-input-02', input(role, { ...good, serial_id: takenId })],
    [
      role === 'initiator' ? 'bolt02-tx-add-input-05' : 'bolt02-tx-add-input-06',
      input(role, { ...good, serial_id: wrongId }),
    ],
    ['bolt02-tx-add-input-03', input(role, { ...good, sequence: 0xffff_fffe })],
    ['bolt02-tx-add-input-09', input(role, { prevtx: EMPTY })],
    [
      'bolt02-tx-add-input-10',
      input(role, { prevtx: EMPTY, tlvs: { shared_input_txid: { funding_txid: new Uint8Array(32) } } }),
    ],
    ['bolt02-tx-add-input-12', input(role, { prevtx_vout: mine })],
    ['bolt02-tx-add-input-04', input(role, { prevtx_vout: theirs })],
    ['bolt02-tx-add-input-13', input(role, { prevtx: PREVTX.subarray(1) })],
    ['bolt02-tx-add-input-14', input(role, { prevtx_vout: 5 })],
    ['bolt02-tx-add-input-15', input(role, { prevtx: fresh, prevtx_vout: 1 })],
    ['bolt02-tx-add-output-08', output(role, { serial_id: takenId })],
    [
      role === 'initiator' ? 'bolt02-tx-add-output-03' : 'bolt02-tx-add-output-04',
      output(role, { serial_id: wrongId }),
    ],
    ['bolt02-tx-add-output-11', output(role, { sats: 353n })],
    ['bolt02-tx-add-output-12', output(role, { sats: 2_100_000_000_000_001n })],
    ['bolt02-tx-remove-01', removal('tx_remove_input', othersId)],
    ['bolt02-tx-remove-01', removal('tx_remove_input', 60n)],
    ['bolt02-tx-remove-01', removal('tx_remove_output', othersId)],
    ['bolt02-tx-remove-01', removal('tx_remove_output', 61n)],
  ])('finds %s', (requirement, message) => {
    expect(found(started(role), role, message)).toEqual([requirement]);
  });

  it('takes no message out of turn', () => {
    expect(found(started(otherRole(role)), role, input(role, good))).toEqual(['bolt02-tx-complete-01']);
  });

  it('counts what was removed', () => {
    const pair = started(role);
    const state = constructing(pair[otherRole(role)]);
    const full = { ...state, added: { ...state.added, remote: { inputs: 4096, outputs: 4096 } } };
    const requirementsOf = (message: ConstructionMessage) =>
      receiveConstruction(full, message).faults.map(({ requirement }) => requirement);
    expect(requirementsOf(input(role, good))).toEqual(['bolt02-tx-add-input-18']);
    expect(requirementsOf(output(role))).toEqual(['bolt02-tx-add-output-10']);
  });

  it('does not send what is wrong', () => {
    const state = constructing(started(role)[role]);
    expect(() => addOutput(state, { ...ACCEPTER.change, serial_id: wrongId })).toThrow(/breaks bolt02/);
  });
});

describe('a shared input', () => {
  const key = new Uint8Array(32).fill(5);
  const sharedInput = {
    funding: {
      txid: parseTransaction(fresh).txid,
      output_index: 1,
      funding_satoshis: 1000n,
      funding_pubkeys: [new Uint8Array(33), new Uint8Array(33)],
    },
    local_funding_privkey: key,
    remote_funding_pubkey: new Uint8Array(33),
  } as const;
  const funding_txid = fromDisplayHash(sharedInput.funding.txid);
  const shared = (edit: Partial<Fields<'tx_add_input'>> = {}) =>
    input('initiator', {
      prevtx: EMPTY,
      prevtx_vout: 1,
      tlvs: { shared_input_txid: { funding_txid } },
      ...edit,
    });
  const pair = () => begin({ ...agreementOf('local'), sharedInput }, { sharedInput });

  it.each<readonly [string, ConstructionMessage]>([
    [
      'bolt02-splice-tx-add-input-01',
      shared({ tlvs: { shared_input_txid: { funding_txid: new Uint8Array(32) } } }),
    ],
    ['bolt02-splice-tx-add-input-02', shared({ prevtx: fresh })],
    ['bolt02-splice-tx-add-input-03', shared({ prevtx_vout: 0 })],
    ['bolt02-tx-add-input-09', shared({ tlvs: {} })],
  ])('finds %s', (requirement, message) => {
    expect(found(pair(), 'initiator', message)).toEqual([requirement]);
  });

  it('is added once', () => {
    const { other } = pair();
    const once = receiveConstruction(constructing(other), shared()).state;
    const answered = complete(constructing(once)).state;
    const again = receiveConstruction(constructing(answered), shared({ serial_id: 54n }));
    expect(again.faults.map(({ requirement }) => requirement)).toEqual(['bolt02-tx-add-input-11']);
  });
});
