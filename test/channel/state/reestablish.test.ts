import { describe, expect, it } from 'vitest';
import { channelSecrets } from '../../../src/channel/keys/channel-secrets.ts';
import { perCommitmentSecret } from '../../../src/channel/keys/per-commitment-secret.ts';
import { owed } from '../../../src/channel/state/owed.ts';
import {
  disconnected,
  receiveReestablish,
  reestablish,
  resend,
} from '../../../src/channel/state/reestablish.ts';
import type { Message } from '../../../src/channel/state/step.ts';
import { expectAgreement, fee, type Name, newHtlc, Pair, peerOf } from './pair.ts';

const NAMES = ['alice', 'bob'] as const satisfies readonly Name[];
type Fields = Message<'channel_reestablish'>['fields'];

const secretOf = (name: Name, commitmentNumber: bigint): Uint8Array =>
  perCommitmentSecret(channelSecrets(new Uint8Array(32).fill(7), name).shachainSeed, commitmentNumber);

/** Both are at commitment 2. */
function atTwo(): Pair {
  const pair = new Pair();
  for (const feerate of [1100, 1200]) {
    pair.offer('alice', fee(feerate));
    pair.settle();
  }
  return pair;
}

/** What `name` makes of its peer's greeting, edited. */
function greeted(pair: Pair, name: Name, edit: (fields: Fields) => Fields) {
  const before = disconnected(pair.states[name]);
  const { fields } = reestablish(disconnected(pair.states[peerOf(name)]));
  const { state, faults, ...rest } = receiveReestablish(before, edit(fields));
  if (faults.length > 0) expect(state).toBe(before);
  return { ...rest, state, requirements: faults.map(({ requirement }) => requirement) };
}

const namesOf = (messages: readonly Message[]): readonly string[] => messages.map(({ name }) => name);

describe('our channel_reestablish', () => {
  it('starts at 1 and 0, with no secret', () => {
    const pair = new Pair();
    const { fields } = reestablish(pair.states.alice);
    expect(fields).toMatchObject({ next_commitment_number: 1n, next_revocation_number: 0n, tlvs: {} });
    expect(fields.your_last_per_commitment_secret).toEqual(new Uint8Array(32));
  });

  it('tells what came: the last signature, the last revocation', () => {
    const pair = atTwo();
    const { fields } = reestablish(pair.states.alice);
    expect(fields).toMatchObject({ next_commitment_number: 3n, next_revocation_number: 2n });
    expect(fields.your_last_per_commitment_secret).toEqual(secretOf('bob', 1n));
    pair.offer('alice', fee(1300));
    pair.do('alice', 'commit');
    // A signature that was sent leaves what is expected as it was.
    expect(reestablish(pair.states.alice).fields).toEqual(fields);
  });
});

describe.each(NAMES)('channel_reestablish that %s gets', (name) => {
  it.each<readonly [string, readonly string[], (fields: Fields) => Fields]>([
    ['is right', [], (fields) => fields],
    ['expects commitment 0', ['bolt02-reestablish-11'], (f) => ({ ...f, next_commitment_number: 0n })],
    ['forgot a commitment', ['bolt02-reestablish-11'], (f) => ({ ...f, next_commitment_number: 2n })],
    ['skips a commitment', ['bolt02-reestablish-11'], (f) => ({ ...f, next_commitment_number: 4n })],
    [
      'expects a revocation of long ago',
      ['bolt02-reestablish-12'],
      (f) => ({
        ...f,
        next_revocation_number: 0n,
        your_last_per_commitment_secret: new Uint8Array(32),
      }),
    ],
    [
      'expects a later revocation, and cannot prove it',
      ['bolt02-reestablish-12', 'bolt02-reestablish-15'],
      (f) => ({ ...f, next_revocation_number: 3n }),
    ],
    [
      'expects a revocation beyond all numbers',
      ['bolt02-reestablish-12', 'bolt02-reestablish-15'],
      (f) => ({ ...f, next_revocation_number: (1n << 48n) + 1n }),
    ],
    [
      'has another secret',
      ['bolt02-reestablish-15'],
      (f) => ({ ...f, your_last_per_commitment_secret: new Uint8Array(32).fill(1) }),
    ],
    [
      'has a point that is none',
      ['bolt02-reestablish-13'],
      (f) => ({ ...f, my_current_per_commitment_point: new Uint8Array(33) }),
    ],
  ])('%s', (_, expected, edit) => {
    const { requirements, fellBehind } = greeted(atTwo(), name, edit);
    expect(requirements).toEqual(expected);
    expect(fellBehind).toBe(false);
  });

  it('has a secret where none was given', () => {
    const your_last_per_commitment_secret = new Uint8Array(32).fill(1);
    const { requirements } = greeted(new Pair(), name, (f) => ({ ...f, your_last_per_commitment_secret }));
    expect(requirements).toEqual(['bolt02-reestablish-14']);
  });

  it('proves that we fell behind', () => {
    const { requirements, fellBehind } = greeted(atTwo(), name, (f) => ({
      ...f,
      next_commitment_number: 5n,
      next_revocation_number: 4n,
      your_last_per_commitment_secret: secretOf(name, 3n),
    }));
    expect(fellBehind).toBe(true);
    expect(requirements).toEqual([]);
  });

  it('comes from a state before: it fell behind itself', () => {
    const old = reestablish(new Pair().states[peerOf(name)]);
    const { requirements, fellBehind } = greeted(atTwo(), name, () => old.fields);
    expect(requirements).toEqual(['bolt02-reestablish-11', 'bolt02-reestablish-12']);
    expect(fellBehind).toBe(false);
  });

  it('asks for the last revocation though it cannot have missed it: it is sent again', () => {
    const { state, requirements } = greeted(atTwo(), name, (f) => ({
      ...f,
      next_revocation_number: 1n,
      your_last_per_commitment_secret: secretOf(name, 0n),
    }));
    expect(requirements).toEqual([]);
    expect(owed(state)).toEqual(['resend']);
    const { send } = resend(state);
    expect(send).toMatchObject([{ name: 'revoke_and_ack' }]);
    expect(send[0]).toMatchObject({ fields: { per_commitment_secret: secretOf(name, 1n) } });
  });

  it('has channel_ready sent again only before a second commitment', () => {
    expect(greeted(new Pair(), name, (f) => f).repeatsChannelReady).toBe(true);
    expect(greeted(atTwo(), name, (f) => f).repeatsChannelReady).toBe(false);
  });
});

describe('what is sent again', () => {
  it('nothing where nothing was lost', () => {
    const pair = atTwo();
    expect(pair.reconnect()).toEqual([]);
    expect(owed(pair.states.alice)).toEqual([]);
    expect(owed(pair.states.bob)).toEqual([]);
  });

  it('an update only with the commitment_signed that has it', () => {
    const pair = atTwo();
    pair.offer('alice', newHtlc(0, 5_000_000n));
    pair.do('alice', 'commit');
    pair.offer('alice', newHtlc(1, 6_000_000n));
    expect(pair.reconnect()).toEqual([]);
    expect(owed(pair.states.alice)).toEqual(['resend']);
    expect(namesOf(pair.do('alice', 'resend'))).toEqual(['update_add_htlc', 'commitment_signed']);
    pair.settle();
    expectAgreement(pair.states);
    expect(pair.states.bob.ledger.htlcs).toMatchObject([{ add: { id: 0n } }]);
    // The one that was forgotten leaves its id to the next.
    pair.offer('alice', newHtlc(2, 7_000_000n));
    expect(pair.hear('bob')).toEqual([]);
  });

  it.each([
    ['commit', 'revoke'],
    ['revoke', 'commit'],
  ] as const)('first %s, then %s: again in that order', (...commands) => {
    const pair = atTwo();
    pair.offer('bob', newHtlc(0, 5_000_000n));
    pair.do('bob', 'commit');
    for (let n = 0; n < 2; n++) pair.hear('alice');
    pair.offer('alice', newHtlc(1, 6_000_000n));
    const sent = commands.flatMap((command) => pair.do('alice', command));
    expect(pair.reconnect()).toEqual([]);
    const again = pair.do('alice', 'resend');
    // The very same messages: signatures are deterministic.
    expect(again.filter(({ name }) => name !== 'update_add_htlc')).toEqual(sent);
    expect(namesOf(again)).toEqual(
      commands[0] === 'commit'
        ? ['update_add_htlc', 'commitment_signed', 'revoke_and_ack']
        : ['update_add_htlc', 'revoke_and_ack', 'commitment_signed'],
    );
    pair.settle();
    expectAgreement(pair.states);
  });

  it('the revocation alone where the signature came', () => {
    const pair = atTwo();
    pair.offer('bob', newHtlc(0, 5_000_000n));
    pair.do('bob', 'commit');
    for (let n = 0; n < 2; n++) pair.hear('alice');
    pair.offer('alice', newHtlc(1, 6_000_000n));
    pair.do('alice', 'commit');
    for (let n = 0; n < 2; n++) pair.hear('bob');
    pair.do('alice', 'revoke');
    expect(pair.reconnect()).toEqual([]);
    expect(namesOf(pair.do('alice', 'resend'))).toEqual(['revoke_and_ack']);
    pair.settle();
    expectAgreement(pair.states);
  });

  it('a batch as a whole', () => {
    const pair = new Pair({ fundings: 2 });
    pair.offer('alice', fee(1300));
    pair.do('alice', 'commit');
    expect(pair.reconnect()).toEqual([]);
    expect(namesOf(pair.do('alice', 'resend'))).toEqual([
      'update_fee',
      'start_batch',
      'commitment_signed',
      'commitment_signed',
    ]);
    pair.settle();
    expectAgreement(pair.states);
  });
});

describe('commands out of turn are our own fault', () => {
  const refused = (code: string): unknown => expect.objectContaining({ code, blame: 'harness' });
  it('nothing new is sent before what was lost', () => {
    const pair = atTwo();
    pair.offer('alice', fee(1300));
    pair.do('alice', 'commit');
    pair.reconnect();
    const offerAgain = (): void => {
      pair.offer('alice', fee(1400));
    };
    expect(offerAgain).toThrow(refused('channel.send-missing-first'));
    expect(() => pair.do('alice', 'commit')).toThrow(refused('channel.send-missing-first'));
    expect(() => pair.do('alice', 'revoke')).toThrow(refused('channel.send-missing-first'));
  });

  it.each([
    ['commit', 'channel.cannot-commit'],
    ['revoke', 'channel.nothing-to-revoke'],
    ['resend', 'channel.nothing-to-resend'],
  ] as const)('%s where there is nothing to do', (command, code) => {
    expect(() => atTwo().do('alice', command)).toThrow(refused(code));
  });
});
