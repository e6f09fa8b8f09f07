import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { channelType } from '../../../../src/channel/state/open/channel-type.ts';
import { owed } from '../../../../src/channel/state/open/owed.ts';
import {
  broadcastFunding,
  receiveChannelReady,
  seeFunding,
  sendChannelReady,
} from '../../../../src/channel/state/open/ready.ts';
import type { ReadyFields } from '../../../../src/channel/state/open/ready-rules.ts';
import type { Opened, Readying } from '../../../../src/channel/state/open/states.ts';
import { localPoint } from '../../../../src/channel/state/commitments.ts';
import { ALIASES, into, type Options, REAL_ID, sent, signBoth } from './conversation.ts';
import { negotiationWithout } from './fixtures.ts';

const ROLES = ['opener', 'accepter'] as const;
type Role = (typeof ROLES)[number];
const other = (role: Role): Role => (role === 'opener' ? 'accepter' : 'opener');

/** Three blocks are asked for, by default. */
const seen = <S extends Readying>(state: S, depth: number): S =>
  seeFunding(state, {
    depth,
    ...(depth > 0 && { short_channel_id: REAL_ID }),
    output: state.fundingOutput,
  }).state;

const withAlias = (alias: string | undefined): Pick<ReadyFields, 'tlvs'> => ({
  tlvs: alias === undefined ? {} : { short_channel_id: { alias } },
});

/** What `sender` is charged with, in the eyes of the other, to whom the funding transaction is `depth` deep. */
function faultsOf(
  sender: Role,
  depth: number,
  edit: Partial<ReadyFields>,
  options: Options = {},
): readonly string[] {
  const both = signBoth(options);
  const point = localPoint(both[sender].commitments.terms, 1n);
  const receiver = seen(both[other(sender)], depth);
  const fields = { second_per_commitment_point: point, ...withAlias(undefined), ...edit };
  const { state, faults } = receiveChannelReady(receiver, fields);
  if (faults.length > 0) expect(state).toBe(receiver);
  return faults.map(({ requirement }) => requirement);
}

const NO_ALIAS = { negotiation: negotiationWithout('option_scid_alias', 'option_zeroconf') };

describe('channel_ready', () => {
  it('waits for minimum_depth where it has no alias, whoever sends it', () => {
    for (const role of ROLES) {
      expect(faultsOf(role, 2, {}, NO_ALIAS)).toEqual(['bolt02-channel-ready-12']);
      expect(faultsOf(role, 3, {}, NO_ALIAS)).toEqual([]);
    }
  });

  it('of the accepter waits for minimum_depth with an alias, too', () => {
    const alias = withAlias(ALIASES.accepter);
    expect(faultsOf('accepter', 2, alias)).toEqual(['bolt02-channel-ready-02']);
    expect(faultsOf('accepter', 3, alias)).toEqual([]);
    expect(faultsOf('opener', 0, alias)).toEqual([]);
  });

  it('waits for nothing where minimum_depth is 0', () => {
    for (const role of ROLES) {
      expect(faultsOf(role, 0, {}, { ...NO_ALIAS, minimum_depth: 0 })).toEqual([]);
      const choices = { channel_type: channelType('option_anchors', { option_zeroconf: true }) };
      expect(faultsOf(role, 0, withAlias(ALIASES.opener), { choices })).toEqual([]);
    }
  });

  it.each(ROLES)('of the %s has an alias where option_scid_alias is negotiated', (role) => {
    expect(faultsOf(role, 3, {})).toEqual(['bolt02-channel-ready-04']);
  });

  it.each(ROLES)('of the %s has an alias that is not the real id', (role) => {
    const real = withAlias(REAL_ID);
    expect(faultsOf(role, 3, real)).toEqual(['bolt02-channel-ready-06']);
    expect(faultsOf(role, 3, real, { choices: { announce: false } })).toEqual(['bolt02-channel-ready-07']);
  });

  it.each(ROLES)('of the %s has a point', (role) => {
    const alias = withAlias(ALIASES.opener);
    const second_per_commitment_point = Uint8Array.of(2, ...new Uint8Array(32).fill(0xff));
    expect(faultsOf(role, 3, { ...alias, second_per_commitment_point })).toEqual(['bolt02-channel-ready-03']);
  });
});

describe('a repeated channel_ready', () => {
  const open = (role: Role, announce = true): { readonly state: Opened; readonly fields: ReadyFields } => {
    const both = signBoth({ choices: { announce } });
    const sending = sendChannelReady(seen(both[other(role)], 3), ALIASES[other(role)]);
    const fields = sent(sending, 'channel_ready');
    const ready = sendChannelReady(seen(both[role], 3), ALIASES[role]).state;
    return { state: into(receiveChannelReady(ready, fields), 'open'), fields };
  };

  it.each(ROLES)('gives the %s another alias, and nothing else', (role) => {
    const { state, fields } = open(role);
    expect(receiveChannelReady(state, fields)).toEqual({ state, faults: [] });
    const [first] = state.aliases.remote;
    const again = receiveChannelReady(state, { ...fields, ...withAlias('16000000x1x1') });
    expect(again).toEqual({
      state: { ...state, aliases: { ...state.aliases, remote: [first, '16000000x1x1'] } },
      faults: [],
    });
  });

  it.each(ROLES)('tells the %s the same point', (role) => {
    const { state, fields } = open(role);
    const point = localPoint(state.commitments.terms, 1n);
    const again = receiveChannelReady(state, { ...fields, second_per_commitment_point: point });
    expect(again.state).toBe(state);
    expect(again.faults).toMatchObject([{ requirement: 'bolt02-channel-ready-03', got: point }]);
  });

  it('leaves the points of a channel that has gone on', () => {
    const { state, fields } = open('opener');
    const next = localPoint(state.commitments.terms, 7n);
    const remotePoints = { ...state.commitments.remotePoints, next };
    const later = { ...state, commitments: { ...state.commitments, remotePoints } };
    expect(receiveChannelReady(later, fields)).toEqual({ state: later, faults: [] });
  });

  it('may have the real id where the channel is announced', () => {
    const announced = open('opener');
    const real = withAlias(REAL_ID);
    expect(receiveChannelReady(announced.state, { ...announced.fields, ...real }).faults).toEqual([]);
    const hidden = open('opener', false);
    expect(receiveChannelReady(hidden.state, { ...hidden.fields, ...real }).faults).toMatchObject([
      { requirement: 'bolt02-channel-ready-07' },
    ]);
  });

  it.each(ROLES)('of ours, the %s, has another alias', (role) => {
    const { state } = open(role);
    const sending = sendChannelReady(state, '16000000x1x1');
    expect(sending.state.aliases.local).toEqual([ALIASES[role], '16000000x1x1']);
    expect(sent(sending, 'channel_ready').second_per_commitment_point).toEqual(
      localPoint(state.commitments.terms, 1n),
    );
  });
});

describe('the funding transaction', () => {
  it('has the output that was agreed on, or the opener is to blame', () => {
    const { opener, accepter } = signBoth();
    const { fundingOutput } = accepter;
    for (const got of [
      { ...fundingOutput, amountSat: fundingOutput.amountSat + 1n },
      { ...fundingOutput, script: Uint8Array.of(0x51) },
    ]) {
      const { state, faults } = seeFunding(accepter, { depth: 3, output: got });
      expect(state).toBe(accepter);
      expect(faults).toEqual([{ requirement: 'bolt02-funding-created-04', expected: fundingOutput, got }]);
      expect(() => seeFunding(opener, { depth: 3, output: got })).toThrow(
        expect.objectContaining({ code: 'channel.wrong-funding-output', blame: 'harness' }),
      );
    }
  });

  it('may be in no block any more', () => {
    const { accepter } = signBoth();
    const deep = seen(accepter, 3);
    expect(owed(deep)).toEqual(['channel_ready']);
    expect(deep.short_channel_id).toBe(REAL_ID);
    const back = seen(deep, 0);
    expect(owed(back)).toEqual([]);
    expect(back.short_channel_id).toBeUndefined();
  });

  it('is broadcast once, by the opener', () => {
    const { opener, accepter } = signBoth();
    const nothing: unknown = expect.objectContaining({
      code: 'channel.nothing-to-broadcast',
      blame: 'harness',
    });
    expect(() => broadcastFunding(accepter)).toThrow(nothing);
    expect(() => broadcastFunding(broadcastFunding(opener).state)).toThrow(nothing);
  });
});

it.each(ROLES)('our own channel_ready, of the %s, is right', (role) => {
  const misuse: unknown = expect.objectContaining({ code: 'channel.wrong-message', blame: 'harness' });
  const state = signBoth()[role];
  expect(() => sendChannelReady(seen(state, 3))).toThrow(misuse);
  expect(() => sendChannelReady(seen(state, 3), REAL_ID)).toThrow(misuse);
  if (role === 'accepter') expect(() => sendChannelReady(seen(state, 2), ALIASES[role])).toThrow(misuse);
  else expect(() => sendChannelReady(seen(state, 2), ALIASES[role])).not.toThrow();
});

describe('two sides', () => {
  const actions = fc.array(
    fc.tuple(fc.constantFrom('see', 'send', 'repeat', 'hear'), fc.constantFrom(...ROLES)),
    { maxLength: 30 },
  );
  const both = signBoth();

  it('come to an open channel, in whatever order they see and hear', () => {
    fc.assert(
      fc.property(actions, (all) => {
        const states: Record<Role, Readying> = { opener: both.opener, accepter: both.accepter };
        const inbox: Record<Role, ReadyFields[]> = { opener: [], accepter: [] };
        const act = (what: string, role: Role): void => {
          // Blocks come to both at once: what one sees is not news to the other.
          if (what === 'see') for (const each of ROLES) states[each] = seen(states[each], 3);
          const isDue = what === 'send' && owed(states[role]).includes('channel_ready');
          if (isDue || (what === 'repeat' && states[role].isSent)) {
            const sending = sendChannelReady(states[role], ALIASES[role]);
            states[role] = sending.state;
            inbox[other(role)].push(sent(sending, 'channel_ready'));
          }
          const fields = what === 'hear' ? inbox[role].shift() : undefined;
          if (!fields) return;
          const { state, faults } = receiveChannelReady(states[role], fields);
          expect(faults).toEqual([]);
          states[role] = state;
        };
        for (const [what, role] of all) act(what, role);
        for (const what of ['see', 'send']) for (const role of ROLES) act(what, role);
        for (const role of ROLES) while (inbox[role].length > 0) act('hear', role);
        for (const role of ROLES) {
          expect(states[role]).toMatchObject({
            name: 'open',
            aliases: { local: [ALIASES[role]], remote: [ALIASES[other(role)]] },
          });
        }
      }),
      { numRuns: 100 },
    );
  });
});
