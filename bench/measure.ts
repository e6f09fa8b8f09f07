/** One figure of the table. */
export interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What it shall be, where an aim was set. */
  readonly aim?: { readonly atLeast: number } | { readonly atMost: number };
  readonly note?: string;
}

const ROUND_MS = 60;
const ROUNDS = 10;

/**
 * How often each of several works runs in a second of CPU time. They take turns in short rounds and other programs' time is not
 * counted, so that a busy machine does not favour one of them: ratios are only taken between rates of one call.
 */
export function ratesOf(works: readonly (() => unknown)[], rounds = ROUNDS): number[] {
  const totals = works.map((work) => ({ work, runs: 0, cpuUs: 0 }));
  for (const { work } of totals) runFor(ROUND_MS, work);
  for (let round = 0; round < rounds; round++) {
    for (const total of totals) {
      const before = process.cpuUsage();
      total.runs += runFor(ROUND_MS, total.work);
      total.cpuUs += cpuUsSince(before);
    }
  }
  return totals.map(({ runs, cpuUs }) => (runs * 1e6) / cpuUs);
}

function runFor(ms: number, work: () => unknown): number {
  const endsAt = performance.now() + ms;
  let runs = 0;
  do {
    work();
    runs += 1;
  } while (performance.now() < endsAt);
  return runs;
}

export function cpuUsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

/** The middle one, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length / 2;
  const [low = Number.NaN, high = low] = sorted.slice(Math.ceil(half) - 1, Math.floor(half) + 1);
  return (low + high) / 2;
}
