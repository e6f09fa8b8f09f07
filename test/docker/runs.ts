import { randomBytes } from 'node:crypto';
import Dockerode from 'dockerode';
import { thisProcess, type ProcessIdentity } from '../../src/core/process-identity.ts';
import type { Engine } from '../../src/runtime/docker/engine.ts';
import type { RunScope } from '../../src/runtime/docker/run-scope.ts';
import type { Leftover } from '../../src/runtime/docker/sweep.ts';
import { ProgramLog } from '../../src/runtime/log.ts';
import type { Program, ProgramSpec } from '../../src/runtime/program.ts';
import type { Place, PlaceSpec } from '../../src/runtime/runtime.ts';
import { temporaryFolder } from '../nodes/drivers.ts';
import { busyboxImage } from './busybox-image.ts';

/** The engine itself, to look at what was made. */
export const docker = new Dockerode();

export const newRunId = (): string => `test-${randomBytes(4).toString('hex')}`;

export interface TestRun extends AsyncDisposable {
  readonly scope: RunScope;
  readonly runId: string;
  place(name: string, spec?: Partial<PlaceSpec>): Promise<Place>;
}

/** A run that is closed at the end of a test. */
export async function testRun(engine: Engine, owner: ProcessIdentity = thisProcess()): Promise<TestRun> {
  const runId = newRunId();
  const image = await busyboxImage(engine);
  const scratch = await temporaryFolder();
  const scope = await engine.openRun({ runId, owner });
  return {
    scope,
    runId,
    place: (name, spec = {}) =>
      scope.runtime().place({
        name,
        ports: {},
        folder: `${scratch.folder}/${name}`,
        image,
        mount: '/data',
        ...spec,
      }),
    [Symbol.asyncDispose]: async () => {
      await scope.close();
      await scratch[Symbol.asyncDispose]();
    },
  };
}

export const shell = (script: string): ProgramSpec['argv'] => ['/bin/sh', '-c', script];

export const startShell = (place: Place, script: string): Promise<Program> =>
  place.start({ argv: shell(script), env: {}, endsOn: 'signal' }, new ProgramLog());

export async function leftOf(engine: Engine, runId: string): Promise<readonly Leftover[]> {
  return (await engine.leftovers()).filter((left) => left.runId === runId);
}

/** All of a program's output. */
export async function outputOf({ output }: Program): Promise<string> {
  let text = '';
  for await (const chunk of output) text += String(chunk);
  return text;
}
