import { describe, expect, it } from 'vitest';
import { toHex } from '../../../../src/core/bytes.ts';
import {
  addInput,
  addOutput,
  complete,
  receiveConstruction,
  removeInput,
  removeOutput,
} from '../../../../src/channel/state/interactive/construct.ts';
import {
  receiveTxSignatures,
  sendTxSignatures,
  signedTransaction,
  startSigning,
} from '../../../../src/channel/state/interactive/signatures.ts';
import { decodeWitness } from '../../../../src/channel/state/interactive/witness.ts';
import { ACCEPTER, OPENER, vector } from './appendix-g.ts';
import { APPENDIX_G, begin, constructed, play, whole } from './pair.ts';

describe('Appendix G', () => {
  it('is constructed by both sides', () => {
    const { initiator, other } = whole();
    for (const state of [initiator, other]) {
      const { transaction, output_index, feeSat } = constructed(state);
      expect(toHex(transaction.raw)).toBe(vector.unsigned);
      expect(output_index).toBe(2);
      expect(feeSat).toBe(255n);
    }
  });

  it('is signed, by the lesser node first', () => {
    const { initiator, other } = whole();
    const stack = (witness_data: Uint8Array) => decodeWitness(witness_data) ?? [];
    const first = sendTxSignatures(startSigning(constructed(initiator)), [stack(OPENER.witness_data)]);
    expect(first.broadcast).toEqual([]);
    expect(first.send).toMatchObject([
      { name: 'tx_signatures', fields: { witnesses: [{ witness_data: OPENER.witness_data }] } },
    ]);
    const waiting = startSigning(constructed(other));
    expect(() => sendTxSignatures(waiting, [stack(ACCEPTER.witness_data)])).toThrow(/not to be sent yet/);
    const heard = receiveTxSignatures(waiting, first.state.signatures.local!);
    expect(heard.faults).toEqual([]);
    const second = sendTxSignatures(heard.state, [stack(ACCEPTER.witness_data)]);
    const answered = receiveTxSignatures(first.state, second.state.signatures.local!);
    expect(answered.faults).toEqual([]);
    for (const transaction of [signedTransaction(second.state)!, signedTransaction(answered.state)!])
      expect(toHex(transaction.raw)).toBe(vector.signed);
  });
});

it('takes back what is removed, and what comes after a tx_complete', () => {
  const { input, change } = OPENER;
  const pair = play(begin(), [
    (state) => addInput(state, { ...input, serial_id: 2n, prevtx_vout: 2 }),
    complete,
    (state) => addOutput(state, { ...change, serial_id: 2n }),
    complete,
    (state) => removeInput(state, 2n),
    complete,
    (state) => removeOutput(state, 2n),
    complete,
    ...APPENDIX_G,
    complete,
  ]);
  expect(toHex(constructed(pair.initiator).transaction.raw)).toBe(vector.unsigned);
  expect(constructed(pair.other).transaction).toEqual(constructed(pair.initiator).transaction);
});

it('does not change with a fault', () => {
  const { other } = begin();
  if (other.name !== 'constructing') throw new Error('unexpected');
  const { state, faults } = receiveConstruction(other, {
    name: 'tx_remove_input',
    fields: { channel_id: other.agreement.channel_id, serial_id: 2n },
  });
  expect(state).toBe(other);
  expect(faults).toHaveLength(1);
});
