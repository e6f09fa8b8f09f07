import { p2wpkh } from '../../../../src/bitcoin/output.ts';
import { segwitV0Sighash, SIGHASH_ALL } from '../../../../src/bitcoin/sighash.ts';
import { makeTransaction, type Transaction } from '../../../../src/bitcoin/transaction.ts';
import {
  addInput,
  addOutput,
  addSharedOutput,
  complete,
  type Constructs,
} from '../../../../src/channel/state/interactive/construct.ts';
import { ownInputs, type TxSignatures } from '../../../../src/channel/state/interactive/signatures.ts';
import type { Constructing, ConstructionMessage } from '../../../../src/channel/state/interactive/states.ts';
import type { Negotiation } from '../../../../src/channel/state/open/negotiation.ts';
import {
  acceptChannel2,
  awaitOpenChannel2,
  openChannel2,
  receiveAcceptChannel2,
  receiveOpenChannel2,
} from '../../../../src/channel/state/open-v2/declare.ts';
import {
  receiveFirstCommitmentSigned,
  receiveFunding,
  receiveFundingSignatures,
  sendFunding,
  signCommitments,
  signFunding2,
} from '../../../../src/channel/state/open-v2/fund.ts';
import type {
  ConstructingFunding,
  DualFunded,
  SigningFunding,
} from '../../../../src/channel/state/open-v2/states.ts';
import { witnessSignature } from '../../../../src/channel/transactions/funding-spend.ts';
import { concat, EMPTY } from '../../../../src/core/bytes.ts';
import { defaultCrypto } from '../../../../src/crypto/crypto.ts';
import { FEATURES } from '../../../../src/wire/features.ts';
import { into, sent } from '../open/conversation.ts';
import { negotiation as without, secretsOf } from '../open/fixtures.ts';

/** Two engines that open a channel by version 2. The opener contributes 600,000 satoshis, the accepter 400,000. */

export type Role = 'opener' | 'accepter';
export type Both<S> = Readonly<Record<Role, S>>;
export const ROLES: readonly Role[] = ['opener', 'accepter'];
export const otherRole = (role: Role): Role => (role === 'opener' ? 'accepter' : 'opener');

const bits = new Set([...without.features.local, FEATURES.option_dual_fund.even + 1]);
export const negotiation: Negotiation = { ...without, features: { local: bits, remote: bits } };

const NODE_IDS = { opener: Uint8Array.of(2, 1), accepter: Uint8Array.of(2, 2) };
const { curve } = defaultCrypto;
const keyOf = {
  opener: new Uint8Array(32).fill(31),
  accepter: new Uint8Array(32).fill(32),
} as const;
const CONTRIBUTIONS = { opener: 600_000n, accepter: 400_000n } as const;
const COIN_SAT = 1_000_000n;
const MINIMUM_DEPTH = 3;

const opening = (role: Role) => ({
  negotiation,
  secrets: secretsOf[role],
  node_ids: { local: NODE_IDS[role], remote: NODE_IDS[otherRole(role)] },
});

export const awaiting = () => awaitOpenChannel2(opening('accepter'));
export const begin = () => openChannel2({ ...opening('opener'), funding_satoshis: CONTRIBUTIONS.opener });

export function heard() {
  const open = begin();
  const accepter = into(receiveOpenChannel2(awaiting(), sent(open, 'open_channel2')), 'has_open_channel2');
  return { opener: open.state, accepter };
}

export const accepted = () =>
  acceptChannel2(heard().accepter, {
    funding_satoshis: CONTRIBUTIONS.accepter,
    minimum_depth: MINIMUM_DEPTH,
  });

export function declared(): Both<ConstructingFunding> {
  const accept = accepted();
  const opener = receiveAcceptChannel2(heard().opener, sent(accept, 'accept_channel2'));
  return { opener: into(opener, 'constructing_funding'), accepter: accept.state };
}

/** A coin of each side. */
const walletOf = (role: Role): Transaction =>
  makeTransaction({
    version: 2,
    inputs: [{ txid: 'cd'.repeat(32), vout: 0, scriptSig: EMPTY, sequence: 0, witness: [] }],
    outputs: [{ amountSat: COIN_SAT, script: p2wpkh(curve.publicKey(keyOf[role])) }],
    lockTime: 0,
  });

type Move = (construction: Constructing) => Constructs;

/** `feeSat` is what each side pays. */
const movesOf = (initiator: Role, feeSat: bigint): readonly Move[] => {
  const spend =
    (role: Role, serial_id: bigint): Move =>
    (state) =>
      addInput(state, { serial_id, prevtx: walletOf(role).raw, prevtx_vout: 0, sequence: 0 });
  const keep =
    (role: Role, serial_id: bigint): Move =>
    (state) =>
      addOutput(state, {
        serial_id,
        sats: COIN_SAT - state.agreement.contributions.local - feeSat,
        script: p2wpkh(curve.publicKey(keyOf[role])),
      });
  const other = otherRole(initiator);
  return [
    spend(initiator, 2n),
    spend(other, 1n),
    keep(initiator, 4n),
    keep(other, 3n),
    (state) => addSharedOutput(state, 6n),
    complete,
    complete,
  ];
};

export function construct(
  pair: Both<ConstructingFunding>,
  initiator: Role = 'opener',
  feeSat = 2000n,
): Both<SigningFunding> {
  let now: Both<ConstructingFunding | SigningFunding> = pair;
  let role = initiator;
  for (const move of movesOf(initiator, feeSat)) {
    const { state, send, faults } = sendFunding(constructing(now[role]), move);
    const [message] = send;
    if (!message) throw new Error(faults.map((f) => f.requirement).join());
    const other = otherRole(role);
    const heardIt = receiveFunding(constructing(now[other]), message as ConstructionMessage);
    if (heardIt.faults.length > 0) throw new Error(heardIt.faults.map((f) => f.requirement).join());
    now = { ...now, [role]: state, [other]: heardIt.state };
    role = other;
  }
  return { opener: signing(now.opener), accepter: signing(now.accepter) };
}

function constructing(state: ConstructingFunding | SigningFunding): ConstructingFunding {
  if (state.name !== 'constructing_funding') throw new Error(state.name);
  return state;
}

export function signing(state: ConstructingFunding | SigningFunding | DualFunded): SigningFunding {
  if (state.name !== 'signing_funding') throw new Error(state.name);
  return state;
}

export function funded(state: SigningFunding | DualFunded): DualFunded {
  if (state.name !== 'dual_funded') throw new Error(state.name);
  return state;
}

/** Both have each other's commitment_signed. */
export function committed(pair = construct(declared())): Both<SigningFunding> {
  const [opener, accepter] = [signCommitments(pair.opener), signCommitments(pair.accepter)];
  return {
    opener: into(
      receiveFirstCommitmentSigned(opener.state, sent(accepter, 'commitment_signed')),
      'signing_funding',
    ),
    accepter: into(
      receiveFirstCommitmentSigned(accepter.state, sent(opener, 'commitment_signed')),
      'signing_funding',
    ),
  };
}

/** Of our P2WPKH input. */
export function stacks(role: Role, { signing: { constructed } }: SigningFunding) {
  return ownInputs(constructed).map(({ index, spent }) => {
    const key = keyOf[role];
    const pubkey = curve.publicKey(key);
    const script = concat(Uint8Array.of(0x76, 0xa9), p2wpkh(pubkey).subarray(1), Uint8Array.of(0x88, 0xac));
    const hash = segwitV0Sighash(constructed.transaction, index, script, spent.amountSat, SIGHASH_ALL);
    return [witnessSignature(curve.sign(hash, key), SIGHASH_ALL), pubkey];
  });
}

export const signaturesOf = (role: Role, state: SigningFunding) => signFunding2(state, stacks(role, state));

/** The first has sent `tx_signatures`, and the other has them. */
export function halfSigned(pair = committed()): {
  readonly opener: SigningFunding;
  readonly accepter: SigningFunding;
  readonly fields: TxSignatures;
} {
  // Equal coins, and the opener's node is the lesser one.
  const first = signaturesOf('opener', pair.opener);
  const fields = sent(first, 'tx_signatures');
  const accepter = into(receiveFundingSignatures(pair.accepter, fields), 'signing_funding');
  return { opener: signing(first.state), accepter, fields };
}

export function exchanged(pair = committed()): Both<DualFunded> {
  const half = halfSigned(pair);
  const second = signaturesOf('accepter', half.accepter);
  const opener = into(receiveFundingSignatures(half.opener, sent(second, 'tx_signatures')), 'dual_funded');
  return { opener, accepter: funded(second.state) };
}
