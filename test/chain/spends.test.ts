import { describe, expect, it } from 'vitest';
import { OP_TRUE_SCRIPT } from '../../src/bitcoin/output.ts';
import { AMOUNT_SAT, type Attempt } from './attempts.ts';
import { CLTV_EXPIRY } from './htlc-spends.ts';
import { SEGWIT_V0_SPENDS, TAPROOT_SPENDS } from './spends.ts';
import { finish, makeOutput, makeWorld } from './world.ts';

/** A world in which the attempt's output has the depth that it asks for. */
function judge(script: Uint8Array, attempt: Attempt) {
  const world = makeWorld();
  const extra = makeOutput(world, OP_TRUE_SCRIPT, AMOUNT_SAT);
  const output = makeOutput(world, script, AMOUNT_SAT);
  const { regtest } = world;
  expect(regtest.ledger.tip.height).toBeLessThan(CLTV_EXPIRY);
  for (let left = attempt.depth ?? 0; left > 0; left--) regtest.mine();
  const tx = finish(attempt.build(output, extra));
  return { regtest, tx, judgement: regtest.submit(tx) };
}

describe.each(Object.entries({ ...SEGWIT_V0_SPENDS, ...TAPROOT_SPENDS }))(
  '%s',
  (_, { script, good, bad }) => {
    it.each(Object.entries(good))('is spent: %s', (_name, attempt) => {
      const { regtest, tx, judgement } = judge(script, attempt);
      expect(judgement).toHaveProperty('candidate');
      const block = regtest.mine();
      expect(block.transactions.map(({ txid }) => txid)).toContain(tx.txid);
    });

    it.each(Object.entries(bad))('is not spent: %s', (_name, attempt) => {
      const { regtest, tx, judgement } = judge(script, attempt);
      expect(judgement).toMatchObject({ rejected: { reason: attempt.reason } });
      expect(regtest.mempool.entry(tx.txid)).toBeUndefined();
    });
  },
);
