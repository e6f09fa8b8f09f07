import { expect } from 'vitest';
import { OP_TRUE_SCRIPT, OP_TRUE_WITNESS_SCRIPT, p2wpkh } from '../../../../src/bitcoin/output.ts';
import { makeTransaction } from '../../../../src/bitcoin/transaction.ts';
import { fundingSecret } from '../../../../src/channel/keys/channel-secrets.ts';
import {
  addInput,
  addOutput,
  addSharedInput,
  addSharedOutput,
  complete,
  type Constructs,
} from '../../../../src/channel/state/interactive/construct.ts';
import { ownInputs } from '../../../../src/channel/state/interactive/signatures.ts';
import type { Constructing } from '../../../../src/channel/state/interactive/states.ts';
import type { Commitments } from '../../../../src/channel/state/commitments.ts';
import { owed } from '../../../../src/channel/state/owed.ts';
import { noQuiescence, sendStfu } from '../../../../src/channel/state/quiescence.ts';
import { sendTxAbort } from '../../../../src/channel/state/splice/abort.ts';
import { sendSpliceConstruction } from '../../../../src/channel/state/splice/construction.ts';
import { sendSpliceLocked } from '../../../../src/channel/state/splice/locked.ts';
import { owedOfSplice } from '../../../../src/channel/state/splice/owed.ts';
import {
  sendSpliceAck,
  sendSpliceInit,
  sendTxAckRbf,
  sendTxInitRbf,
} from '../../../../src/channel/state/splice/request.ts';
import {
  receiveSpliceRecords,
  spliceDisconnected,
  spliceRecords,
} from '../../../../src/channel/state/splice/reestablish.ts';
import {
  resendSpliceTxSignatures,
  sendSpliceCommitmentSigned,
  sendSpliceTxSignatures,
} from '../../../../src/channel/state/splice/signing.ts';
import {
  noSplice,
  type SpliceConditions,
  type Splicing,
} from '../../../../src/channel/state/splice/states.ts';
import type { Fault, Message, Performed } from '../../../../src/channel/state/step.ts';
import { defaultCrypto } from '../../../../src/crypto/crypto.ts';
import { quiesceable, receiveMessages } from './receive.ts';
import { type Name, openedBy, type PairOptions, peerOf, perform } from '../pair.ts';

/** Alice and Bob as in ../pair.ts, who splice. */
export const NAMES = ['alice', 'bob'] as const satisfies readonly Name[];

const SEED = new Uint8Array(32).fill(7);
const nodeId = (name: Name): Uint8Array => defaultCrypto.curve.publicKey(fundingSecret(SEED, name, 99));

export const conditionsOf = (name: Name, given: Partial<SpliceConditions> = {}): SpliceConditions => ({
  features: { option_splice: true, option_zeroconf: false },
  node_ids: { local: nodeId(name), remote: nodeId(peerOf(name)) },
  isReady: { local: true, remote: true },
  hasShutdown: { local: false, remote: false },
  ...given,
});

export const keyOf = (name: Name, n = 1): Uint8Array => fundingSecret(SEED, name, n);

/** Pays `amountSat` to whoever spends it. */
export const coin = (amountSat: bigint): Uint8Array =>
  makeTransaction({
    version: 2,
    inputs: [{ txid: 'ab'.repeat(32), vout: 0, scriptSig: new Uint8Array(0), sequence: 0, witness: [] }],
    outputs: [{ amountSat, script: OP_TRUE_SCRIPT }],
    lockTime: Number(amountSat % 1000n),
  }).raw;

export const CHANGE_SCRIPT = p2wpkh(keyOf('alice', 50).subarray(0, 32));

export type Build = (construction: Constructing) => Constructs;

/** What a side adds, one message each, before `tx_complete`. */
export type Parts = readonly Build[];

export const shared: Parts = [
  (state) => addSharedInput(state, { serial_id: 0n, sequence: 0xffff_fffd }),
  (state) => addSharedOutput(state, 2n),
];
/** Even serial ids for the initiator, odd ones for the other. */
export const input =
  (serial_id: bigint, amountSat: bigint): Build =>
  (state) =>
    addInput(state, { serial_id, prevtx: coin(amountSat), prevtx_vout: 0, sequence: 0xffff_fffd });
export const output =
  (serial_id: bigint, sats: bigint): Build =>
  (state) =>
    addOutput(state, { serial_id, sats, script: CHANGE_SCRIPT });

export interface SplicePlan {
  readonly by?: Name;
  /** In satoshis. */
  readonly contributes?: bigint;
  readonly answers?: bigint;
  readonly feerate?: number;
  readonly parts?: Parts;
  readonly answerParts?: Parts;
}

export class SplicePair {
  readonly states: Record<Name, Splicing>;
  readonly inbox: Record<Name, Message[]> = { alice: [], bob: [] };
  conditions: Partial<SpliceConditions> = {};

  constructor(options: PairOptions = {}) {
    this.states = {
      alice: noSplice(openedBy('alice', options), noQuiescence),
      bob: noSplice(openedBy('bob', options), noQuiescence),
    };
  }

  conditionsOf(name: Name): SpliceConditions {
    return conditionsOf(name, this.conditions);
  }

  do(name: Name, step: (state: Splicing) => Performed<Splicing>): readonly Message[] {
    const { state, send } = step(this.states[name]);
    this.states[name] = state;
    this.inbox[peerOf(name)].push(...send);
    return send;
  }

  construct(name: Name, build: Build): readonly Fault[] {
    const { faults, ...performed } = sendSpliceConstruction(this.states[name], build);
    this.do(name, () => performed);
    return faults;
  }

  /** What `name` makes of a message that it is given, and goes on with. */
  take(name: Name, messages: readonly Message[]): readonly Fault[] {
    const before = this.states[name];
    const { state, faults } = receiveMessages(before, this.conditionsOf(name), messages);
    if (faults.length > 0) expect(state).toBe(before);
    this.states[name] = state;
    return faults;
  }

  /** All that is on the way to `name`, without faults. */
  hear(name: Name): void {
    const inbox = this.inbox[name];
    while (inbox[0]) {
      const count = inbox[0].name === 'start_batch' ? inbox[0].fields.batch_size + 1 : 1;
      expect(this.take(name, inbox.splice(0, count))).toEqual([]);
    }
  }

  hearBoth(): void {
    for (const name of NAMES) this.hear(name);
  }

  quiesce(by: Name): void {
    for (const name of [by, peerOf(by)]) {
      this.do(name, stfu);
      this.hear(peerOf(name));
    }
  }

  /** `splice_init` and `splice_ack`, or `tx_init_rbf` and `tx_ack_rbf`: the construction begins. */
  agree({ by = 'alice', contributes = 0n, answers = 0n, feerate = 1000 }: SplicePlan = {}): void {
    const peer = peerOf(by);
    this.quiesce(by);
    const isRbf = this.states[by].pending.length > 0;
    this.do(by, (state) =>
      isRbf
        ? sendTxInitRbf(state, this.conditionsOf(by), {
            funding_output_contribution: contributes,
            feerate,
            locktime: 0,
          })
        : sendSpliceInit(state, this.conditionsOf(by), {
            funding_contribution_satoshis: contributes,
            local_funding_privkey: keyOf(by),
            funding_feerate_perkw: feerate,
            locktime: 0,
          }),
    );
    this.hear(peer);
    this.do(peer, (state) =>
      isRbf
        ? sendTxAckRbf(state, this.conditionsOf(peer), { funding_output_contribution: answers })
        : sendSpliceAck(state, this.conditionsOf(peer), {
            funding_contribution_satoshis: answers,
            local_funding_privkey: keyOf(peer),
          }),
    );
    this.hear(by);
  }

  /** Both say all that they have to add, then `tx_complete`. */
  build({ by = 'alice', parts = [], answerParts = [] }: SplicePlan = {}): void {
    const peer = peerOf(by);
    const queues = { [by]: [...shared, ...parts], [peer]: [...answerParts] } as Record<Name, Build[]>;
    for (let turn = by; this.states[turn].negotiation?.name === 'constructing'; turn = peerOf(turn)) {
      expect(owedOfSplice(this.states[turn])).toEqual(['construction']);
      expect(this.construct(turn, queues[turn].shift() ?? complete)).toEqual([]);
      this.hear(peerOf(turn));
    }
  }

  commitBoth(): void {
    for (const name of NAMES) this.do(name, sendSpliceCommitmentSigned);
    this.hearBoth();
  }

  /** Updates, until all is committed. */
  settleUpdates(): void {
    for (let round = 0; round < 20; round++)
      for (const name of NAMES) {
        this.hear(name);
        const [command] = owed(this.states[name].commitments);
        if (command)
          this.do(
            name,
            onCommitments((commitments) => perform(commitments, command)),
          );
      }
  }

  /** What is on the way is lost; then both greet each other again. */
  reconnect(): void {
    for (const name of NAMES) {
      this.inbox[name] = [];
      this.states[name] = spliceDisconnected(this.states[name]);
    }
    const records = (name: Name) => spliceRecords(this.states[name], this.conditionsOf(name), false);
    const greetings = { alice: records('alice'), bob: records('bob') };
    for (const name of NAMES) {
      const greeting = greetings[peerOf(name)];
      const { state, faults } = receiveSpliceRecords(this.states[name], this.conditionsOf(name), greeting);
      expect(faults).toEqual([]);
      this.states[name] = state;
    }
  }

  /** All that is owed, until nothing is. */
  settle(): void {
    for (let round = 0; round < 20; round++)
      for (const name of NAMES) {
        this.hear(name);
        const [owed] = owedOfSplice(this.states[name]);
        if (owed === 'tx_abort') this.do(name, sendTxAbort);
        if (owed === 'commitment_signed') this.do(name, sendSpliceCommitmentSigned);
        if (owed === 'tx_signatures') this.do(name, signTx);
        if (owed === 'tx_signatures_again') this.do(name, resendSpliceTxSignatures);
      }
    for (const name of NAMES) expect(owedOfSplice(this.states[name])).toEqual([]);
  }

  splice(plan: SplicePlan = {}): void {
    this.agree(plan);
    this.build(plan);
    this.settle();
  }

  lock(name: Name, txid: string): void {
    this.do(name, (state) => sendSpliceLocked(state, txid));
    this.hear(peerOf(name));
  }
}

export const onCommitments =
  (step: (commitments: Commitments) => Performed<Commitments>) =>
  (state: Splicing): Performed<Splicing> => {
    const performed = step(state.commitments);
    return { ...performed, state: { ...state, commitments: performed.state } };
  };

export const stfu = (state: Splicing): Performed<Splicing> => {
  const performed = sendStfu(state.quiescence, quiesceable(state));
  return { ...performed, state: { ...state, quiescence: performed.state } };
};

export const signTx = (state: Splicing): Performed<Splicing> => {
  const { negotiation } = state;
  const own = negotiation?.name === 'signing' ? ownInputs(negotiation.construction.constructed) : [];
  return sendSpliceTxSignatures(
    state,
    own.map(() => [OP_TRUE_WITNESS_SCRIPT]),
  );
};
