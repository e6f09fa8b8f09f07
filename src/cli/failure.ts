import { isBoltgridError, messageOf } from '../core/error.ts';
import type { BoltgridError } from '../core/error.ts';
import { cleanText } from '../core/text.ts';
import { EXIT } from './command.ts';
import { coloursFor } from './context.ts';
import type { CliContext } from './context.ts';

/** Tells what went wrong in a line and what can be done in another, and gives the exit code. */
export function failure(error: unknown, context: CliContext, verbose: boolean): number {
  const colours = coloursFor(context.stderr, context.env);
  const tell = (text: string): unknown => context.stderr.write(`${text}\n`);
  const known = isBoltgridError(error) ? error : undefined;
  tell(`${colours.red('error:')} ${cleanText(messageOf(error))}`);
  if (known?.hint !== undefined) tell(cleanText(known.hint));
  if (verbose) for (const line of background(error)) tell(colours.dim(line));
  else if (known === undefined)
    tell('This is a defect of boltgrid. Run again with --verbose to see where it is.');
  return exitCodeOf(error, known);
}

function exitCodeOf(error: unknown, known: BoltgridError | undefined): number {
  if (known?.code === 'core.cancelled') return EXIT.cancelled;
  switch (known?.blame) {
    case 'user':
      return EXIT.usage;
    case 'setup':
    case 'node':
      return EXIT.red;
    case 'harness':
      return EXIT.harness;
    case undefined:
      return isSetUp(error) ? EXIT.red : EXIT.harness;
  }
}

/** Faults of the machine, wherever they come up. */
const SET_UP_FAULTS = new Set([
  'ENOSPC',
  'EDQUOT',
  'EROFS',
  'EACCES',
  'EPERM',
  'EMFILE',
  'ENFILE',
  'EIO',
  'EADDRINUSE',
]);

const isSetUp = (error: unknown): boolean =>
  SET_UP_FAULTS.has((error as NodeJS.ErrnoException | undefined)?.code ?? '');

/** Details, stack and causes, innermost last. */
function background(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  const details = isBoltgridError(error) ? [`code: ${error.code}`, ...detailLines(error)] : [];
  const cause =
    error.cause === undefined ? [] : [`caused by: ${messageOf(error.cause)}`, ...background(error.cause)];
  return [...details, ...(error.stack?.split('\n').slice(1) ?? []), ...cause].map((line) => cleanText(line));
}

const detailLines = ({ details }: BoltgridError): string[] =>
  Object.entries(details).map(([name, value]) => `${name}: ${detailText(value)}`);

function detailText(value: unknown): string {
  if (typeof value === 'string') return value;
  return JSON.stringify(value ?? null, (_, inner: unknown) =>
    typeof inner === 'bigint' ? inner.toString() : inner,
  );
}
