#!/usr/bin/env node
import { BoltgridError } from '../core/error.ts';
import { EXIT } from './command.ts';
import { main } from './main.ts';

const stop = new AbortController();

/** The first one ends the run in order; with the second the process ends at once, and with it its workers and nodes. */
function onSignal(signal: NodeJS.Signals): void {
  if (stop.signal.aborted) process.exit(EXIT.cancelled);
  process.stderr.write(`\n${signal}: stopping; once more to stop at once\n`);
  stop.abort(new BoltgridError('core.cancelled', 'user', 'cancelled'));
}
process.on('SIGINT', onSignal);
process.on('SIGTERM', onSignal);

// A reader that has seen enough (`boltgrid list | head`) closes the pipe: nobody is left to be told anything.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.red);
});

process.exitCode = await main(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  cwd: process.cwd(),
  signal: stop.signal,
});
