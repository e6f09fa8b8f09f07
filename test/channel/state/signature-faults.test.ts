import { describe, expect, it } from 'vitest';
import { receiveCommitmentSigned, startBatchFaults } from '../../../src/channel/state/commitment-signed.ts';
import { commitmentOf, revokedCommitmentOf } from '../../../src/channel/state/commitments.ts';
import { receiveRevokeAndAck } from '../../../src/channel/state/revoke.ts';
import { perCommitmentPoint, perCommitmentSecret } from '../../../src/channel/keys/per-commitment-secret.ts';
import { channelSecrets } from '../../../src/channel/keys/channel-secrets.ts';
import { equalBytes } from '../../../src/core/bytes.ts';
import type { Message } from '../../../src/channel/state/step.ts';
import { fee, fulfill, newHtlc, type Name, Pair, peerOf, type PairOptions } from './pair.ts';

const NAMES = ['alice', 'bob'] as const satisfies readonly Name[];
type Signed = Message<'commitment_signed'>['fields'];
type Signatures = [Signed, ...Signed[]];

/** Updates are signed for `name`, who has not heard it yet. */
function signedFor(name: Name, options: PairOptions = {}): { pair: Pair; messages: Signatures } {
  const pair = new Pair(options);
  const peer = peerOf(name);
  for (const n of [0, 1]) {
    pair.offer(peer, newHtlc(n, 20_000_000n));
    expect(pair.hear(name)).toEqual([]);
  }
  const messages = pair
    .do(peer, 'commit')
    .flatMap((each) => (each.name === 'commitment_signed' ? [each.fields] : []));
  return { pair, messages: messages as Signatures };
}

const judge = (pair: Pair, name: Name, messages: Signatures): readonly string[] => {
  const before = pair.states[name];
  const { state, faults } = receiveCommitmentSigned(before, messages);
  if (faults.length > 0) expect(state).toBe(before);
  return faults.map(({ requirement }) => requirement);
};

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
/** The same signature with the other S. */
function highS(signature: Uint8Array): Uint8Array {
  const s = BigInt(`0x${Buffer.from(signature.subarray(32)).toString('hex')}`);
  const high = (ORDER - s).toString(16).padStart(64, '0');
  return Uint8Array.from([...signature.subarray(0, 32), ...Buffer.from(high, 'hex')]);
}
const broken = (signature: Uint8Array): Uint8Array => signature.with(5, signature[5]! ^ 1);

describe.each(NAMES)('commitment_signed that %s gets', (name) => {
  it.each<readonly [string, readonly string[], (signed: Signed) => Signed]>([
    ['is right', [], (signed) => signed],
    ['names no funding', [], (signed) => ({ ...signed, tlvs: {} })],
    [
      'names another funding',
      ['bolt02-commitment-signed-05'],
      (signed) => ({ ...signed, tlvs: { funding_txid: { funding_txid: new Uint8Array(32) } } }),
    ],
    [
      'has a wrong signature',
      ['bolt02-commitment-signed-12'],
      (signed) => ({ ...signed, signature: broken(signed.signature) }),
    ],
    [
      'has a high S',
      ['bolt02-commitment-signed-12'],
      (signed) => ({ ...signed, signature: highS(signed.signature) }),
    ],
    [
      'has a wrong signature for an HTLC',
      ['bolt02-commitment-signed-14'],
      (signed) => ({
        ...signed,
        htlc_signature: [signed.htlc_signature[0]!, broken(signed.htlc_signature[1]!)],
      }),
    ],
    [
      'has a high S for an HTLC',
      ['bolt02-commitment-signed-14'],
      (signed) => ({
        ...signed,
        htlc_signature: [highS(signed.htlc_signature[0]!), signed.htlc_signature[1]!],
      }),
    ],
    [
      'has the signatures for HTLCs in another order',
      ['bolt02-commitment-signed-14', 'bolt02-commitment-signed-14'],
      (signed) => ({ ...signed, htlc_signature: [...signed.htlc_signature].reverse() }),
    ],
    [
      'has one signature for an HTLC too few',
      ['bolt02-commitment-signed-04'],
      (signed) => ({ ...signed, htlc_signature: signed.htlc_signature.slice(1) }),
    ],
    [
      'has one signature for an HTLC too many',
      ['bolt02-commitment-signed-04'],
      (signed) => ({ ...signed, htlc_signature: [...signed.htlc_signature, signed.signature] }),
    ],
  ])('%s', (_, expected, edit) => {
    const { pair, messages } = signedFor(name);
    expect(judge(pair, name, [edit(messages[0])])).toEqual(expected);
  });

  it('signs no update', () => {
    const { messages } = signedFor(name);
    expect(judge(new Pair(), name, messages)).toEqual(['bolt02-commitment-signed-01']);
  });

  it('comes before the commitment before it is revoked', () => {
    const { pair, messages } = signedFor(name);
    expect(pair.hear(name)).toEqual([]);
    pair.offer(peerOf(name), newHtlc(2, 5_000_000n));
    expect(pair.hear(name)).toEqual([]);
    expect(judge(pair, name, messages)).toEqual(['bolt02-commitment-signed-12']);
  });

  it.each<readonly [string, readonly string[], (messages: Signatures) => Signatures]>([
    ['is right', [], (all) => all],
    ['comes in another order', [], ([a, b]) => [b!, a]],
    ['comes alone', ['bolt02-commitment-signed-07'], ([a]) => [a]],
    ['misses the current funding', ['bolt02-commitment-signed-08'], ([, b]) => [b!, b!]],
    ['misses the splice', ['bolt02-commitment-signed-09'], ([a]) => [a, a]],
    ['has one without funding', ['bolt02-commitment-signed-10'], ([a, b]) => [{ ...a, tlvs: {} }, b!]],
    [
      'has a wrong signature for the splice',
      ['bolt02-commitment-signed-12'],
      ([a, b]) => [a, { ...b!, signature: a.signature }],
    ],
  ])('in a batch: %s', (_, expected, edit) => {
    const { pair, messages } = signedFor(name, { fundings: 2 });
    expect(messages).toHaveLength(2);
    expect(judge(pair, name, edit(messages))).toEqual(expected);
  });

  it('in a batch: those for fundings that are not live are ignored', () => {
    const { pair, messages } = signedFor(name, { fundings: 2 });
    const [first] = pair.states[name].fundings;
    pair.states[name] = { ...pair.states[name], fundings: [first] };
    expect(judge(pair, name, messages)).toEqual([]);
  });
});

it.each<readonly [readonly string[], number, number | undefined]>([
  [[], 2, 132],
  [[], 20, 132],
  [['bolt02-batching-01'], 1, 132],
  [['bolt02-batching-02'], 21, 132],
  [['bolt02-batching-03'], 2, 133],
  [['bolt02-batching-03'], 2, undefined],
])('start_batch: %j for batch_size %s and message_type %s', (expected, batch_size, type) => {
  const tlvs = type === undefined ? {} : { message_type: { message_type: type } };
  expect(startBatchFaults({ batch_size, tlvs }).map(({ requirement }) => requirement)).toEqual(expected);
});

describe.each(NAMES)('revoke_and_ack that %s gets', (name) => {
  const peer = peerOf(name);
  const secretsOf = channelSecrets(new Uint8Array(32).fill(7), peer).shachainSeed;

  /** The peer has revoked its commitment `number`, and the message is on the way. */
  function revoked(number: number): { pair: Pair; fields: Message<'revoke_and_ack'>['fields'] } {
    const pair = new Pair();
    for (let n = 0; n < number; n++) {
      pair.offer('alice', fee(1001 + n));
      pair.settle();
    }
    pair.offer('alice', fee(2000));
    return { pair, fields: revocationFrom(pair) };
  }

  /** On until the peer's own revocation comes. */
  function revocationFrom(pair: Pair): Message<'revoke_and_ack'>['fields'] {
    for (let n = 0; n < 20; n++) {
      const [first] = pair.inbox[name];
      if (first?.name === 'revoke_and_ack') return first.fields;
      for (const who of [peer, name]) {
        if (pair.inbox[name][0]?.name === 'revoke_and_ack') break;
        pair.hear(who);
        pair.doOwed(who);
      }
    }
    throw new Error('no revocation came');
  }

  const judgeRevocation = (pair: Pair, fields: Message<'revoke_and_ack'>['fields']): readonly string[] => {
    const before = pair.states[name];
    const { state, faults } = receiveRevokeAndAck(before, fields);
    if (faults.length > 0) expect(state).toBe(before);
    return faults.map(({ requirement }) => requirement);
  };

  it('is right, has another secret, or a point that is none', () => {
    const { pair, fields } = revoked(0);
    expect(equalBytes(fields.per_commitment_secret, perCommitmentSecret(secretsOf, 0n))).toBe(true);
    expect(judgeRevocation(pair, fields)).toEqual([]);
    for (const secret of [
      perCommitmentSecret(secretsOf, 1n),
      new Uint8Array(32),
      new Uint8Array(32).fill(0xff),
    ])
      expect(judgeRevocation(pair, { ...fields, per_commitment_secret: secret })).toEqual([
        'bolt02-revoke-and-ack-01',
      ]);
    const next_per_commitment_point = new Uint8Array(33).fill(2, 0, 1).fill(0xff, 1);
    expect(judgeRevocation(pair, { ...fields, next_per_commitment_point })).toEqual([
      'bolt02-revoke-and-ack-02',
    ]);
  });

  it('comes when nothing is to be revoked', () => {
    const { fields } = revoked(0);
    expect(judgeRevocation(new Pair(), fields)).toEqual(['bolt02-revoke-and-ack-01']);
  });

  it('has a secret from which those before do not derive', () => {
    const { pair } = revoked(1);
    // The peer chose its point freely: of the secret that it shows, but outside of BOLT 3's chain.
    const secret = new Uint8Array(32).fill(0x33);
    const { state, fields } = { state: pair.states[name], fields: revocationFrom(pair) };
    pair.states[name] = {
      ...state,
      remotePoints: { ...state.remotePoints, previous: perCommitmentPoint(secret) },
    };
    const edited = { ...fields, per_commitment_secret: secret };
    expect(judgeRevocation(pair, edited)).toEqual(['bolt02-revoke-and-ack-05']);
  });
});

const txidOfBob = ({ states: { bob } }: Pair): string =>
  commitmentOf(bob, 'local', 'latest', bob.fundings[0]).transaction.txid;

it('a commitment that the peer has revoked can be built again, with the secret to punish it', () => {
  const pair = new Pair();
  const txids: string[] = [];
  const remember = (): void => {
    const { unrevoked, numbers, fundings } = pair.states.alice;
    expect(unrevoked.remote).toBe(false);
    expect(revokedCommitmentOf(pair.states.alice, numbers.remote, fundings[0])).toBeUndefined();
    txids[Number(pair.states.bob.numbers.local)] = txidOfBob(pair);
  };
  remember();
  pair.offer('alice', newHtlc(0, 20_000_000n));
  pair.settle();
  remember();
  pair.offer('bob', fulfill(0n, 0));
  pair.settle();
  const { alice } = pair.states;
  for (const [number, txid] of txids.entries()) {
    const revoked = revokedCommitmentOf(alice, BigInt(number), alice.fundings[0])!;
    expect(revoked.commitment.transaction.txid).toBe(txid);
    expect(perCommitmentPoint(revoked.per_commitment_secret)).toEqual(
      revoked.commitment.parameters.keys.per_commitment_point,
    );
  }
});
