import { parseTransaction } from '../bitcoin/transaction.ts';
import { BoltgridError } from '../core/error.ts';
import { awakeTimeout } from '../core/deadline.ts';
import { connectPeer, dialRaw } from '../peer/connect.ts';
import { listenForNode } from '../peer/listener.ts';
import { silent } from '../peer/step.ts';
import { toJson } from '../peer/transcript.ts';
import type {
  ChainMode,
  ChainVerbs,
  CommonContext,
  PairContext,
  SubjectContext,
  WaitOptions,
} from '../suite/types.ts';
import type { CaseEvidence } from './evidence.ts';
import type { Links } from './links.ts';
import type { CaseRun } from './run-case.ts';
import type { World } from './world.ts';

export interface ContextParts {
  readonly run: CaseRun;
  readonly links: Links;
  readonly evidence: CaseEvidence;
  readonly secret: (label: string) => Uint8Array;
  readonly signal: AbortSignal;
}

/** Beside the time that the slowest node takes for a block. */
const WAIT_MS = 15_000;
/** Longest pause between two looks, for changes that a node does not announce. */
const LOOK_AGAIN_MS = 200;

/** What the body of a case is called with. */
export async function buildContext(parts: ContextParts): Promise<SubjectContext | PairContext> {
  const { run, links, evidence, secret, signal } = parts;
  const { world, test } = run;
  const [first, second] = world.nodes;
  if (!first) throw new BoltgridError('runner.no-node', 'harness', 'a world without nodes');
  const common: CommonContext = {
    check: (requirement, ok, given) => {
      evidence.check(requirement, ok, given);
    },
    eventually: (what, read, until, options) => eventually(parts, what, read, until, options),
    secret,
    chain: chainVerbs(world, test.chain, signal),
    signal,
  };
  let connections = 0;
  const peerKey = (): Uint8Array => secret(`peer ${connections++}`);
  if (test.kind === 'pair') {
    if (!second) throw new BoltgridError('runner.no-node', 'harness', 'a pair needs two nodes');
    await prepareForPair(world, signal);
    const nodes = { a: first, b: second };
    return {
      ...common,
      a: first.control,
      b: second.control,
      connect: (to, options = {}) => connectPeer(nodes[to].running, options.key ?? peerKey(), options, links),
    } satisfies PairContext;
  }
  return {
    ...common,
    node: first.control,
    connect: (options = {}) => connectPeer(first.running, options.key ?? peerKey(), options, links),
    dial: () => dialRaw(first.running, links),
    listen: () => listenForNode(secret(`listener ${connections++}`), links, first.running.back),
  } satisfies SubjectContext;
}

async function eventually<T>(
  { run, evidence, signal }: ContextParts,
  what: string,
  read: () => Promise<T>,
  until: (value: T) => boolean,
  { withinMs = WAIT_MS + run.world.blockMs, requirement }: WaitOptions = {},
): Promise<T> {
  const state = { over: false };
  let wake = (): void => undefined;
  const stops = [
    awakeTimeout(withinMs, () => {
      state.over = true;
      wake();
    }),
    ...run.world.nodes.map(({ running }) =>
      running.onChange(() => {
        wake();
      }),
    ),
  ];
  try {
    for (;;) {
      signal.throwIfAborted();
      const last = state.over;
      const changed = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const value = await read();
      if (until(value)) {
        evidence.held(requirement, what);
        return value;
      }
      if (last) throw stillNot(what, value, withinMs, requirement);
      await Promise.race([changed, new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS))]);
    }
  } finally {
    for (const stop of stops) stop();
  }
}

function stillNot(what: string, value: unknown, ms: number, requirement: string | undefined): BoltgridError {
  const error = silent({ requirement, step: what, expected: what, awaited: 'state', link: undefined }, ms);
  return new BoltgridError(error.code, error.blame, `${what}: not within ${ms} ms`, {
    details: { ...error.details, got: toJson(value) },
  });
}

const ALLOWED: Readonly<Record<keyof ChainVerbs, readonly ChainMode[]>> = {
  confirm: ['confirm', 'owns'],
  pay: ['confirm', 'owns'],
  mine: ['owns'],
  spender: ['confirm', 'owns'],
  height: ['none', 'confirm', 'owns'],
};

function chainVerbs(world: World, mode: ChainMode, signal: AbortSignal): ChainVerbs {
  const allow = (verb: keyof ChainVerbs): void => {
    if (ALLOWED[verb].includes(mode)) return;
    throw new BoltgridError(
      'suite.chain-mode',
      'harness',
      `chain.${verb} in a case that declares chain: '${mode}'`,
      {
        hint: `Declare chain: '${ALLOWED[verb].join("' or '")}'.`,
      },
    );
  };
  return {
    confirm: async (txid, confirmations = 1) => {
      allow('confirm');
      await world.miner.confirm(txid, confirmations, signal);
    },
    mine: async (blocks) => {
      allow('mine');
      await world.miner.mine(blocks, signal);
    },
    pay: async (address, amountSat) => {
      allow('pay');
      return (await world.chain.pay(address, amountSat)).txid;
    },
    spender: async (txid, vout) => {
      allow('spender');
      const spending = await world.chain.spender(txid, vout);
      return spending && parseTransaction(spending.raw);
    },
    height: async () => (await world.chain.tip()).height,
  };
}

const COINS = 4;
const COIN_SAT = 50_000_000n;
const ENOUGH_SAT = 100_000_000n;

/** Both nodes have confirmed coins in several outputs. */
async function prepareForPair(world: World, signal: AbortSignal): Promise<void> {
  const controls = world.nodes.map(({ control }) => control);
  const poor = await Promise.all(
    controls.map(async (control) => {
      if (!control.operations.has('balance') || !control.operations.has('newAddress')) return [];
      const { confirmedSat } = await control.call('balance', {});
      if (confirmedSat >= ENOUGH_SAT) return [];
      const { address } = await control.call('newAddress', {});
      return Promise.all(Array.from({ length: COINS }, () => world.chain.pay(address, COIN_SAT)));
    }),
  );
  await Promise.all(poor.flat().map(({ txid }) => world.miner.confirm(txid, 1, signal)));
}
