import { withDeadline } from '../core/deadline.ts';
import { BoltgridError, isBoltgridError } from '../core/error.ts';
import { cellId, type Cell } from '../core/ids.ts';
import type { CaseFinished } from '../journal/events.ts';
import { Transcript } from '../peer/transcript.ts';
import type { TestCase } from '../suite/types.ts';
import { buildContext } from './context.ts';
import { diagnose } from './diagnose.ts';
import { CaseEvidence } from './evidence.ts';
import { judgeError, judgePassed, type Judgement } from './judge.ts';
import { Links } from './links.ts';
import type { Seat } from './miner.ts';
import { derive } from './secrets.ts';
import type { World } from './world.ts';

/** Clean-up has a deadline of its own, so that an expired case still lets go of its connections. */
const CLEAN_UP_MS = 5_000;
const LOG_LINES = 30;
/** What the deadlines of cases are made for; a node that may take longer for an answer has more time for each case. */
const USUAL_ANSWER_MS = 5_000;
/** More than the deadlines of all that it takes. */
const COINS_MS = 120_000;
/** Restarts of the node in one case whose time is not the case's; each may take as long as its first start. */
const MOST_RESTARTS = 5;
/** How long the end of a program may take to be known, once it answers nobody. */
const END_MS = 5_000;

export interface CaseRun {
  readonly test: TestCase;
  readonly cell: Cell;
  readonly world: World;
  readonly seed: string;
  readonly attempt: number;
  readonly alone: boolean;
  /** Aborted when the run is cancelled. */
  readonly signal: AbortSignal;
}

/**
 * Runs one case to its verdict. Rejects only when the run is cancelled; whatever else goes wrong is a verdict.
 */
export async function runCase(run: CaseRun): Promise<CaseFinished> {
  const { test, world } = run;
  const evidence = new CaseEvidence(test);
  const transcript = new Transcript();
  const ended = new AbortController();
  const seat: Seat = Symbol(test.id);
  const links = new Links(run, seat, transcript, evidence, ended.signal);
  let startedAt = performance.now();
  let judgement: Judgement;
  try {
    await prepare(run, seat);
    startedAt = performance.now();
    await body(run, seat, links, evidence, ended.signal);
    judgement = judgePassed(evidence.checks);
  } catch (error) {
    run.signal.throwIfAborted();
    evidence.broken(error);
    judgement = await judge(run, error, links);
  } finally {
    ended.abort(new BoltgridError('case.ended', 'harness', 'the case has ended'));
    await withDeadline('closing the case’s connections', CLEAN_UP_MS, () => links.close()).catch(
      () => undefined,
    );
    world.miner.leave(seat);
  }
  return finished(run, judgement, {
    milliseconds: Math.round((performance.now() - startedAt) * 10) / 10,
    checks: evidence.checks,
    transcript: transcript.entries(),
    ...(judgement.verdict === 'crashed' && { logTail: await logTail(world) }),
    ...(judgement.verdict === 'setup-error' && logTailIn(world.death)),
  });
}

/** A node that was ended from outside, or has lost its chain, cannot be judged. */
async function judge({ test, world }: CaseRun, error: unknown, links: Links): Promise<Judgement> {
  const isLost = (): boolean => world.death?.blame === 'setup';
  const liveness = isLost() ? 'dead' : await diagnose(error, links.patient());
  // Its connections are closed before anybody is told that its program has ended, and how.
  if (liveness === 'dead' && !world.death) {
    await withDeadline('the end of a node', END_MS, () => world.died).catch(() => undefined);
  }
  return isLost() ? judgeError(test, world.death, 'alive') : judgeError(test, error, liveness, world.death);
}

/** What is done for the case before its time runs. */
async function prepare({ test, world, signal }: CaseRun, seat: Seat): Promise<void> {
  const fill = (): Promise<void> => whileItLives(world, world.wallets.fill());
  if (test.chain !== 'none' || test.needs.coins)
    await withDeadline('coins for the nodes', COINS_MS, fill, signal);
  await world.miner.enter(seat);
}

/** The body, until it ends, its deadline passes, a node dies or the run is cancelled. */
async function body(
  run: CaseRun,
  seat: Seat,
  links: Links,
  evidence: CaseEvidence,
  ended: AbortSignal,
): Promise<void> {
  const { test, world, signal } = run;
  const secret = (label: string): Uint8Array =>
    derive(run.seed, cellId(run.cell), test.id, run.attempt, label);
  try {
    await withDeadline(
      `case ${test.id}`,
      deadlineMs(test, world),
      async (inner) => {
        const context = buildContext({
          run,
          seat,
          links,
          evidence,
          secret,
          signal: AbortSignal.any([inner, ended]),
        });
        await whileItLives(world, test.run(context));
      },
      signal,
    );
  } catch (error) {
    if (
      isBoltgridError(error) &&
      error.code === 'core.deadline' &&
      error.message.startsWith(`case ${test.id}`)
    ) {
      throw new BoltgridError('core.deadline', 'harness', `${error.message} although no step was overdue`, {
        hint: 'Give the case a longer deadlineMs, or its steps shorter ones.',
        details: { of: 'case' },
      });
    }
    throw error;
  }
}

/** For the whole case: what it asks for, and what it cannot help. */
function deadlineMs({ kind, deadlineMs, needs }: TestCase, { nodes }: World): number {
  const startMs = Math.max(0, ...nodes.map((node) => node.startMs ?? 0));
  const restartsMs = needs.ops?.includes('start') === true ? MOST_RESTARTS * startMs : 0;
  // The steps of a pair are operations, whose deadlines do not depend on how fast messages are answered.
  if (kind === 'pair') return deadlineMs + restartsMs;
  const slowest = Math.max(USUAL_ANSWER_MS, ...nodes.map(({ answerMs }) => answerMs));
  const pingMs = Math.max(0, ...nodes.map((node) => node.pingMs ?? 0));
  const pingsMs = (needs.pings ?? 0) * pingMs;
  return (deadlineMs * slowest) / USUAL_ANSWER_MS + pingsMs + restartsMs;
}

/** What `work` comes to, unless a node dies or the chain is lost before. */
const whileItLives = (world: World, work: Promise<void>): Promise<void> =>
  Promise.race([work, world.died.then(() => Promise.reject(world.death ?? unexplained()))]);

const unexplained = (): BoltgridError => new BoltgridError('node.died', 'node', 'a node ended by itself');

async function logTail(world: World): Promise<string[]> {
  const logs = await Promise.all(
    world.nodes.map(({ running }) => running.logTail(LOG_LINES).catch(() => [])),
  );
  return logs.flat();
}

/** The end of the log that an error brings along. */
export function logTailIn(error: unknown): Pick<CaseFinished, 'logTail'> {
  const tail = isBoltgridError(error) ? error.details.logTail : undefined;
  return Array.isArray(tail) ? { logTail: tail.map(String) } : {};
}

type Rest = Pick<CaseFinished, 'milliseconds' | 'checks' | 'transcript' | 'logTail'>;

/** A finished event from its parts; also for cases that were decided without running. */
export function finished(
  run: Pick<CaseRun, 'test' | 'cell' | 'attempt' | 'alone'>,
  judgement: Judgement,
  rest?: Rest,
): CaseFinished {
  return {
    event: 'case-finished',
    at: new Date().toISOString(),
    cell: cellId(run.cell),
    case: run.test.id,
    attempt: run.attempt,
    world: rest ? (run.alone ? 'alone' : 'shared') : 'none',
    ...judgement,
    ...(rest ?? { milliseconds: 0, checks: [], transcript: [] }),
  };
}
