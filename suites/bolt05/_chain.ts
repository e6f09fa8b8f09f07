import {
  BoltgridError,
  type ChannelWatch,
  type PeerChannel,
  type SubjectContext,
  type WatchedChannel,
} from 'boltgrid';

/** Two commitments, and blocks up to an expiry. */
export const CHAIN_CASE_MS = 180_000;
/** What a node gets for a transaction before it gets another block. */
const BLOCK_PAUSE_MS = 300;
/** Nodes sweep in batches: some wait for several blocks. After the last of these there is time in full. */
const PATIENCE_BLOCKS = 6;

type ChainContext = Pick<SubjectContext, 'chain' | 'check' | 'eventually'>;
type Output = WatchedChannel['outputs'][number]['kind'];

/** The commitment that spends the funding output, in a block. */
export async function closedOnChain({ chain }: ChainContext, watch: ChannelWatch): Promise<WatchedChannel> {
  await chain.mine(1);
  const closed = await watch.look();
  if (closed) return closed;
  throw new BoltgridError('suite.no-close', 'harness', 'no transaction in a block spends the funding output');
}

/** Waits for what spends the funding output, and mines it. */
export async function nodeCloses(
  context: ChainContext,
  { fundingTxid, fundingOutputIndex }: PeerChannel,
  watch: ChannelWatch,
  requirement: string,
): Promise<WatchedChannel> {
  await context.chain.spenderOf(fundingTxid, fundingOutputIndex, { what: 'the funding output', requirement });
  return closedOnChain(context, watch);
}

/** Goes on, block by block, until the node has taken all that it must, and should, of these outputs: judged at the sentence for each. */
export async function expectTaken(
  { chain, check, eventually }: ChainContext,
  watch: ChannelWatch,
  ...kinds: readonly Output[]
): Promise<void> {
  const open = async () => {
    const closed = await watch.look();
    return (closed?.due ?? []).filter(({ output, level }) => level !== 'may' && kinds.includes(output));
  };
  const height = await chain.height();
  let due = await open();
  let end = height + PATIENCE_BLOCKS;
  for (;;) {
    if (due.length === 0) return;
    const now = await chain.height();
    const ready = due.filter(({ fromHeight }) => fromHeight <= now);
    if (ready.length === 0) {
      const next = Math.min(...due.map(({ fromHeight }) => fromHeight));
      await chain.mine(next - now);
      end = next + PATIENCE_BLOCKS;
    } else {
      const isLast = now >= end;
      const isTaken = await takes(eventually, open, due.length - ready.length, isLast);
      if (isLast && !isTaken) break;
      await chain.mine(1);
    }
    due = await open();
  }
  for (const { requirement, at, output, fromHeight } of due)
    check(requirement, false, {
      expected: `a spend of ${output} ${at} from height ${fromHeight} on`,
      got: 'unspent',
    });
}

/** Whether no more than so many outputs are left in time. */
async function takes(
  eventually: SubjectContext['eventually'],
  open: () => Promise<readonly unknown[]>,
  left: number,
  isLast: boolean,
): Promise<boolean> {
  try {
    await eventually('the node takes its outputs', open, (due) => due.length <= left, {
      ...(!isLast && { withinMs: BLOCK_PAUSE_MS }),
    });
    return true;
  } catch (error) {
    if (error instanceof BoltgridError && error.code === 'step.deadline') return false;
    throw error;
  }
}
