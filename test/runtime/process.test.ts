import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ProgramLog } from '../../src/runtime/log.ts';
import { processRuntime } from '../../src/runtime/process.ts';
import type { Program } from '../../src/runtime/program.ts';
import { fixture, temporaryFolder } from '../nodes/drivers.ts';

const node = process.execPath;
const runtime = processRuntime();
let scratch: Awaited<ReturnType<typeof temporaryFolder>>;
let places = 0;

beforeAll(async () => {
  scratch = await temporaryFolder();
});

afterAll(async () => {
  await runtime.close();
  await scratch[Symbol.asyncDispose]();
});

async function start(argv: [string, ...string[]], env: Record<string, string> = {}): Promise<Program> {
  const name = `p${places++}`;
  const place = await runtime.place({ name, ports: {}, folder: `${scratch.folder}/${name}` });
  return place.start({ argv, env, endsOn: 'input' }, new ProgramLog());
}

const run = (script: string, env?: Record<string, string>): Promise<Program> =>
  start([node, '-e', script], env);

async function text(program: Program): Promise<string> {
  let all = '';
  for await (const chunk of program.output) all += String(chunk);
  return all;
}

/** Resolves when the output's next line is there. */
const firstLine = (program: Program): Promise<string> =>
  new Promise((resolve) =>
    program.output.once('data', (chunk: Buffer) => {
      resolve(String(chunk));
    }),
  );

/** A process that has ended, but that nobody reaps (a container without an init), still has its id. */
const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};

test('only the given environment is handed on', async () => {
  const program = await run('console.log(JSON.stringify(process.env))', { GIVEN: 'yes' });
  expect(JSON.parse(await text(program))).toEqual({ GIVEN: 'yes' });
});

test('tells code and signal', async () => {
  await expect((await run('process.exit(4)')).exited).resolves.toEqual({ code: 4, signal: null });
  const program = await run('setInterval(()=>{},1000)');
  await expect(program.kill()).resolves.toEqual({ code: null, signal: 'SIGKILL' });
});

test('an absent program is a set-up error', async () => {
  await expect(start(['/no/such/program'])).rejects.toMatchObject({
    code: 'runtime.cannot-start',
    blame: 'setup',
  });
});

test('a graceful program ends with its input', async () => {
  const program = await run('process.stdin.resume().on("end", () => process.exit(0))');
  await expect(program.stop(5000)).resolves.toEqual({ code: 0, signal: null });
  await expect(program.stop(5000)).resolves.toEqual({ code: 0, signal: null });
});

test('one that ignores everything is killed with what it started', async () => {
  const program = await start([node, fixture('drivers/ignores-end.mjs')]);
  const { child } = JSON.parse(await firstLine(program)) as { child: number };
  expect(isAlive(child)).toBe(true);
  await expect(program.stop(100)).resolves.toEqual({ code: null, signal: 'SIGKILL' });
  await expect.poll(() => isAlive(child)).toBe(false);
});

test('a child that is left behind is ended', async () => {
  const script =
    'const c=require("child_process").spawn(process.execPath,["-e","setInterval(()=>{},1000)"],{stdio:"ignore"});' +
    'console.log(c.pid);process.exit(0)';
  const program = await run(script);
  const child = Number(await firstLine(program));
  await program.exited;
  await expect.poll(() => isAlive(child)).toBe(false);
});

test('the log is cleaned and capped', async () => {
  const script =
    'for(let i=0;i<12000;i++)process.stderr.write(i+"\\n");process.stderr.write("\\u001b[31mred\\n"+"x".repeat(200000)+"\\nend\\n")';
  const program = await run(script);
  await program.exited;
  const [red, long, end] = program.log.tail(3);
  expect(red).toBe('red');
  expect(long?.length).toBeLessThan(2100);
  expect(end).toBe('end');
  expect(program.log.tail(100_000).length).toBeLessThanOrEqual(5000);
});

test('a plain program does not outlive us, however we end', async () => {
  const owner = spawn(
    node,
    ['--conditions=boltgrid:source', '--import', 'tsx', fixture('process-owner.ts'), scratch.folder],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const [line] = (await once(owner.stdout, 'data')) as [Buffer];
  const pid = Number(line);
  expect(isAlive(pid)).toBe(true);
  owner.kill('SIGKILL');
  await once(owner, 'exit');
  await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);
});
