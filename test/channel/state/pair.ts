import { expect } from 'vitest';
import { verifySpends } from '../../../src/bitcoin/verify.ts';
import { basepointsOf, channelSecrets } from '../../../src/channel/keys/channel-secrets.ts';
import { fundingSecret } from '../../../src/channel/keys/channel-secrets.ts';
import { commit } from '../../../src/channel/state/commit.ts';
import { receiveCommitmentSigned } from '../../../src/channel/state/commitment-signed.ts';
import {
  commitmentOf,
  type Commitments,
  localPoint,
  openCommitments,
  withSecondPoint,
} from '../../../src/channel/state/commitments.ts';
import type { LiveFunding } from '../../../src/channel/state/live-funding.ts';
import { type Owed, owed } from '../../../src/channel/state/owed.ts';
import {
  disconnected,
  receiveReestablish,
  reestablish,
  resend,
} from '../../../src/channel/state/reestablish.ts';
import { receiveRevokeAndAck, revoke } from '../../../src/channel/state/revoke.ts';
import type { Fault, Message, Performed, Received } from '../../../src/channel/state/step.ts';
import type { ChannelTerms, SideTerms } from '../../../src/channel/state/terms.ts';
import { otherSide, type Side } from '../../../src/channel/state/update.ts';
import { type NewUpdate, offerUpdate, receiveUpdate } from '../../../src/channel/state/updates.ts';
import { fundingScript, paymentHash } from '../../../src/channel/transactions/scripts.ts';
import { completeCommitment, signCommitment } from '../../../src/channel/transactions/signatures.ts';
import type { CommitmentFormat } from '../../../src/channel/transactions/types.ts';
import { defaultCrypto } from '../../../src/crypto/crypto.ts';

/** Two sides of a channel, each `local` to itself. The first has opened it. */
export type Name = 'alice' | 'bob';

export const peerOf = (name: Name): Name => (name === 'alice' ? 'bob' : 'alice');

export interface PairOptions {
  readonly format?: CommitmentFormat;
  readonly feerate_per_kw?: number;
  readonly aliceSat?: bigint;
  readonly bobSat?: bigint;
  /** How many fundings are live. */
  readonly fundings?: number;
  readonly alice?: Partial<SideTerms>;
  readonly bob?: Partial<SideTerms>;
}

const SEED = new Uint8Array(32).fill(7);
const CHANNEL_ID = new Uint8Array(32).fill(0xc1);

export const preimageOf = (n: number): Uint8Array => new Uint8Array(32).fill(n + 1);

export const newHtlc = (n: number, amount_msat: bigint, cltv_expiry = 500): NewUpdate => ({
  name: 'update_add_htlc',
  fields: {
    amount_msat,
    payment_hash: paymentHash(preimageOf(n)),
    cltv_expiry,
    onion_routing_packet: new Uint8Array(1366),
    tlvs: {},
  },
});
export const fulfill = (id: bigint, n: number): NewUpdate => ({
  name: 'update_fulfill_htlc',
  fields: { id, payment_preimage: preimageOf(n), tlvs: {} },
});
export const fail = (id: bigint): NewUpdate => ({
  name: 'update_fail_htlc',
  fields: { id, reason: new Uint8Array(1), tlvs: {} },
});
export const malformed = (id: bigint): NewUpdate => ({
  name: 'update_fail_malformed_htlc',
  fields: { id, sha256_of_onion: new Uint8Array(32), failure_code: 0x8000 | 4 },
});
export const fee = (feerate_per_kw: number): NewUpdate => ({
  name: 'update_fee',
  fields: { feerate_per_kw },
});

const publicKey = (key: Uint8Array): Uint8Array => defaultCrypto.curve.publicKey(key);

const sideTerms = (name: Name, given: Partial<SideTerms> = {}): SideTerms => {
  const secrets = channelSecrets(SEED, name);
  return {
    ...basepointsOf(secrets),
    funding_pubkey: publicKey(secrets.funding),
    dust_limit_satoshis: name === 'alice' ? 354n : 546n,
    max_htlc_value_in_flight_msat: 1_000_000_000n,
    channel_reserve_satoshis: 10_000n,
    htlc_minimum_msat: 1n,
    to_self_delay: name === 'alice' ? 144 : 720,
    max_accepted_htlcs: 30,
    ...given,
  };
};

const termsOf = (name: Name, { format = 'option_anchors', ...given }: PairOptions): ChannelTerms => ({
  channel_id: CHANNEL_ID,
  opener: name === 'alice' ? 'local' : 'remote',
  format,
  channel_type: new Set(),
  announce: true,
  local: sideTerms(name, given[name]),
  remote: sideTerms(peerOf(name), given[peerOf(name)]),
  secrets: channelSecrets(SEED, name),
});

/** Later fundings are splices of Alice's, each with a little more. */
function liveFunding(name: Name, n: number, aliceSat: bigint, bobSat: bigint): LiveFunding {
  const more = BigInt(n) * 20_000n;
  const aliceMsat = (aliceSat + more) * 1000n;
  const bobMsat = bobSat * 1000n;
  const pubkeyOf = (of: Name): Uint8Array => publicKey(fundingSecret(SEED, of, n));
  return {
    funding: {
      txid: `${n + 1}${n + 1}`.repeat(32),
      output_index: n,
      funding_satoshis: aliceSat + bobSat + more,
      funding_pubkeys: [pubkeyOf('alice'), pubkeyOf('bob')],
    },
    shares: name === 'alice' ? { local: aliceMsat, remote: bobMsat } : { local: bobMsat, remote: aliceMsat },
    local_funding_privkey: fundingSecret(SEED, name, n),
    remote_funding_pubkey: pubkeyOf(peerOf(name)),
  };
}

/** One whose `channel_ready` has come. */
export function openedBy(name: Name, options: PairOptions = {}): Commitments {
  const { aliceSat = 700_000n, bobSat = 300_000n, feerate_per_kw = 1000, fundings = 1 } = options;
  const terms = termsOf(name, options);
  const remote = termsOf(peerOf(name), options);
  const first = liveFunding(name, 0, aliceSat, bobSat);
  const commitments = openCommitments({
    terms,
    funding: first,
    feerate_per_kw,
    remoteFirstPoint: localPoint(remote, 0n),
  });
  const splices = Array.from({ length: fundings - 1 }, (_, i) => liveFunding(name, i + 1, aliceSat, bobSat));
  return { ...withSecondPoint(commitments, localPoint(remote, 1n)), fundings: [first, ...splices] };
}

/** What the receiver of one message, or of one batch, makes of it. */
export function receive(commitments: Commitments, messages: readonly Message[]): Received<Commitments> {
  const [first] = messages;
  switch (first?.name) {
    case 'update_add_htlc':
    case 'update_fulfill_htlc':
    case 'update_fail_htlc':
    case 'update_fail_malformed_htlc':
    case 'update_fee':
      return receiveUpdate(commitments, first);
    case 'revoke_and_ack':
      return receiveRevokeAndAck(commitments, first.fields);
    case 'commitment_signed':
    case 'start_batch': {
      const [one, ...more] = messages.flatMap((each) =>
        each.name === 'commitment_signed' ? [each.fields] : [],
      );
      return receiveCommitmentSigned(commitments, [one!, ...more]);
    }
    default:
      throw new Error(`unexpected ${first?.name}`);
  }
}

export const perform = (commitments: Commitments, command: Owed): Performed<Commitments> =>
  ({ resend, revoke, commit })[command](commitments);

/** They speak over a connection that keeps the order, and loses what is on the way when it is lost. */
export class Pair {
  readonly states: Record<Name, Commitments>;
  readonly inbox: Record<Name, Message[]> = { alice: [], bob: [] };

  constructor(options: PairOptions = {}) {
    this.states = { alice: openedBy('alice', options), bob: openedBy('bob', options) };
  }

  offer(name: Name, update: NewUpdate): void {
    this.#do(name, offerUpdate(this.states[name], update));
  }

  do(name: Name, command: Owed): readonly Message[] {
    return this.#do(name, perform(this.states[name], command));
  }

  /** The first thing that is owed, if any. */
  doOwed(name: Name): void {
    const [command] = owed(this.states[name]);
    if (command) this.do(name, command);
  }

  hear(name: Name): readonly Fault[] {
    const inbox = this.inbox[name];
    const [first] = inbox;
    if (!first) return [];
    const count = first.name === 'start_batch' ? first.fields.batch_size + 1 : 1;
    const { state, faults } = receive(this.states[name], inbox.splice(0, count));
    this.states[name] = state;
    return faults;
  }

  /** What is on the way is lost; then both greet each other again. */
  reconnect(): readonly Fault[] {
    for (const name of ['alice', 'bob'] as const) {
      this.inbox[name] = [];
      this.states[name] = disconnected(this.states[name]);
    }
    const greetings = { alice: reestablish(this.states.alice), bob: reestablish(this.states.bob) };
    return (['alice', 'bob'] as const).flatMap((name) => {
      const result = receiveReestablish(this.states[name], greetings[peerOf(name)].fields);
      expect(result.fellBehind).toBe(false);
      this.states[name] = result.state;
      return result.faults;
    });
  }

  /** Until nothing is on the way, and nothing is owed. */
  settle(): void {
    const isBusy = (): boolean =>
      (['alice', 'bob'] as const).some(
        (name) => this.inbox[name].length > 0 || owed(this.states[name]).length > 0,
      );
    for (let round = 0; isBusy() && round < 500; round++)
      for (const name of ['alice', 'bob'] as const) {
        expect(this.hear(name)).toEqual([]);
        this.doOwed(name);
      }
  }

  #do(name: Name, { state, send }: Performed<Commitments>): readonly Message[] {
    this.states[name] = state;
    this.inbox[peerOf(name)].push(...send);
    return send;
  }
}

/** Whether bitcoind would take our latest commitment of every funding. */
export function expectBroadcastable(commitments: Commitments): void {
  for (const live of commitments.fundings) {
    if (!live.remoteSignatures) continue;
    const commitment = commitmentOf(commitments, 'local', 'latest', live);
    const tx = completeCommitment(commitment, {
      owner: signCommitment(commitment, live.local_funding_privkey),
      other: live.remoteSignatures.signature,
    });
    const { funding_satoshis, funding_pubkeys } = live.funding;
    const spent = [{ amountSat: funding_satoshis, script: fundingScript(funding_pubkeys) }];
    expect(verifySpends(tx, spent)).toBeUndefined();
  }
}

/** Both know the same latest commitments, and nothing is pending. */
export function expectAgreement({ alice, bob }: Record<Name, Commitments>): void {
  const both = [alice, bob] as const;
  for (const { ledger, unrevoked, sent } of both) {
    expect(ledger.pending).toEqual([]);
    expect(unrevoked).toEqual({ local: false, remote: false });
    expect(sent.filter(({ name }) => name !== 'revoke_and_ack')).toEqual([]);
  }
  for (const owner of ['local', 'remote'] as const satisfies Side[]) {
    expect(txids(alice, owner)).toEqual(txids(bob, otherSide(owner)));
    expect(alice.numbers[owner]).toBe(bob.numbers[otherSide(owner)]);
  }
}

const txids = (commitments: Commitments, owner: Side): readonly string[] =>
  commitments.fundings.map((live) => commitmentOf(commitments, owner, 'latest', live).transaction.txid);
