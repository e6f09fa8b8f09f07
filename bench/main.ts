/**
 * `npm run bench`: prints a table and writes it as JSON. Figures are for reading; nothing is judged by them.
 *
 *     npm run bench -- --only engine,case --out figures.json
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { BoltgridError, messageOf } from '../src/core/error.ts';
import { boltgridVersion, PACKAGE_ROOT } from '../src/core/package.ts';
import { benchCase } from './case.ts';
import { benchChannel } from './channel.ts';
import { benchCodec } from './codec.ts';
import { benchEngine } from './engine.ts';
import type { Row } from './measure.ts';
import { benchMemory } from './memory.ts';
import { benchNodes } from './nodes.ts';
import { benchRun } from './run.ts';
import { tableOf } from './table.ts';

const BENCHES: Readonly<Record<string, () => readonly Row[] | Promise<readonly Row[]>>> = {
  engine: benchEngine,
  codec: benchCodec,
  channel: benchChannel,
  case: benchCase,
  run: benchRun,
  memory: benchMemory,
  nodes: benchNodes,
};

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { only: { type: 'string' }, out: { type: 'string' } } });
  const chosen = values.only?.split(',') ?? Object.keys(BENCHES);
  const at = new Date().toISOString();
  const machine = {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    loadAverage: loadavg(),
  };
  console.log(
    `boltgrid ${boltgridVersion()}, node ${machine.node}, ${machine.cores} cores of ${machine.cpu}, ` +
      `load average ${machine.loadAverage[0]?.toFixed(1)} at the start`,
  );
  const results: Record<string, readonly Row[]> = {};
  for (const name of chosen) {
    const rows = await bench(name);
    results[name] = rows;
    console.log(`\n${name}\n${tableOf(rows)}`);
  }
  const out = values.out ?? join(PACKAGE_ROOT, 'bench', 'results', `${at.replaceAll(':', '-')}.json`);
  await mkdir(dirname(out), { recursive: true });
  const loadAtEnd = loadavg();
  const report = { at, boltgrid: boltgridVersion(), machine: { ...machine, loadAtEnd }, results };
  await writeFile(out, `${JSON.stringify(report, undefined, 2)}\n`);
  console.log(`\nload average ${loadAtEnd[0]?.toFixed(1)} at the end; written to ${out}`);
}

async function bench(name: string): Promise<readonly Row[]> {
  const run = BENCHES[name];
  if (!run) {
    const known = Object.keys(BENCHES).join(', ');
    throw new BoltgridError('bench.unknown', 'user', `no bench is called ${name}; there are ${known}`);
  }
  return run();
}

try {
  await main();
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}
