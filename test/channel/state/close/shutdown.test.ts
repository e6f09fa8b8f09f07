import { describe, expect, it } from 'vitest';
import {
  negotiationScripts,
  noShutdown,
  owedShutdown,
  prematureFault,
  receiveShutdown,
  sendShutdown,
  type ShutdownConditions,
  shutdownReconnected,
  updateFaults,
} from '../../../../src/channel/state/close/shutdown.ts';
import { offer, openLedger, revoke, sign } from '../../../../src/channel/state/ledger.ts';
import type { Side, Update } from '../../../../src/channel/state/update.ts';
import { p2tr } from '../../../../src/bitcoin/output.ts';
import { OP_RETURN, pairOfTerms, requirements, SCRIPT_A, SCRIPT_B, SCRIPT_C } from './fixtures.ts';

const [terms] = pairOfTerms();
const simple = pairOfTerms({ features: { option_simple_close: true } })[0];
const { channel_id } = terms.terms;
const conditions: ShutdownConditions = {
  ledger: openLedger(253),
  hasSignedFunding: { local: true, remote: true },
  isSplicing: false,
};
const fee: Update = { name: 'update_fee', fields: { feerate_per_kw: 500 } };
const fields = (scriptpubkey = SCRIPT_B) => ({ channel_id, scriptpubkey });

const received = receiveShutdown(noShutdown, terms, conditions, fields()).state;
const sentFirst = sendShutdown(noShutdown, terms, conditions, SCRIPT_A);
const both = receiveShutdown(sentFirst.state, terms, conditions, fields()).state;

/** The same breach by the peer, which is a fault, and by us, which is refused. */
function expectBreach(
  requirement: string,
  change: Partial<ShutdownConditions> | ((by: Side) => Partial<ShutdownConditions>),
  script = SCRIPT_B,
  own = terms,
): void {
  const under = (by: Side) => ({ ...conditions, ...(typeof change === 'function' ? change(by) : change) });
  const result = receiveShutdown(noShutdown, own, under('remote'), fields(script));
  expect(requirements(result)).toEqual([requirement]);
  expect(result.state).toBe(noShutdown);
  expect(() => sendShutdown(noShutdown, own, under('local'), script)).toThrow(
    expect.objectContaining({ code: 'channel.wrong-message', blame: 'harness' }),
  );
}

describe('shutdown', () => {
  it('of both, in any order, begins the negotiation with their scripts', () => {
    expect(sentFirst.send).toEqual([{ name: 'shutdown', fields: fields(SCRIPT_A) }]);
    const other = sendShutdown(received, terms, conditions, SCRIPT_A).state;
    for (const state of [both, other]) {
      expect(negotiationScripts(state, conditions.ledger)).toEqual({ local: SCRIPT_A, remote: SCRIPT_B });
    }
    expect(negotiationScripts(received, conditions.ledger)).toBeUndefined();
    expect(negotiationScripts(sentFirst.state, conditions.ledger)).toBeUndefined();
  });

  it('waits for HTLCs and updates to be gone', () => {
    const ledger = revoke(sign(offer(openLedger(253), 'local', fee), 'remote'), 'remote');
    expect(negotiationScripts(both, ledger)).toBeUndefined();
    expect(negotiationScripts(both, revoke(sign(ledger, 'local'), 'local'))).toBeDefined();
  });

  it('is owed as an answer, once the peer has no update to sign for', () => {
    expect(owedShutdown(noShutdown, conditions)).toBeUndefined();
    expect(owedShutdown(received, conditions)).toBe('bolt02-shutdown-14');
    expect(owedShutdown(both, conditions)).toBeUndefined();
    const ledger = offer(openLedger(253), 'local', fee);
    expect(owedShutdown(received, { ...conditions, ledger })).toBeUndefined();
  });

  it('is owed again after a reconnection, with the same script', () => {
    const again = shutdownReconnected(both);
    expect(owedShutdown(again, conditions)).toBe('bolt02-reestablish-49');
    expect(negotiationScripts(again, conditions.ledger)).toBeUndefined();
    expect(receiveShutdown(again, terms, conditions, fields()).faults).toEqual([]);
    const other = receiveShutdown(again, terms, conditions, fields(SCRIPT_C));
    expect(requirements(other)).toEqual(['bolt02-reestablish-49']);
    expect(() => sendShutdown(again, terms, conditions, SCRIPT_C)).toThrow();
  });

  it('may have another script after a reconnection with option_simple_close', () => {
    const again = shutdownReconnected(both);
    const { state, faults } = receiveShutdown(again, simple, conditions, fields(SCRIPT_C));
    expect(faults).toEqual([]);
    expect(state.scriptpubkeys.remote).toBe(SCRIPT_C);
  });
});

describe('a breach in shutdown', () => {
  it('before the sender has signed the funding', () => {
    expectBreach('bolt02-shutdown-01', (by) => ({
      hasSignedFunding: { local: by !== 'local', remote: by !== 'remote' },
    }));
  });

  it('while an update is pending on the receiver’s commitment', () => {
    expectBreach('bolt02-shutdown-03', (by) => ({ ledger: offer(openLedger(253), by, fee) }));
  });

  it('but not while one is pending on the sender’s only', () => {
    const ledger = offer(openLedger(253), 'local', fee);
    expect(receiveShutdown(noShutdown, terms, { ...conditions, ledger }, fields()).faults).toEqual([]);
  });

  it('twice over one connection', () => {
    const again = receiveShutdown(received, terms, conditions, fields());
    expect(requirements(again)).toEqual(['bolt02-shutdown-04']);
    expect(() => sendShutdown(both, terms, conditions, SCRIPT_A)).toThrow();
  });

  it('during a splice', () => {
    expectBreach('bolt02-shutdown-05', { isSplicing: true });
  });

  it('with another script than was promised', () => {
    const promised = pairOfTerms({ upfront: { local: SCRIPT_A, remote: SCRIPT_A } })[0];
    expectBreach('bolt02-shutdown-09', {}, SCRIPT_B, promised);
    const nothing = pairOfTerms({ upfront: { remote: new Uint8Array(0) } })[0];
    expect(receiveShutdown(noShutdown, nothing, conditions, fields()).faults).toEqual([]);
  });

  it('with a script of no form that is negotiated', () => {
    expectBreach('bolt02-shutdown-10', {}, OP_RETURN);
    expectBreach('bolt02-shutdown-10', {}, p2tr(new Uint8Array(32)));
    expect(receiveShutdown(noShutdown, simple, conditions, fields(OP_RETURN)).faults).toEqual([]);
  });
});

describe('after shutdown', () => {
  it('its sender adds no HTLC', () => {
    for (const by of ['local', 'remote'] as const) {
      const faults = updateFaults(both, by, 'update_add_htlc', false);
      expect(requirements({ faults })).toEqual(['bolt02-shutdown-06']);
      expect(updateFaults(noShutdown, by, 'update_add_htlc', false)).toEqual([]);
      expect(updateFaults(both, by, 'update_fulfill_htlc', false)).toEqual([]);
    }
    expect(updateFaults(received, 'local', 'update_add_htlc', false)).toEqual([]);
  });

  it('nothing changes any more once the channel is cleared', () => {
    const faults = updateFaults(both, 'remote', 'update_fee', true);
    expect(requirements({ faults })).toEqual(['bolt02-shutdown-07']);
  });

  it('the negotiation does not begin before both have sent it', () => {
    expect(prematureFault(received, 'closing_signed').requirement).toBe('bolt02-closing-signed-01');
    expect(prematureFault(received, 'closing_complete').requirement).toBe('bolt02-closing-complete-01');
    expect(prematureFault(shutdownReconnected(both), 'closing_signed').requirement).toBe(
      'bolt02-reestablish-49',
    );
  });
});
