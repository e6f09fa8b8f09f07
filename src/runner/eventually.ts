import { awakeTimeout } from '../core/deadline.ts';
import { BoltgridError } from '../core/error.ts';
import { silent } from '../peer/step.ts';
import { toJson } from '../peer/transcript.ts';
import type { WaitOptions } from '../suite/types.ts';
import type { CaseEvidence } from './evidence.ts';
import type { World } from './world.ts';

export interface Waiting {
  readonly world: World;
  readonly evidence: CaseEvidence;
  readonly signal: AbortSignal;
}

/** How many answers of the slowest node a state may take to come about, beside the time that it takes for a block. */
const ANSWERS = 3;
/** Longest pause between two looks, for changes that a node does not announce. */
const LOOK_AGAIN_MS = 200;

/** Looks again whenever a node or the chain says that something changed, and now and then besides. */
export async function eventually<T>(
  { world, evidence, signal }: Waiting,
  what: string,
  read: () => Promise<T>,
  until: (value: T) => boolean,
  { withinMs = usualWaitMs(world), requirement }: WaitOptions = {},
): Promise<T> {
  const state = { over: false };
  let wake = (): void => undefined;
  const stops = [
    awakeTimeout(withinMs, () => {
      state.over = true;
      wake();
    }),
    ...world.nodes.map(({ running }) =>
      running.onChange(() => {
        wake();
      }),
    ),
    world.chain.onTransaction(() => {
      wake();
    }),
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

const usualWaitMs = ({ nodes, blockMs }: World): number =>
  ANSWERS * Math.max(...nodes.map(({ answerMs }) => answerMs)) + blockMs;

function stillNot(what: string, value: unknown, ms: number, requirement: string | undefined): BoltgridError {
  const error = silent({ requirement, step: what, expected: what, awaited: 'state', link: undefined }, ms);
  return new BoltgridError(error.code, error.blame, `${what}: not within ${ms} ms`, {
    details: { ...error.details, got: toJson(value) },
  });
}
