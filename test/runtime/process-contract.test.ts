import { processRuntime } from '../../src/runtime/process.ts';
import { runtimeContract, SHELL_PROGRAMS } from './contract.ts';

runtimeContract('processes', () =>
  Promise.resolve({
    runtime: processRuntime(),
    programs: SHELL_PROGRAMS,
    place: {},
    close: () => Promise.resolve(),
  }),
);
