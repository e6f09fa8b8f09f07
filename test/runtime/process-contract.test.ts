import { processRuntime } from '../../src/runtime/process.ts';
import { runtimeContract } from './contract.ts';
import { SHELL_PROGRAMS } from './shell-programs.ts';

runtimeContract('processes', () =>
  Promise.resolve({
    runtime: processRuntime(),
    programs: SHELL_PROGRAMS,
    place: {},
    close: () => Promise.resolve(),
  }),
);
