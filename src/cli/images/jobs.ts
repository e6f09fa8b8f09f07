import pLimit from 'p-limit';
import { isBoltgridError, messageOf } from '../../core/error.ts';
import { cleanText } from '../../core/text.ts';
import type { Colours } from '../../report/text/colours.ts';
import { EXIT } from '../command.ts';
import { printLines, type Output } from '../context.ts';
import { clip } from '../progress/frame.ts';
import { elapsedText, oneLine } from '../progress/lines.ts';
import { LiveBlock } from '../progress/live.ts';
import { megabytes, table } from './table.ts';

/** What a job came to when it did not fail. */
export interface Made {
  readonly outcome: 'present' | 'pulled' | 'built' | 'made';
  readonly reference: string;
  readonly sizeBytes: number;
}

/** One image to be had. */
export interface ImageJob {
  readonly id: string;
  readonly run: (onLine: (line: string) => void, signal: AbortSignal) => Promise<Made>;
}

export interface JobResult {
  readonly id: string;
  readonly milliseconds: number;
  readonly made?: Made;
  /** `core.cancelled` for those that were ended, or never begun. */
  readonly error?: unknown;
}

export interface JobsOptions {
  readonly output: Output;
  readonly colours: Colours;
  readonly limit: number;
  readonly signal: AbortSignal;
  /** Each line of each job, not just the latest. */
  readonly verbose: boolean;
  /** Milliseconds; only differences count. */
  readonly now: () => number;
}

/** Does them side by side, some at a time, and tells how they go. One that fails leaves the others alone. */
export async function runJobs(jobs: readonly ImageJob[], options: JobsOptions): Promise<JobResult[]> {
  const progress = new JobsProgress(options);
  const limit = pLimit(options.limit);
  try {
    return await Promise.all(jobs.map((job) => limit(() => runJob(job, progress, options))));
  } finally {
    progress.end();
  }
}

async function runJob(job: ImageJob, progress: JobsProgress, options: JobsOptions): Promise<JobResult> {
  const startedAt = options.now();
  const settle = (rest: Pick<JobResult, 'made' | 'error'>): JobResult => {
    const result = { id: job.id, milliseconds: Math.round(options.now() - startedAt), ...rest };
    progress.finished(result);
    return result;
  };
  try {
    options.signal.throwIfAborted();
    progress.started(job.id);
    const made = await job.run((line) => {
      progress.line(job.id, line);
    }, options.signal);
    return settle({ made });
  } catch (error) {
    return settle({ error });
  }
}

interface Running {
  readonly startedAt: number;
  line: string;
}

/** A line for each job that runs, kept up to date on a terminal; a line at its start and its end elsewhere. */
class JobsProgress {
  readonly #options: JobsOptions;
  readonly #running = new Map<string, Running>();
  readonly #live: LiveBlock | undefined;

  constructor(options: JobsOptions) {
    this.#options = options;
    if (options.output.isTTY !== true) return;
    this.#live = new LiveBlock(options.output, () => this.#frame());
    this.#live.start();
  }

  started(id: string): void {
    this.#running.set(id, { startedAt: this.#options.now(), line: '' });
    if (!this.#live) this.#print(`${id}  …`);
  }

  line(id: string, text: string): void {
    const running = this.#running.get(id);
    const line = oneLine(text);
    if (!running || line === '') return;
    running.line = line;
    if (this.#options.verbose) this.#print(`${this.#options.colours.dim(id)}  ${line}`);
  }

  finished(result: JobResult): void {
    if (!this.#running.delete(result.id)) return;
    const { colours } = this.#options;
    const outcome = outcomeOf(result);
    const shown = result.made ? colours.green(outcome) : colours.red(outcome);
    this.#print(`${colours.bold(result.id)}  ${shown}  ${elapsedText(result.milliseconds)}`);
  }

  end(): void {
    this.#live?.end();
  }

  #frame(): string[] {
    const { output, colours, now } = this.#options;
    return [...this.#running].map(([id, { startedAt, line }]) =>
      clip(
        `${colours.bold(id)}  ${elapsedText(now() - startedAt)}  ${colours.dim(line)}`,
        (output.columns ?? 80) - 1,
      ),
    );
  }

  #print(line: string): void {
    if (this.#live) this.#live.print([line]);
    else printLines(this.#options.output, [line]);
  }
}

const isCancelled = ({ error }: JobResult): boolean =>
  (isBoltgridError(error) && error.code === 'core.cancelled') ||
  (error instanceof Error && error.name === 'AbortError');

function outcomeOf(result: JobResult): string {
  if (result.made) return result.made.outcome;
  return isCancelled(result) ? 'cancelled' : 'failed';
}

/** What became of each, then what went wrong, in full. */
export function resultLines(results: readonly JobResult[], colours: Colours): string[] {
  const rows = results.map((result) => [
    result.id,
    outcomeOf(result),
    (result.milliseconds / 1000).toFixed(1),
    result.made ? megabytes(result.made.sizeBytes) : '',
    result.made?.reference ?? '',
  ]);
  return [
    '',
    ...table(['image', 'outcome', 'seconds', 'size', 'reference'], rows, colours),
    ...results.filter((result) => !result.made && !isCancelled(result)).flatMap(failureLines(colours)),
  ];
}

const failureLines =
  (colours: Colours) =>
  ({ id, error }: JobResult): string[] => {
    const hint = isBoltgridError(error) ? (error.hint ?? '') : '';
    return [
      '',
      `${colours.red('error:')} ${colours.bold(id)}: ${oneLine(messageOf(error), 1000)}`,
      ...hint.split('\n').flatMap((line) => (line === '' ? [] : [`  ${cleanText(line)}`])),
    ];
  };

export const resultsJson = (results: readonly JobResult[]): object => ({
  images: results.map((result) => ({
    id: result.id,
    outcome: outcomeOf(result),
    milliseconds: result.milliseconds,
    ...(result.made && { reference: result.made.reference, sizeBytes: result.made.sizeBytes }),
    ...(!result.made && {
      error: messageOf(result.error),
      ...(isBoltgridError(result.error) && { code: result.error.code, hint: result.error.hint }),
    }),
  })),
});

export function exitCodeOf(results: readonly JobResult[]): number {
  if (results.some(isCancelled)) return EXIT.cancelled;
  return results.every(({ made }) => made) ? EXIT.ok : EXIT.red;
}
