import { withDeadline } from '../core/deadline.ts';
import { BoltgridError, isBoltgridError, messageOf } from '../core/error.ts';
import type { ProgramLog } from '../runtime/log.ts';
import { howItEnded, type Program, type ProgramSpec } from '../runtime/program.ts';
import type { Place } from '../runtime/runtime.ts';
import { Control, type Values } from './control/control.ts';
import { fillTemplate, namesIn } from './control/template.ts';
import type { CallLimits, Launch } from './life.ts';
import type { ProgramSection, Recipe } from './manifest-values.ts';
import type { ControlOperation } from './operations.ts';

export interface ProgramParts {
  readonly section: ProgramSection;
  readonly place: Place;
  readonly spec: ProgramSpec;
  readonly log: ProgramLog;
  readonly values: Values;
  readonly recipes: ReadonlyMap<ControlOperation, Recipe>;
}

/** A node whose program is asked by the recipes of its manifest. */
export const launchProgram =
  ({ section, place, spec, log, values, recipes }: ProgramParts): Launch =>
  async (_previous, onChange, limits) => {
    const { program, control } = await startProgram({ section, place, spec, log, values }, limits);
    const ask = (operation: ControlOperation, wire: Record<string, unknown>, call: CallLimits) => {
      const recipe = recipes.get(operation);
      if (!recipe)
        throw new BoltgridError('node.undrivable', 'harness', `${operation}: only a driver could be asked`);
      return control.run(recipe, wire, call);
    };
    try {
      const info = await whileItRuns(program, () => ask('info', {}, limits));
      const { publicKey = '', version = '' } = info as { publicKey?: string; version?: string };
      const { p2p } = place.reached;
      if (!p2p) {
        throw new BoltgridError(
          'manifest.invalid',
          'user',
          'a node has a port "p2p" among those of its program',
        );
      }
      // What a program writes to its log is the only sign that something happened in it.
      log.onLine(onChange);
      void program.exited.then(() => {
        control.close();
      });
      return {
        program,
        publicKey,
        reported: version,
        reached: p2p,
        announced: place.announced.p2p ?? p2p,
        ask,
      };
    } catch (error) {
      control.close();
      await program.kill();
      throw error;
    }
  };

const TELL_MS = 250;

/** Into a volume, before its first start. */
export async function writeFiles(section: ProgramSection, place: Place, values: Values): Promise<void> {
  for (const [path, content] of Object.entries(section.files ?? {})) {
    const text = typeof content === 'string' ? content : content.map((line) => `${line}\n`).join('');
    await place.writeFile(path, fillTemplate(text, values));
  }
}

/** Starts a program and waits until its manifest's readiness holds; whatever fails, none is left. */
export async function startProgram(
  { section, place, spec, log, values }: Omit<ProgramParts, 'recipes'>,
  { deadlineMs, signal }: CallLimits,
): Promise<{ program: Program; control: Control }> {
  const startedAt = performance.now();
  const seen = section.ready?.log === undefined ? undefined : lineSeen(log, new RegExp(section.ready.log));
  const program = await place.start(spec, log);
  program.output.on('data', (chunk: Buffer) => {
    log.push(chunk);
  });
  try {
    return await withDeadline(
      'readiness',
      deadlineMs,
      (aborted) =>
        whileItRuns(program, async () => {
          if (seen) await seen.line;
          await unlock(section, place, values, { deadlineMs, signal: aborted });
          const secrets = await readSecrets(section, place, values, aborted);
          const control = new Control({ access: section.access, place, values: { ...values, secrets } });
          // It ends a little sooner, since it knows what it waited for.
          const left = deadlineMs - (performance.now() - startedAt) - TELL_MS;
          await control.becomeReady(section.ready?.steps ?? [], { deadlineMs: left, signal: aborted });
          return { program, control };
        }),
      signal,
    );
  } catch (error) {
    await program.kill();
    throw error;
  } finally {
    seen?.stop();
  }
}

/** What `work` gives, unless the program ends before. */
function whileItRuns<T>(program: Program, work: () => Promise<T>): Promise<T> {
  const ended = program.exited.then((exit) => {
    throw new BoltgridError('node.exited', 'node', `the program ended ${howItEnded(exit)}`, {
      details: { code: exit.code, signal: exit.signal, log: program.log.tail(20) },
    });
  });
  return Promise.race([work(), ended]);
}

function lineSeen(log: ProgramLog, wanted: RegExp): { readonly line: Promise<void>; stop: () => void } {
  let stop = (): void => undefined;
  const line = new Promise<void>((resolve) => {
    stop = log.onLine((text) => {
      if (wanted.test(text)) resolve();
    });
  });
  return {
    line,
    stop: () => {
      stop();
    },
  };
}

const LOOK_AGAIN_MS = 100;

/** Some programs make their secrets only once they were told to make or open a wallet. */
async function unlock(
  { access, ready }: ProgramSection,
  place: Place,
  values: Values,
  limits: CallLimits,
): Promise<void> {
  if (!ready?.unlock) return;
  const headers = Object.entries(access?.http?.headers ?? {}).filter(
    ([, value]) => !namesIn(value).some((name) => name.startsWith('secrets.')),
  );
  const open = access?.http && { ...access, http: { ...access.http, headers: Object.fromEntries(headers) } };
  const control = new Control({ access: open, place, values });
  try {
    await control.becomeReady(ready.unlock, limits);
  } finally {
    control.close();
  }
}

/** A program makes them when it starts for the first time, so they are awaited. */
async function readSecrets(
  { secrets = {} }: ProgramSection,
  place: Place,
  values: Values,
  signal: AbortSignal,
): Promise<Record<string, string>> {
  const read = async ({ file, as }: { file: string; as: 'text' | 'hex' | 'base64' }): Promise<string> => {
    for (;;) {
      signal.throwIfAborted();
      try {
        const content = Buffer.from(await place.readFile(fillTemplate(file, values)));
        if (content.length > 0) return as === 'text' ? content.toString('utf8').trim() : content.toString(as);
      } catch (error) {
        if (!isBoltgridError(error) || error.code !== 'runtime.no-such-file') {
          throw new BoltgridError('node.no-secret', 'setup', `cannot read ${file}: ${messageOf(error)}`, {
            cause: error,
          });
        }
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    }
  };
  const found = await Promise.all(
    Object.entries(secrets).map(async ([name, secret]) => [name, await read(secret)] as const),
  );
  return Object.fromEntries(found);
}
