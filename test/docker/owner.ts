// Owns a run with a driver and a plain program, says so, and goes on until it is killed.
import { tmpdir } from 'node:os';
import { thisProcess } from '../../src/core/process-identity.ts';
import { connectEngine } from '../../src/runtime/docker/engine.ts';
import { ProgramLog } from '../../src/runtime/log.ts';
import { SHELL_PROGRAMS } from '../runtime/shell-programs.ts';

const [runId = '', image = ''] = process.argv.slice(2);
const engine = await connectEngine();
const scope = await engine.openRun({ runId, owner: thisProcess() });
const programs = { driver: SHELL_PROGRAMS.echo, plain: SHELL_PROGRAMS.waits };
for (const [name, argv] of Object.entries(programs)) {
  const place = await scope.runtime().place({ name, ports: {}, folder: tmpdir(), image, mount: '/data' });
  await place.start({ argv, env: {}, endsOn: name === 'driver' ? 'input' : 'signal' }, new ProgramLog());
}
console.log('ready');
setInterval(() => undefined, 60_000);
