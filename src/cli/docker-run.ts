import { isBoltgridError } from '../core/error.ts';
import { thisProcess } from '../core/process-identity.ts';
import type { Plan } from '../matrix/plan.ts';
import type { RunRequest } from '../runner/run.ts';

/** What a run needs of Docker, for as long as it lasts. */
export interface DockerHold {
  readonly request: Pick<RunRequest, 'docker'>;
  /** Removes all that the run made there. */
  readonly release: () => Promise<void>;
}

/**
 * Opens the run in Docker where the plan has cells there, after clearing away what runs left that were killed. `tell` gets a sentence
 * for each thing that was removed.
 */
export async function holdDocker(
  { chain }: Plan,
  runId: string,
  tell: (line: string) => void,
): Promise<DockerHold> {
  if (!chain) return { request: {}, release: () => Promise.resolve() };
  const { connectEngine } = await import('../runtime/docker/engine.ts');
  const engine = await connectEngine();
  const swept = await engine.sweep();
  if (swept.length > 0) tell(`removed ${swept.length} things that earlier runs left in Docker`);
  const scope = await engine.openRun({ runId, owner: thisProcess() });
  return {
    request: { docker: { run: scope.data, chain } },
    release: async () => {
      try {
        await scope.close();
      } catch (error) {
        if (!isBoltgridError(error)) throw error;
        tell(`${error.message}; boltgrid clean removes what is left`);
      }
    },
  };
}
