import { once } from 'node:events';
import { expect, test } from 'vitest';
import { ProgramLog } from '../../src/runtime/log.ts';
import {
  diesAfter,
  exitsAtOnce,
  fakeRuntime,
  hangs,
  runsOutOfMemory,
  type FakeScript,
} from '../fixtures/fake-runtime.ts';
import { runtimeContract } from './contract.ts';

const echo: FakeScript = async (program) => {
  program.log('ready');
  for await (const line of program.lines()) program.output.write(`got ${line}\n`);
  return 3;
};

const scripts: Record<string, FakeScript> = {
  echo,
  exits: exitsAtOnce(4),
  ignoresAll: (program) => {
    program.output.write('ready\n');
    return hangs(program);
  },
  waits: (program) => {
    program.output.write('ready\n');
    return new Promise(() => undefined);
  },
  printsGiven: (program) => {
    program.output.write(`${program.env.GIVEN ?? ''}\n`);
    return Promise.resolve(0);
  },
  copies: async (program) => {
    for await (const chunk of program.input) program.output.write(chunk);
    program.log('on stderr');
    return 5;
  },
  floods: async (program) => {
    while (!program.ended.aborted) {
      if (!program.output.write(Buffer.alloc(64 * 1024))) await once(program.output, 'drain');
    }
    return 0;
  },
  hangs,
};

runtimeContract('fake', () =>
  Promise.resolve({
    runtime: fakeRuntime(scripts),
    programs: {
      echo: ['echo'],
      exits: ['exits'],
      ignoresAll: ['ignoresAll'],
      waits: ['waits'],
      printsGiven: ['printsGiven'],
      copies: ['copies'],
      floods: ['floods'],
      hangs: ['hangs'],
      absent: ['absent'],
    },
    place: {},
    close: () => Promise.resolve(),
  }),
);

test.each([
  ['a program that runs and dies', diesAfter(2, 9, echo), { code: 9, signal: null }, 'got a\n'],
  [
    'one that runs out of memory',
    runsOutOfMemory(2, 64),
    { code: null, signal: 'SIGKILL', note: 'out of memory (limit 64 MiB)' },
    '',
  ],
])('the fake tells of %s', async (_, script, exit, output) => {
  const place = await fakeRuntime({ program: script }).place({ name: 'n', ports: {}, folder: '' });
  const program = await place.start({ argv: ['program'], env: {}, endsOn: 'input' }, new ProgramLog());
  program.input.write('a\nb\n');
  expect(await program.exited).toEqual(exit);
  expect(String((program.output.read() as Buffer | null) ?? '')).toContain(output);
});
