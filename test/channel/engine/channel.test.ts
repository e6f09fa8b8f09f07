import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lost } from '../../../src/channel/engine/link.ts';
import { perform } from '../../../src/channel/engine/perform.ts';
import { removable } from '../../../src/channel/state/ledger.ts';
import type { Message } from '../../../src/channel/state/step.ts';
import type { NewUpdate } from '../../../src/channel/state/updates.ts';
import { paymentHash } from '../../../src/channel/transactions/scripts.ts';
import { isBoltgridError } from '../../../src/core/error.ts';
import { FEATURES } from '../../../src/wire/features.ts';
import { negotiation } from '../state/open/fixtures.ts';
import { type Name, otherOf, Talk } from './talk.ts';

const preimage = new Uint8Array(32).fill(9);

const add = (amount_msat = 10_000_000n): NewUpdate => ({
  name: 'update_add_htlc',
  fields: {
    amount_msat,
    payment_hash: paymentHash(preimage),
    cltv_expiry: 500,
    onion_routing_packet: new Uint8Array(1366),
    tlvs: {},
  },
});

const fulfill = (id: bigint): NewUpdate => ({
  name: 'update_fulfill_htlc',
  fields: { id, payment_preimage: preimage, tlvs: {} },
});

const numbersOf = (talk: Talk, name: Name) => talk.live(name).readying.commitments.numbers;

describe('a channel as one value', () => {
  it('opens, until both are ready and nothing is awaited', () => {
    const talk = Talk.ready();
    for (const name of ['opener', 'accepter'] as const)
      expect(talk.live(name).readying).toMatchObject({ name: 'open', isSent: true });
    expect(talk.awaited()).toEqual([]);
  });

  it('carries a payment to its end', () => {
    const talk = Talk.ready();
    talk.do('opener', { do: 'update', update: add() });
    talk.settle();
    talk.do('accepter', { do: 'update', update: fulfill(0n) });
    talk.settle();
    const { ledger } = talk.live('opener').readying.commitments;
    expect(ledger).toMatchObject({
      htlcs: [],
      pending: [],
      gainedMsat: { local: -10_000_000n, remote: 10_000_000n },
    });
  });

  it.each(['opener', 'accepter'] as const)(
    'closes when the %s asks for it, both with the same transaction',
    (name) => {
      const talk = Talk.ready();
      talk.do(name, { do: 'shutdown', scriptpubkey: Uint8Array.of(0, 20, ...new Uint8Array(20).fill(5)) });
      talk.settle();
      const [[ours], [theirs]] = [talk.live(name).closings, talk.live(otherOf(name)).closings];
      expect(ours?.txid).toBeDefined();
      expect(theirs?.txid).toBe(ours?.txid);
    },
  );

  it('closes twice with option_simple_close, each side at its own cost', () => {
    const bits = new Set([...negotiation.features.local, FEATURES.option_simple_close.even + 1]);
    const talk = Talk.ready({}, { ...negotiation, features: { local: bits, remote: bits } });
    talk.do('opener', { do: 'shutdown', scriptpubkey: Uint8Array.of(0, 20, ...new Uint8Array(20).fill(5)) });
    talk.settle();
    const txids = (name: Name) =>
      talk
        .live(name)
        .closings.map(({ txid }) => txid)
        .sort();
    expect(txids('opener')).toHaveLength(2);
    expect(txids('accepter')).toEqual(txids('opener'));
  });

  it('waits with the closing for an HTLC, also over a reconnection', () => {
    const talk = Talk.ready();
    talk.do('opener', { do: 'update', update: add() });
    talk.settle();
    talk.do('opener', { do: 'shutdown', scriptpubkey: Uint8Array.of(0, 20, ...new Uint8Array(20).fill(5)) });
    talk.settle();
    talk.reconnect();
    talk.settle();
    expect(talk.live('accepter').closings).toEqual([]);
    talk.do('accepter', { do: 'update', update: fulfill(0n) });
    talk.settle();
    expect(talk.live('accepter').closings).toHaveLength(1);
  });

  it('is forgotten when the connection is lost before the first commitments', () => {
    const talk = new Talk();
    talk.hear('accepter');
    expect(lost(talk.channels.opener)).toBeUndefined();
    expect(lost(talk.channels.accepter)).toBeUndefined();
  });

  it('repeats channel_ready after a reconnection as long as nothing else was signed', () => {
    const talk = Talk.ready();
    talk.reconnect();
    const ready = (): boolean =>
      [...talk.inbox.opener, ...talk.inbox.accepter].some(({ name }) => name === 'channel_ready');
    let isRepeated = false;
    for (let round = 0; round < 20; round++)
      for (const name of ['opener', 'accepter'] as const) {
        expect(talk.hear(name)).toEqual([]);
        talk.answer(name);
        isRepeated ||= ready();
      }
    expect(isRepeated).toBe(true);
    talk.do('opener', { do: 'update', update: add() });
    talk.settle();
    talk.reconnect();
    talk.settle();
    expect(talk.live('opener').link.repeatsChannelReady).toEqual({ local: false, remote: false });
  });
});

describe('a message that has no place', () => {
  const channel_id = new Uint8Array(32);
  const revocation: Message = {
    name: 'revoke_and_ack',
    fields: {
      channel_id,
      per_commitment_secret: new Uint8Array(32),
      next_per_commitment_point: new Uint8Array(33),
    },
  };

  it('is a fault and changes nothing, while the channel is opened', () => {
    const talk = new Talk();
    const before = talk.channels.accepter;
    expect(talk.take('accepter', revocation)).toMatchObject([{ requirement: 'bolt02-revoke-and-ack-01' }]);
    expect(talk.channels.accepter).toBe(before);
  });

  it('is a fault before channel_ready, where it is of normal operation', () => {
    const talk = new Talk();
    talk.settle();
    expect(talk.take('accepter', revocation)).toMatchObject([
      { expected: 'no revoke_and_ack in a channel before channel_ready' },
    ]);
  });

  it.each([
    ['before our channel_reestablish', 0, 'bolt02-reestablish-10'],
    ['before its own', 1, 'bolt02-reestablish-09'],
  ])('is a fault on a new connection %s', (_when, answers, requirement) => {
    const talk = Talk.ready();
    talk.reconnect();
    for (let i = 0; i < answers; i++) talk.answer('accepter');
    expect(talk.take('accepter', revocation)).toMatchObject([{ requirement }]);
  });

  it('is a fault where it greets a second time', () => {
    const talk = Talk.ready();
    talk.do('opener', { do: 'channel_reestablish' });
    expect(talk.hear('accepter')).toMatchObject([{ requirement: 'bolt02-reestablish-09' }]);
  });

  it('is our own mistake where we send it', () => {
    const talk = new Talk();
    expect(() => perform(talk.channels.opener, { do: 'commitment_signed' })).toThrow(/has no place in/);
  });
});

type Action = 'hear' | 'answer' | 'add' | 'fulfill' | 'reconnect';

const actions = fc.array(
  fc.tuple(
    fc.constantFrom<Action>(
      'hear',
      'hear',
      'hear',
      'answer',
      'answer',
      'answer',
      'add',
      'fulfill',
      'reconnect',
    ),
    fc.constantFrom<Name>('opener', 'accepter'),
  ),
  { maxLength: 60 },
);

describe('whatever happens in whatever order', () => {
  it('both come to know the same', () => {
    fc.assert(
      fc.property(actions, (schedule) => {
        const talk = Talk.ready();
        for (const [what, name] of schedule) act(talk, what, name);
        talk.settle();
        for (const name of ['opener', 'accepter'] as const) {
          const { local, remote } = numbersOf(talk, name);
          expect(numbersOf(talk, otherOf(name))).toEqual({ local: remote, remote: local });
          expect(talk.live(name).readying.commitments.ledger.pending).toEqual([]);
        }
        expect(talk.awaited()).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});

function act(talk: Talk, what: Action, name: Name): void {
  switch (what) {
    case 'hear':
      expect(talk.hear(name)).toEqual([]);
      return;
    case 'answer':
      talk.answer(name);
      return;
    case 'reconnect':
      talk.reconnect();
      return;
    case 'add':
      offerIfRight(talk, name, add());
      return;
    case 'fulfill': {
      const { ledger } = talk.live(name).readying.commitments;
      const htlc = ledger.htlcs.find(
        ({ by, add: { id } }) => by === 'remote' && removable(ledger, 'local', id),
      );
      if (htlc) offerIfRight(talk, name, fulfill(htlc.add.id));
    }
  }
}

/** What BOLT 2 does not allow at this moment is not sent. */
function offerIfRight(talk: Talk, name: Name, update: NewUpdate): void {
  const { isUp, reestablished } = talk.live(name).link;
  if (!isUp || !reestablished.local || !reestablished.remote) return;
  try {
    talk.do(name, { do: 'update', update });
  } catch (error) {
    if (!isBoltgridError(error) || !/^channel\.(wrong-message|send-missing-first)$/.test(error.code))
      throw error;
  }
}
