import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  forgetUnsigned,
  offer,
  openLedger,
  removable,
  revoke,
  sign,
  specificationOf,
  unsignedFor,
  type Ledger,
} from '../../../src/channel/state/ledger.ts';
import { otherSide, type Side, type Update } from '../../../src/channel/state/update.ts';
import type { CommitmentSpecification } from '../../../src/channel/transactions/types.ts';

const SHARES = { local: 700_000_000n, remote: 300_000_000n };

const add = (id: bigint, amount_msat = 1_000_000n): Update => ({
  name: 'update_add_htlc',
  fields: {
    id,
    amount_msat,
    payment_hash: new Uint8Array(32).fill(Number(id)),
    cltv_expiry: 500,
    onion_routing_packet: new Uint8Array(1366),
    tlvs: {},
  },
});
const fulfill = (id: bigint): Update => ({
  name: 'update_fulfill_htlc',
  fields: { id, payment_preimage: new Uint8Array(32), tlvs: {} },
});
const fail = (id: bigint): Update => ({
  name: 'update_fail_htlc',
  fields: { id, reason: new Uint8Array(1), tlvs: {} },
});
const fee = (feerate_per_kw: number): Update => ({ name: 'update_fee', fields: { feerate_per_kw } });

const balances = (ledger: Ledger, owner: Side, which: 'latest' | 'next' = 'latest') => {
  const { ownerBalanceMsat, otherBalanceMsat, htlcs } = specificationOf(ledger, SHARES, owner, which);
  return { owner: ownerBalanceMsat, other: otherBalanceMsat, htlcs: htlcs.length };
};

/** Signed, revoked, countersigned and revoked: the update is irrevocably committed. */
const committed = (ledger: Ledger, by: Side): Ledger => {
  const receiver = otherSide(by);
  return revoke(sign(revoke(sign(ledger, receiver), receiver), by), by);
};

describe('an HTLC', () => {
  it('goes into the receiver’s commitment, then into the sender’s, and is then irrevocably committed', () => {
    let ledger = offer(openLedger(1000), 'local', add(0n));
    expect(unsignedFor(ledger, 'remote')).toHaveLength(1);
    expect(unsignedFor(ledger, 'local')).toEqual([]);
    expect(balances(ledger, 'remote')).toEqual({ owner: 300_000_000n, other: 700_000_000n, htlcs: 0 });
    expect(balances(ledger, 'remote', 'next')).toEqual({
      owner: 300_000_000n,
      other: 699_000_000n,
      htlcs: 1,
    });

    ledger = sign(ledger, 'remote');
    expect(balances(ledger, 'remote')).toEqual({ owner: 300_000_000n, other: 699_000_000n, htlcs: 1 });
    expect(balances(ledger, 'local', 'next')).toEqual({ owner: 700_000_000n, other: 300_000_000n, htlcs: 0 });

    ledger = revoke(ledger, 'remote');
    expect(unsignedFor(ledger, 'local')).toHaveLength(1);
    ledger = sign(ledger, 'local');
    expect(balances(ledger, 'local')).toEqual({ owner: 699_000_000n, other: 300_000_000n, htlcs: 1 });
    expect(removable(ledger, 'remote', 0n)).toBeUndefined();

    ledger = revoke(ledger, 'local');
    expect(ledger.pending).toEqual([]);
    expect(removable(ledger, 'remote', 0n)).toMatchObject({ by: 'local', add: { id: 0n } });
    expect(removable(ledger, 'local', 0n)).toBeUndefined();
  });

  it('is not signed for the sender before the receiver has revoked', () => {
    const ledger = sign(sign(offer(openLedger(1000), 'local', add(0n)), 'remote'), 'local');
    expect(ledger.pending).toMatchObject([{ stage: 'signed' }]);
  });

  it('belongs to who has the preimage once it is fulfilled, and to its sender again when it failed', () => {
    const open = committed(offer(openLedger(1000), 'local', add(0n)), 'local');
    const paid = committed(offer(open, 'remote', fulfill(0n)), 'remote');
    expect(balances(paid, 'local')).toEqual({ owner: 699_000_000n, other: 301_000_000n, htlcs: 0 });
    const back = committed(offer(open, 'remote', fail(0n)), 'remote');
    expect(balances(back, 'local')).toEqual({ owner: 700_000_000n, other: 300_000_000n, htlcs: 0 });
  });

  it('cannot be removed twice', () => {
    const open = committed(offer(openLedger(1000), 'local', add(0n)), 'local');
    expect(removable(offer(open, 'remote', fail(0n)), 'remote', 0n)).toBeUndefined();
  });
});

describe('what nobody has signed', () => {
  it('is forgotten, and its ids are given again', () => {
    const signed = sign(offer(openLedger(1000), 'local', add(0n)), 'remote');
    const ledger = offer(offer(offer(signed, 'local', add(1n)), 'remote', add(0n)), 'local', fee(2000));
    expect(forgetUnsigned(ledger)).toEqual(signed);
  });
});

it('a feerate is that of the newest update_fee that a commitment has', () => {
  const ledger = offer(offer(openLedger(1000), 'local', fee(2000)), 'local', fee(3000));
  expect(specificationOf(ledger, SHARES, 'remote', 'latest').feerate_per_kw).toBe(1000);
  expect(specificationOf(ledger, SHARES, 'remote', 'next').feerate_per_kw).toBe(3000);
  expect(committed(ledger, 'local').feerate_per_kw).toBe(3000);
});

describe('a broken ledger is our own fault', () => {
  it.each<readonly [string, () => unknown]>([
    ['an id twice', () => offer({ ...offer(openLedger(1), 'local', add(3n)) }, 'local', add(3n))],
    [
      'an HTLC removed that is not there',
      () => committed(offer(openLedger(1), 'remote', fail(0n)), 'remote'),
    ],
  ])('%s', (_, broken) => {
    expect(broken).toThrow(expect.objectContaining({ code: 'channel.invariant', blame: 'harness' }));
  });
});

/** One of two sides that speak over a connection which keeps the order of each direction. */
interface Party {
  ledger: Ledger;
  /** Whether the other has yet to revoke: no second signature before (BOLT 2, commitment_signed). */
  awaitsRevocation: boolean;
  readonly inbox: Sent[];
}
type Sent = { readonly update: Update } | { readonly signature: CommitmentSpecification } | 'revocation';

type Action = readonly ['add' | 'remove' | 'fail' | 'fee' | 'sign' | 'hear', 0 | 1, number];

/** Both run the same ledger, each as `local`. */
class Conversation {
  readonly parties: readonly [Party, Party] = [party(), party()];

  act([what, who, pick]: Action): void {
    const [self, other] = who === 0 ? this.parties : [this.parties[1], this.parties[0]];
    switch (what) {
      case 'add':
        this.#send(self, other, add(self.ledger.nextHtlcId.local, BigInt(pick % 1000) * 1000n));
        return;
      case 'fee':
        this.#send(self, other, fee(253 + pick));
        return;
      case 'remove':
      case 'fail': {
        const open = self.ledger.htlcs.filter(({ add: { id } }) => removable(self.ledger, 'local', id));
        const htlc = open[pick % Math.max(1, open.length)];
        if (htlc) this.#send(self, other, what === 'fail' ? fail(htlc.add.id) : fulfill(htlc.add.id));
        return;
      }
      case 'sign': {
        if (self.awaitsRevocation || unsignedFor(self.ledger, 'remote').length === 0) return;
        self.ledger = sign(self.ledger, 'remote');
        self.awaitsRevocation = true;
        other.inbox.push({ signature: specificationOf(self.ledger, swapped(who), 'remote', 'latest') });
        return;
      }
      case 'hear':
        this.#hear(who, self, other);
    }
  }

  #send(self: Party, other: Party, update: Update): void {
    self.ledger = offer(self.ledger, 'local', update);
    other.inbox.push({ update });
  }

  #hear(who: 0 | 1, self: Party, other: Party): void {
    const sent = self.inbox.shift();
    if (sent === undefined) return;
    if (sent === 'revocation') {
      self.ledger = revoke(self.ledger, 'remote');
      self.awaitsRevocation = false;
    } else if ('update' in sent) {
      self.ledger = offer(self.ledger, 'remote', sent.update);
    } else {
      self.ledger = sign(self.ledger, 'local');
      // What was signed is what we would broadcast.
      expect(sorted(specificationOf(self.ledger, swapped(who), 'local', 'latest'))).toEqual(
        sorted(sent.signature),
      );
      self.ledger = revoke(self.ledger, 'local');
      other.inbox.push('revocation');
    }
  }

  /** Until nothing is on the way, and nothing is unsigned. */
  settle(): void {
    const isBusy = (): boolean =>
      this.parties.some(({ inbox, ledger }) => inbox.length > 0 || ledger.pending.length > 0);
    for (let round = 0; isBusy() && round < 1000; round++) {
      for (const who of [0, 1] as const) {
        this.act(['sign', who, 0]);
        this.act(['hear', who, 0]);
      }
    }
  }
}

const party = (): Party => ({ ledger: openLedger(253), awaitsRevocation: false, inbox: [] });
const swapped = (who: 0 | 1) => (who === 0 ? SHARES : { local: SHARES.remote, remote: SHARES.local });
/** The order of HTLCs in a specification means nothing: their outputs are sorted. */
const sorted = (specification: CommitmentSpecification) => ({
  ...specification,
  htlcs: [...specification.htlcs].sort(
    (a, b) => a.offeredBy.localeCompare(b.offeredBy) || Number(a.id - b.id),
  ),
});

/** Only the first party sends update_fee, as the opener does. */
const actions = fc.array(
  fc
    .tuple(
      fc.constantFrom('add', 'remove', 'fail', 'fee', 'sign', 'hear', 'hear', 'sign'),
      fc.constantFrom(0, 1),
      fc.nat(5000),
    )
    .map(([what, who, pick]) => [what, what === 'fee' ? 0 : who, pick] as Action),
  { maxLength: 200 },
);

describe('two sides', () => {
  it('sign what the other would broadcast, however their messages cross, and agree in the end', () => {
    fc.assert(
      fc.property(actions, (all) => {
        const conversation = new Conversation();
        for (const action of all) conversation.act(action);
        conversation.settle();
        const [a, b] = conversation.parties.map(({ ledger }) => ledger) as [Ledger, Ledger];
        expect(a.pending).toEqual([]);
        expect(b.pending).toEqual([]);
        expect(sorted(specificationOf(a, SHARES, 'local', 'latest'))).toEqual(
          sorted(specificationOf(b, swapped(1), 'remote', 'latest')),
        );
      }),
      { numRuns: 300 },
    );
  });
});
