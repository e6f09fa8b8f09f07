import { parseTransaction } from '../bitcoin/transaction.ts';
import { BoltgridError } from '../core/error.ts';
import type { ChainMode, ChainVerbs, CommonContext, SeenTransaction } from '../suite/types.ts';
import { caseChain, seenTransaction } from './case-chain.ts';
import type { Seat } from './miner.ts';
import type { World } from './world.ts';

const CONFIRM: readonly ChainMode[] = ['confirm', 'owns'];
const OWNS: readonly ChainMode[] = ['owns'];

const ALLOWED: Readonly<Record<keyof ChainVerbs, readonly ChainMode[]>> = {
  height: ['none', 'confirm', 'owns'],
  confirm: CONFIRM,
  fund: CONFIRM,
  pay: CONFIRM,
  broadcast: CONFIRM,
  testAccept: CONFIRM,
  transaction: CONFIRM,
  sight: CONFIRM,
  spender: CONFIRM,
  spenderOf: CONFIRM,
  mine: OWNS,
  reorg: OWNS,
};

export interface ChainVerbsParts {
  readonly world: Pick<World, 'chain' | 'miner' | 'wear'>;
  readonly mode: ChainMode;
  readonly seat: Seat;
  readonly eventually: CommonContext['eventually'];
  readonly signal: AbortSignal;
}

/** The suite's word `chain`, as far as the case's mode has it. */
export function chainVerbs(parts: ChainVerbsParts): ChainVerbs {
  const guarded = Object.entries(everyVerb(parts)).map(
    ([name, verb]: [string, (...given: never[]) => Promise<unknown>]) => [
      name,
      async (...given: never[]) => {
        mustAllow(name as keyof ChainVerbs, parts.mode);
        return verb(...given);
      },
    ],
  );
  return Object.fromEntries(guarded) as ChainVerbs;
}

function everyVerb({ world, seat, eventually, signal }: ChainVerbsParts): ChainVerbs {
  const { chain, miner } = world;
  const ofChannels = caseChain(world, seat, signal);
  return {
    ...ofChannels,
    confirm: (txid, confirmations = 1) => ofChannels.confirm(txid, confirmations),
    fund: async (target, amountSat) => parseTransaction((await chain.fund(target, amountSat)).raw),
    pay: async (target, amountSat) => (await chain.pay(target, amountSat)).txid,
    testAccept: (...transactions) => chain.testAccept(...transactions.map(({ raw }) => raw)),
    transaction: async (txid) => seenTransaction(await chain.transaction(txid)),
    spenderOf: async (txid, vout, { what = 'the output', ...options } = {}) => {
      const isThere = (found: SeenTransaction | undefined): boolean => found !== undefined;
      const found = await eventually(
        `${what} is spent`,
        () => ofChannels.spender(txid, vout),
        isThere,
        options,
      );
      if (!found) throw new BoltgridError('runner.not-awaited', 'harness', `${what} is not spent`);
      return found;
    },
    mine: (blocks, transactions) => miner.mine(blocks, transactions, signal),
    reorg: async (depth, options) => {
      // Channels of earlier cases may have gone with the blocks.
      world.wear();
      await miner.reorg(depth, options, signal);
    },
  };
}

function mustAllow(verb: keyof ChainVerbs, mode: ChainMode): void {
  if (ALLOWED[verb].includes(mode)) return;
  throw new BoltgridError(
    'suite.chain-mode',
    'harness',
    `chain.${verb} in a case that declares chain: '${mode}'`,
    { hint: `Declare chain: '${ALLOWED[verb].join("' or '")}'.` },
  );
}
