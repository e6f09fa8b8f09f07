import { describe, expect, it } from 'vitest';
import { makeTransaction } from '../../../../src/bitcoin/transaction.ts';
import { EMPTY } from '../../../../src/core/bytes.ts';
import {
  addInput,
  addOutput,
  addSharedOutput,
  complete,
  receiveConstruction,
} from '../../../../src/channel/state/interactive/construct.ts';
import type { Constructed } from '../../../../src/channel/state/interactive/states.ts';
import { unconfirmedFaults } from '../../../../src/channel/state/interactive/confirmed.ts';
import { ACCEPTER, agreementOf, CHANNEL_ID, OPENER, PREVTX } from './appendix-g.ts';
import { APPENDIX_G, begin, constructed, constructing, type Move, type Pair, play, whole } from './pair.ts';

const COMPLETE = { name: 'tx_complete', fields: { channel_id: CHANNEL_ID } } as const;

/** What the other finds when the initiator concludes after these moves, which end with a `tx_complete` of the other. */
const foundInInitiators = (pair: Pair, moves: readonly Move[]): readonly string[] => {
  const { other } = play(pair, moves);
  const { state, faults } = receiveConstruction(constructing(other), COMPLETE);
  expect(state).toBe(other);
  return faults.map(({ requirement }) => requirement);
};

/** Appendix G with one of its moves done otherwise. */
const withMove = (index: number, move: Move): readonly Move[] =>
  APPENDIX_G.map((usual, i) => (i === index ? move : usual));

const change = (sats: bigint): readonly Move[] =>
  withMove(2, (state) => addOutput(state, { ...OPENER.change, sats }));

describe('of the initiator', () => {
  // Appendix G: its weight is 609, of which 42 are the common fields; at 253 that is 154 and 143, rounded down.
  it.each<readonly [string, readonly Move[]]>([
    ['bolt02-tx-complete-03', change(50_000_001n)],
    ['bolt02-tx-complete-04', change(50_000_000n)],
    ['bolt02-tx-complete-04', change(50_000_000n - 142n)],
    ['bolt02-tx-complete-05', change(50_000_000n - 143n)],
    ['bolt02-tx-complete-05', change(50_000_000n - 153n)],
    [
      'bolt02-v2-tx-complete-02',
      withMove(4, (state) =>
        addOutput(state, {
          serial_id: 44n,
          sats: 399_999_999n,
          script: state.agreement.sharedOutput.script,
        }),
      ),
    ],
    [
      'bolt02-v2-tx-add-output-01',
      withMove(4, (state) =>
        addOutput(state, { ...OPENER.change, serial_id: 44n, sats: 200_000_000n - 400_000n }),
      ),
    ],
  ])('finds %s', (requirement, moves) => {
    expect(foundInInitiators(begin(), moves)).toContain(requirement);
  });

  it('finds nothing where it pays just enough', () => {
    const { other } = play(begin(), change(50_000_000n - 154n));
    expect(receiveConstruction(constructing(other), COMPLETE).faults).toEqual([]);
  });

  it('is judged before our own tx_complete, which is not sent', () => {
    const late = play(begin(), [...change(50_000_000n).slice(0, 4), addFunding, removeNothing, complete]);
    const result = complete(constructing(late.other));
    expect(result).toMatchObject({ send: [], faults: [{ requirement: 'bolt02-tx-complete-04' }] });
    expect(result.state).toBe(late.other);
  });
});

const addFunding: Move = (state) => addSharedOutput(state, OPENER.funding_serial_id);
/** A message that does not matter. */
const removeNothing: Move = (state) =>
  addOutput(state, { serial_id: 35n, sats: 1000n, script: ACCEPTER.change.script });

function otherTx(): Uint8Array {
  return makeTransaction({
    version: 2,
    inputs: [{ txid: 'cd'.repeat(32), vout: 0, scriptSig: EMPTY, sequence: 0, witness: [] }],
    outputs: [{ amountSat: 1_000_000_000n, script: ACCEPTER.change.script }],
    lockTime: 0,
  }).raw;
}

it('judges the other by its own share only', () => {
  const short = withMove(3, (state) => addOutput(state, { ...ACCEPTER.change, sats: 50_000_000n - 98n }));
  const { initiator } = play(begin(), short);
  const { faults, send } = complete(constructing(initiator));
  expect(faults.map(({ requirement }) => requirement)).toEqual(['bolt02-tx-complete-04']);
  expect(send).toEqual([]);
});

describe('sizes', () => {
  const many = (count: number) => Array.from({ length: count }, (_, i) => i);

  it('finds more than 252 inputs, and 252 outputs', () => {
    const { other } = play(begin(), APPENDIX_G);
    const state = constructing(other);
    const [input] = state.inputs.filter(({ addedBy }) => addedBy === 'remote');
    const [output] = state.outputs.filter(({ addedBy }) => addedBy === 'remote');
    const requirementsOf = (edit: Partial<typeof state>) =>
      receiveConstruction({ ...state, ...edit }, COMPLETE).faults.map(({ requirement }) => requirement);
    const inputs = [
      ...state.inputs,
      ...many(251).map((i) => ({ ...input!, serial_id: BigInt(100 + 2 * i), vout: 10 + i })),
    ];
    expect(requirementsOf({ inputs })).toContain('bolt02-tx-complete-06');
    expect(requirementsOf({ inputs: inputs.slice(1) })).not.toContain('bolt02-tx-complete-06');
    const outputs = [
      ...state.outputs,
      ...many(250).map((i) => ({ ...output!, serial_id: BigInt(100 + 2 * i) })),
    ];
    expect(requirementsOf({ outputs })).toContain('bolt02-tx-complete-07');
    expect(requirementsOf({ outputs: outputs.slice(1) })).not.toContain('bolt02-tx-complete-07');
    const heavy = { ...output!, serial_id: 98n, script: new Uint8Array(100_000) };
    expect(requirementsOf({ outputs: [...state.outputs, heavy] })).toContain('bolt02-tx-complete-08');
  });
});

describe('a replacement', () => {
  const attempts = () => {
    const { initiator, other } = whole();
    return { initiator: [constructed(initiator)], other: [constructed(other)] };
  };
  const pairAfter = ({ initiator, other }: Record<'initiator' | 'other', readonly Constructed[]>) =>
    begin({ ...agreementOf('local'), previous: initiator }, { previous: other });

  it('may be the same once more', () => {
    const { other } = play(pairAfter(attempts()), [...APPENDIX_G, complete]);
    expect(constructed(other).feeSat).toBe(255n);
  });

  it('pays no less', () => {
    expect(foundInInitiators(pairAfter(attempts()), change(50_000_000n - 154n))).toEqual([
      'bolt02-v2-tx-complete-04',
    ]);
  });

  it.each([
    ['bolt02-v2-tx-complete-05', 1],
    ['bolt02-tx-init-rbf-04', 0],
  ] as const)('finds %s where inputs are not spent again', (requirement, accepterVout) => {
    const prevtx = otherTx();
    const initiators: Move = (state) => addInput(state, { ...OPENER.input, prevtx, prevtx_vout: 0 });
    const others: Move =
      accepterVout === 0
        ? APPENDIX_G[1]!
        : (state) => addInput(state, { ...ACCEPTER.input, prevtx: third() });
    const moves = [initiators, others, ...APPENDIX_G.slice(2)];
    const last = attempts();
    expect(foundInInitiators(pairAfter(last), moves)).toEqual([requirement]);
  });

  it('spends an input of the other again', () => {
    const moves = withMove(1, (state) => addInput(state, { ...ACCEPTER.input, prevtx: third() }));
    const { initiator } = play(pairAfter(attempts()), moves);
    const { faults } = complete(constructing(initiator));
    expect(faults.map(({ requirement }) => requirement)).toEqual(['bolt02-tx-ack-rbf-03']);
  });
});

/** As Appendix G's parent, with another id. */
function third(): Uint8Array {
  const changed = Uint8Array.from(PREVTX);
  changed[0] = 1;
  return changed;
}

it('tells which of the remote inputs are not confirmed', () => {
  const { initiator } = whole();
  expect(unconfirmedFaults(constructed(initiator), () => true)).toEqual([]);
  expect(unconfirmedFaults(constructed(initiator), () => false)).toMatchObject([
    { requirement: 'bolt02-v2-tx-add-input-01' },
  ]);
});
