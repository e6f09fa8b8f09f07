import type { ProcessIdentity } from '../../core/process-identity.ts';
import { findEngine, type EngineVersion } from './connect.ts';
import { Images } from './images.ts';
import type { RunData } from './run.ts';
import { joinScope, openScope, type RunScope } from './run-scope.ts';
import { leftovers, sweep, sweepRun, type Leftover } from './sweep.ts';

/** A Docker engine of this machine. */
export interface Engine {
  readonly version: EngineVersion;
  readonly images: Images;
  /** What the run makes is marked as its owner's: `sweep` removes it once that process has ended. */
  openRun(run: { readonly runId: string; readonly owner: ProcessIdentity }): Promise<RunScope>;
  /** Takes part in a run that another process has opened. */
  joinRun(data: RunData): RunScope;
  /** Removes what belongs to processes of this machine that have provably ended, and nothing else. */
  sweep(): Promise<readonly Leftover[]>;
  /** Removes what a run left, also where nobody can tell whether its process has ended. Throws `docker.run-alive`. */
  sweepRun(runId: string): Promise<readonly Leftover[]>;
  /** All that carries our labels. */
  leftovers(): Promise<readonly Leftover[]>;
}

/** Throws `docker.absent`, `docker.not-permitted`, `docker.remote`, `docker.too-old`, each with what can be done. */
export async function connectEngine(): Promise<Engine> {
  const { docker, version } = await findEngine();
  return {
    version,
    images: new Images(docker, version),
    openRun: (run) => openScope(docker, version, run),
    joinRun: (data) => joinScope(docker, version, data),
    sweep: () => sweep(docker),
    sweepRun: (runId) => sweepRun(docker, runId),
    leftovers: () => leftovers(docker),
  };
}
