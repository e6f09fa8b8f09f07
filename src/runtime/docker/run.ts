import type Dockerode from 'dockerode';
import type { ProcessIdentity } from '../../core/process-identity.ts';
import type { Runtime } from '../runtime.ts';
import type { Labels } from './labels.ts';

/** What a worker process needs to take part in a run: plain data. */
export interface RunData {
  readonly runId: string;
  readonly owner: ProcessIdentity;
  readonly network: { readonly id: string; readonly name: string };
  readonly back: Runtime['back'];
  /** Whether containers must be told the address of `back.dial`, which is then a name. */
  readonly needsHostName: boolean;
}

/** What the places of a run share. */
export interface Run {
  readonly docker: Dockerode;
  readonly data: RunData;
  readonly labels: Labels;
  readonly hasInit: boolean;
}

/** What a run's containers, volumes and network are called: unlike for any two runs on one machine. */
export const nameIn = (runId: string, name: string): string =>
  `boltgrid-${runId.replace(/[^A-Za-z0-9_.-]/g, '-').slice(0, 40)}-${name}`;
