import { displayHash, fromDisplayHash } from '../../../bitcoin/hash.ts';
import { outputScript } from '../../../bitcoin/output.ts';
import { makeTransaction, type Transaction } from '../../../bitcoin/transaction.ts';
import { verifyInput } from '../../../bitcoin/verify.ts';
import { toHex } from '../../../core/bytes.ts';
import { BoltgridError } from '../../../core/error.ts';
import type { Bolts } from '../../../wire/bolts.ts';
import type { MessageFields } from '../../../wire/types.ts';
import { assertRight } from '../right.ts';
import type { Fault, Message, Performed, Received } from '../step.ts';
import type { Side } from '../update.ts';
import { sharedWitness, signSharedInput, verifySharedInput } from './shared-input.ts';
import type { AddedInput, Constructed } from './states.ts';
import { addedBy } from './weights.ts';
import { decodeWitness, encodeWitness, otherFlag } from './witness.ts';

export type TxSignatures = Omit<MessageFields<Bolts, 'tx_signatures'>, 'channel_id'>;

/** A transaction that is constructed, and whose signatures are exchanged. */
export interface Signing {
  readonly constructed: Constructed;
  /** The `tx_signatures` of each side that has sent them. */
  readonly signatures: Readonly<Partial<Record<Side, TxSignatures>>>;
}

export const startSigning = (constructed: Constructed): Signing => ({ constructed, signatures: {} });

/** Who sends `tx_signatures` first: the side whose `tx_add_input`s are worth less, else the lesser node. */
export function signsFirst({ agreement, inputs }: Constructed): Side {
  const worth = (side: Side): bigint =>
    inputs.filter(addedBy(side)).reduce((sum, { spent }) => sum + spent.amountSat, 0n);
  const [local, remote] = [worth('local'), worth('remote')];
  if (local !== remote) return local < remote ? 'local' : 'remote';
  const { node_ids } = agreement;
  return toHex(node_ids.local) < toHex(node_ids.remote) ? 'local' : 'remote';
}

/** Whether our `tx_signatures` may go, as far as the order of both sides goes. */
export const isOurTurn = ({ constructed, signatures }: Signing): boolean =>
  !signatures.local && (signatures.remote !== undefined || signsFirst(constructed) === 'local');

/** Our own inputs, in the order in which `sendTxSignatures` takes their witnesses; `index` is that in the transaction. */
export const ownInputs = ({ inputs }: Constructed): readonly (AddedInput & { readonly index: number })[] =>
  inputs.flatMap((input, index) => (isSignedBy('local')(input) ? [{ ...input, index }] : []));

/**
 * Sends `tx_signatures` with the stacks of our inputs. If the remote's have come, `signedTransaction` is then to be broadcast. Throws
 * `channel.not-our-turn` (harness) where the remote signs first.
 */
export function sendTxSignatures(
  signing: Signing,
  witnesses: readonly (readonly Uint8Array[])[],
): Performed<Signing> {
  const { constructed, signatures } = signing;
  if (!isOurTurn(signing))
    throw new BoltgridError(
      'channel.not-our-turn',
      'harness',
      'tx_signatures of ours are sent, or not to be sent yet',
    );
  const own: TxSignatures = {
    txid: fromDisplayHash(constructed.transaction.txid),
    witnesses: witnesses.map((stack) => ({ witness_data: encodeWitness(stack) })),
    tlvs: constructed.agreement.sharedInput
      ? { shared_input_signature: { signature: signSharedInput(constructed) } }
      : {},
  };
  assertRight('tx_signatures', witnessFaults(constructed, 'local', own));
  const state: Signing = { constructed, signatures: { ...signatures, local: own } };
  return { state, send: resendTxSignatures(state), broadcast: [] };
}

/** What we have sent, once more. */
export const resendTxSignatures = ({ constructed, signatures: { local } }: Signing): readonly Message[] =>
  local
    ? [{ name: 'tx_signatures', fields: { channel_id: constructed.agreement.channel_id, ...local } }]
    : [];

/** `tx_signatures` that have come before count no more: after a reconnection they come again. */
export function receiveTxSignatures(signing: Signing, fields: TxSignatures): Received<Signing> {
  const { constructed, signatures } = signing;
  const faults = witnessFaults(constructed, 'remote', fields);
  if (!signatures.local && signsFirst(constructed) === 'local')
    faults.push({
      requirement: 'bolt02-tx-signatures-01',
      expected: 'our tx_signatures first: our inputs are worth less, or our node_id is the lesser',
      got: 'tx_signatures',
    });
  if (faults.length > 0) return { state: signing, faults };
  return { state: { constructed, signatures: { ...signatures, remote: fields } }, faults };
}

/** What can be broadcast, once both sides have signed. */
export function signedTransaction({ constructed, signatures }: Signing): Transaction | undefined {
  const { local, remote } = signatures;
  if (!local || !remote) return undefined;
  const stacks = { local: stacksOf(local), remote: stacksOf(remote) };
  const witnesses = constructed.inputs.map((input) => {
    if (!input.isShared) return stacks[input.addedBy].shift() ?? [];
    return sharedWitness(constructed, {
      local: sharedSignature(local),
      remote: sharedSignature(remote),
    });
  });
  return withWitnesses(constructed, witnesses);
}

const stacksOf = ({ witnesses }: TxSignatures): (readonly Uint8Array[])[] =>
  witnesses.map(({ witness_data }) => decodeWitness(witness_data) ?? []);

function sharedSignature({ tlvs }: TxSignatures): Uint8Array {
  const signature = tlvs.shared_input_signature?.signature;
  if (signature) return signature;
  throw new BoltgridError('channel.invariant', 'harness', 'a splice was signed without its shared input');
}

const withWitnesses = (
  { transaction }: Constructed,
  witnesses: readonly (readonly Uint8Array[])[],
): Transaction =>
  makeTransaction({
    ...transaction,
    inputs: transaction.inputs.map((input, i) => ({ ...input, witness: witnesses[i] ?? [] })),
  });

const isSignedBy =
  (side: Side) =>
  ({ addedBy: by, isShared }: AddedInput): boolean =>
    by === side && !isShared;

function witnessFaults(
  constructed: Constructed,
  sender: Side,
  { txid, witnesses, tlvs }: TxSignatures,
): Fault[] {
  const { transaction, inputs, agreement } = constructed;
  const faults: Fault[] = [];
  const got = displayHash(txid);
  if (got !== transaction.txid)
    faults.push({ requirement: 'bolt02-tx-signatures-07', expected: transaction.txid, got, note: 'txid' });
  if (agreement.sharedInput)
    faults.push(...sharedFaults(constructed, sender, tlvs.shared_input_signature?.signature));
  const count = inputs.filter(isSignedBy(sender)).length;
  if (witnesses.length !== count)
    return [
      ...faults,
      {
        requirement: 'bolt02-tx-signatures-03',
        expected: count,
        got: witnesses.length,
        note: 'num_witnesses',
      },
    ];
  return [...faults, ...stackFaults(constructed, sender, witnesses)];
}

function stackFaults(constructed: Constructed, sender: Side, witnesses: TxSignatures['witnesses']): Fault[] {
  const spent = constructed.inputs.map((input) => input.spent);
  const indices = constructed.inputs.flatMap((input, i) => (isSignedBy(sender)(input) ? [i] : []));
  return indices.flatMap((index, i): Fault[] => {
    const witness_data = witnesses[i]?.witness_data;
    const stack = witness_data && (witness_data.length === 0 ? [] : decodeWitness(witness_data));
    const script = spent[index]?.script;
    const note = `input ${index}`;
    if (!stack || !script)
      return [
        { requirement: 'bolt02-tx-signatures-08', expected: 'a witness stack', got: witness_data, note },
      ];
    if (stack.length === 0)
      return [{ requirement: 'bolt02-tx-signatures-05', expected: 'a witness', got: 'an empty one', note }];
    const flag = otherFlag(stack, outputScript(script).kind === 'witness_v1_taproot');
    if (flag !== undefined)
      return [{ requirement: 'bolt02-tx-signatures-04', expected: 'SIGHASH_ALL', got: flag, note }];
    const signed = withWitnesses(
      constructed,
      constructed.inputs.map((_, at) => (at === index ? stack : [])),
    );
    const failure = verifyInput(signed, index, spent);
    // Of a script that we cannot run nothing is said.
    if (!failure || failure.unsupported) return [];
    return [
      {
        requirement: 'bolt02-tx-signatures-08',
        expected: 'a witness that spends the output',
        got: failure.message,
        note,
      },
    ];
  });
}

function sharedFaults(constructed: Constructed, sender: Side, signature: Uint8Array | undefined): Fault[] {
  const note = 'shared_input_signature';
  if (!signature)
    return [{ requirement: 'bolt02-splice-tx-signatures-01', expected: 'a record', got: undefined, note }];
  if (verifySharedInput(constructed, sender, signature)) return [];
  return [
    {
      requirement: 'bolt02-splice-tx-signatures-01',
      expected: 'a signature for the previous funding output, with a low S',
      got: signature,
      note,
    },
  ];
}
