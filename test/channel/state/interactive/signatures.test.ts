import { describe, expect, it } from 'vitest';
import { p2wpkh } from '../../../../src/bitcoin/output.ts';
import { segwitV0Sighash } from '../../../../src/bitcoin/sighash.ts';
import { makeTransaction } from '../../../../src/bitcoin/transaction.ts';
import { verifySpends } from '../../../../src/bitcoin/verify.ts';
import { concat, EMPTY } from '../../../../src/core/bytes.ts';
import { defaultCrypto } from '../../../../src/crypto/crypto.ts';
import {
  addInput,
  addOutput,
  addSharedInput,
  addSharedOutput,
  complete,
} from '../../../../src/channel/state/interactive/construct.ts';
import {
  ownInputs,
  receiveTxSignatures,
  resendTxSignatures,
  sendTxSignatures,
  signedTransaction,
  signsFirst,
  startSigning,
  type TxSignatures,
} from '../../../../src/channel/state/interactive/signatures.ts';
import type { Agreement, Constructed } from '../../../../src/channel/state/interactive/states.ts';
import { decodeWitness, encodeWitness } from '../../../../src/channel/state/interactive/witness.ts';
import { witnessSignature } from '../../../../src/channel/transactions/funding-spend.ts';
import { fundingScript } from '../../../../src/channel/transactions/scripts.ts';
import { ACCEPTER, agreementOf, OPENER } from './appendix-g.ts';
import { begin, constructed, play, whole } from './pair.ts';

const { curve } = defaultCrypto;

/** The stack of a P2WPKH input. */
function spend(of: Constructed, index: number, key: Uint8Array, flag = 1): readonly Uint8Array[] {
  const pubkey = curve.publicKey(key);
  const script = concat(Uint8Array.of(0x76, 0xa9), p2wpkh(pubkey).subarray(1), Uint8Array.of(0x88, 0xac));
  const { amountSat } = of.inputs[index]!.spent;
  return [
    witnessSignature(curve.sign(segwitV0Sighash(of.transaction, index, script, amountSat, flag), key), flag),
    pubkey,
  ];
}

const requirements = (faults: readonly { readonly requirement: string }[]) =>
  faults.map(({ requirement }) => requirement);

describe('Appendix G', () => {
  const openers = () => startSigning(constructed(whole().initiator));
  const accepters = () => startSigning(constructed(whole().other));
  const first = () => sendTxSignatures(openers(), [decodeWitness(OPENER.witness_data)!]).state;
  const right = (): TxSignatures => first().signatures.local!;

  it.each<readonly [string, (fields: TxSignatures) => Partial<TxSignatures>]>([
    ['bolt02-tx-signatures-07', () => ({ txid: new Uint8Array(32) })],
    ['bolt02-tx-signatures-03', () => ({ witnesses: [] })],
    ['bolt02-tx-signatures-03', ({ witnesses }) => ({ witnesses: [...witnesses, ...witnesses] })],
    ['bolt02-tx-signatures-05', () => ({ witnesses: [{ witness_data: EMPTY }] })],
    ['bolt02-tx-signatures-05', () => ({ witnesses: [{ witness_data: encodeWitness([]) }] })],
    ['bolt02-tx-signatures-08', () => ({ witnesses: [{ witness_data: Uint8Array.of(1) }] })],
    ['bolt02-tx-signatures-08', () => ({ witnesses: [{ witness_data: ACCEPTER.witness_data }] })],
  ])('finds %s', (requirement, edit) => {
    const state = accepters();
    const received = receiveTxSignatures(state, { ...right(), ...edit(right()) });
    expect(requirements(received.faults)).toEqual([requirement]);
    expect(received.state).toBe(state);
  });

  it('finds the other flags, and the wrong order', () => {
    const stack = decodeWitness(ACCEPTER.witness_data)!;
    const flagged = [Uint8Array.of(...stack[0]!.subarray(0, -1), 0x81), ...stack.slice(1)];
    const { txid } = right();
    const answer = { txid, witnesses: [{ witness_data: encodeWitness(flagged) }], tlvs: {} };
    expect(requirements(receiveTxSignatures(first(), answer).faults)).toEqual(['bolt02-tx-signatures-04']);
    const good = { ...answer, witnesses: [{ witness_data: ACCEPTER.witness_data }] };
    expect(requirements(receiveTxSignatures(openers(), good).faults)).toEqual(['bolt02-tx-signatures-01']);
  });

  it('sends nothing wrong, and the same again', () => {
    expect(() => sendTxSignatures(openers(), [])).toThrow(/breaks bolt02-tx-signatures-03/);
    const state = first();
    expect(resendTxSignatures(state)).toMatchObject([{ name: 'tx_signatures', fields: right() }]);
    expect(resendTxSignatures(openers())).toEqual([]);
    expect(() => sendTxSignatures(state, [])).toThrow(/are sent/);
  });
});

describe('a splice', () => {
  const [a, b, coin] = [21, 22, 23].map((byte) => new Uint8Array(32).fill(byte)) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  const pubkeys = [curve.publicKey(a), curve.publicKey(b)] as const;
  const funding = {
    txid: 'ef'.repeat(32),
    output_index: 3,
    funding_satoshis: 1_000_000n,
    funding_pubkeys: pubkeys,
  };
  const wallet = makeTransaction({
    version: 2,
    inputs: [{ txid: 'cd'.repeat(32), vout: 0, scriptSig: EMPTY, sequence: 0, witness: [] }],
    outputs: [{ amountSat: 500_000n, script: p2wpkh(curve.publicKey(coin)) }],
    lockTime: 0,
  });
  const terms = (own: Uint8Array, other: Uint8Array): Partial<Agreement> => ({
    sharedInput: {
      funding,
      local_funding_privkey: own,
      remote_funding_pubkey: curve.publicKey(other),
    },
    sharedOutput: { amountSat: 1_200_000n, script: fundingScript(pubkeys) },
  });
  const spliced = () =>
    play(
      begin(
        { ...terms(a, b), contributions: { local: -100_000n, remote: 300_000n } },
        { ...terms(b, a), contributions: { local: 300_000n, remote: -100_000n } },
      ),
      [
        (state) => addSharedInput(state, { serial_id: 6n, sequence: 0 }),
        (state) => addInput(state, { serial_id: 1n, prevtx: wallet.raw, prevtx_vout: 0, sequence: 1 }),
        (state) => addSharedOutput(state, 8n),
        (state) => addOutput(state, { ...ACCEPTER.change, sats: 199_000n }),
        (state) => addOutput(state, { ...OPENER.change, sats: 99_000n }),
        complete,
        complete,
      ],
    );

  it('is signed by the side whose tx_add_input are worth less, and then by the other', () => {
    const { initiator, other } = spliced();
    const [initiators, others] = [constructed(initiator), constructed(other)];
    expect([signsFirst(initiators), signsFirst(others)]).toEqual(['remote', 'local']);
    expect(ownInputs(initiators)).toEqual([]);
    const [input] = ownInputs(others);
    expect(input).toMatchObject({ index: 0, vout: 0, txid: wallet.txid });
    const first = sendTxSignatures(startSigning(others), [spend(others, 0, coin)]);
    const heard = receiveTxSignatures(startSigning(initiators), first.state.signatures.local!);
    expect(heard.faults).toEqual([]);
    const second = sendTxSignatures(heard.state, []);
    const answered = receiveTxSignatures(first.state, second.state.signatures.local!);
    expect(answered.faults).toEqual([]);
    const transaction = signedTransaction(second.state)!;
    expect(signedTransaction(answered.state)).toEqual(transaction);
    expect(
      verifySpends(
        transaction,
        initiators.inputs.map(({ spent }) => spent),
      ),
    ).toBeUndefined();
    const { transaction: unsigned } = others;
    expect([unsigned.txid, initiators.feeSat]).toEqual([transaction.txid, 2000n]);
  });

  it.each([
    ['none', {}],
    ['a wrong one', { shared_input_signature: { signature: new Uint8Array(64).fill(1) } }],
  ])('needs the signature of the funding output: %s', (_, tlvs) => {
    const { initiator, other } = spliced();
    const others = constructed(other);
    const { state } = sendTxSignatures(startSigning(others), [spend(others, 0, coin)]);
    const { faults } = receiveTxSignatures(startSigning(constructed(initiator)), {
      ...state.signatures.local!,
      tlvs,
    });
    expect(requirements(faults)).toEqual(['bolt02-splice-tx-signatures-01']);
  });
});

it('gives equal sides an order by their node_id', () => {
  expect(agreementOf('local').node_ids.local).not.toEqual(agreementOf('remote').node_ids.local);
  expect(signsFirst(constructed(whole().initiator))).toBe('local');
  expect(signsFirst(constructed(whole().other))).toBe('remote');
});
