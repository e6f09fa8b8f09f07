import { describe, expect, it } from 'vitest';
import { awaited, owed } from '../../../src/channel/engine/owed.ts';
import { quiescenceInitiator, isQuiescent } from '../../../src/channel/state/quiescence.ts';
import type { NewUpdate } from '../../../src/channel/state/updates.ts';
import { FEATURES } from '../../../src/wire/features.ts';
import { negotiation } from '../state/open/fixtures.ts';
import { Talk } from './talk.ts';

const bits = new Set([...negotiation.features.local, FEATURES.option_quiesce.even + 1]);
const quiesces = { ...negotiation, features: { local: bits, remote: bits } };

const add: NewUpdate = {
  name: 'update_add_htlc',
  fields: {
    amount_msat: 10_000_000n,
    payment_hash: new Uint8Array(32).fill(9),
    cltv_expiry: 500,
    onion_routing_packet: new Uint8Array(1366),
    tlvs: {},
  },
};

const ids = (faults: readonly { readonly requirement: string }[]) =>
  faults.map(({ requirement }) => requirement);

describe('quiescence of a channel', () => {
  it('is asked for by one side, owed by the other, and then holds on both', () => {
    const talk = Talk.ready({}, quiesces);
    talk.do('opener', { do: 'stfu' });
    expect(awaited(talk.channels.opener)).toEqual(['stfu']);
    expect(talk.hear('accepter')).toEqual([]);
    expect(owed(talk.channels.accepter)).toEqual(['stfu']);
    talk.settle();
    for (const name of ['opener', 'accepter'] as const) {
      const { quiescence, readying } = talk.live(name);
      expect(isQuiescent(quiescence)).toBe(true);
      expect(quiescenceInitiator(quiescence, readying.commitments)).toBe(
        name === 'opener' ? 'local' : 'remote',
      );
    }
    expect(talk.awaited()).toEqual([]);
  });

  it('is agreed to only once our own updates are committed', () => {
    const talk = Talk.ready({}, quiesces);
    talk.do('opener', { do: 'stfu' });
    talk.do('accepter', { do: 'update', update: add });
    expect(talk.hear('accepter')).toEqual([]);
    expect(owed(talk.channels.accepter)).toEqual(['commitment_signed']);
    talk.settle();
    expect(isQuiescent(talk.live('accepter').quiescence)).toBe(true);
    expect(talk.live('opener').readying.commitments.ledger.pending).toEqual([]);
  });

  it('allows no update after our stfu, unless it is wrong on purpose: then the other side sees the fault', () => {
    const talk = Talk.ready({}, quiesces);
    talk.do('opener', { do: 'stfu' });
    expect(() => {
      talk.do('opener', { do: 'update', update: add });
    }).toThrow('bolt02-stfu-08');
    talk.settle();
    talk.do('opener', { do: 'update', update: add, anyway: true });
    expect(ids(talk.hear('accepter'))).toEqual(['bolt02-stfu-08']);
  });

  it('ends with the connection', () => {
    const talk = Talk.ready({}, quiesces);
    talk.do('accepter', { do: 'stfu' });
    talk.settle();
    talk.reconnect();
    talk.settle();
    for (const name of ['opener', 'accepter'] as const)
      expect(talk.live(name).quiescence.initiators).toEqual({});
    talk.do('opener', { do: 'update', update: add });
    talk.settle();
    expect(talk.live('accepter').readying.commitments.ledger.htlcs).toHaveLength(1);
  });

  it('is not spoken of where option_quiesce is not negotiated', () => {
    const talk = Talk.ready();
    expect(() => {
      talk.do('opener', { do: 'stfu' });
    }).toThrow('bolt02-stfu-01');
  });
});
