import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ProgramLog } from '../../src/runtime/log.ts';
import type { Program, ProgramSpec } from '../../src/runtime/program.ts';
import type { Place, PlaceSpec, Runtime } from '../../src/runtime/runtime.ts';
import { temporaryFolder } from '../nodes/drivers.ts';
import type { ContractPrograms } from './shell-programs.ts';

export interface ContractSubject {
  readonly runtime: Runtime;
  readonly programs: ContractPrograms;
  /** What a place of this runtime needs besides name, ports and folder. */
  readonly place: Partial<PlaceSpec>;
  close(): Promise<void>;
}

const GRACE_MS = 300;
const env = { GIVEN: 'yes' };

/** What every runtime does: the runner relies on this, and on nothing else. */
export function runtimeContract(title: string, open: () => Promise<ContractSubject>): void {
  describe(`${title}: contract of the runtimes`, () => {
    let subject: ContractSubject;
    let scratch: Awaited<ReturnType<typeof temporaryFolder>>;
    let places = 0;

    beforeAll(async () => {
      scratch = await temporaryFolder();
      subject = await open();
    });

    afterAll(async () => {
      await subject.runtime.close();
      await subject.close();
      await scratch[Symbol.asyncDispose]();
    });

    const newPlace = (): Promise<Place> => {
      const name = `place-${places++}`;
      return subject.runtime.place({
        name,
        ports: { p2p: 9735, api: 8080 },
        folder: `${scratch.folder}/${name}`,
        ...subject.place,
      });
    };

    const start = (
      place: Place,
      program: keyof ContractPrograms,
      endsOn: ProgramSpec['endsOn'] = 'input',
      log = new ProgramLog(),
    ): Promise<Program> => place.start({ argv: subject.programs[program], env, endsOn }, log);

    const exec = (place: Place, program: keyof ContractPrograms, input = ''): ReturnType<Place['exec']> =>
      place.exec(subject.programs[program], { input, env: { GIVEN: 'to exec' }, deadlineMs: 20_000 });

    test('a program is spoken to by its input and output, and ends with its input', async () => {
      const place = await newPlace();
      const program = await start(place, 'echo');
      program.input.write('one\n');
      expect(await nextLine(program)).toBe('got one');
      program.input.write('two\n');
      expect(await nextLine(program)).toBe('got two');
      expect(await program.stop(20_000)).toEqual({ code: 3, signal: null });
      expect(await program.stop(20_000)).toEqual({ code: 3, signal: null });
      expect(program.log.tail(10)).toEqual(['ready']);
    });

    test('the program gets the environment that it is given', async () => {
      const program = await start(await newPlace(), 'printsGiven');
      expect(await nextLine(program)).toBe('yes');
      expect(await program.exited).toMatchObject({ code: 0 });
    });

    test('a program that ends by itself is told by its code', async () => {
      const program = await start(await newPlace(), 'exits');
      program.output.resume();
      expect(await program.exited).toEqual({ code: 4, signal: null });
    });

    test('a plain program ends by SIGTERM', async () => {
      const place = await newPlace();
      const program = await start(place, 'waits', 'signal');
      await nextLine(program);
      expect(await program.stop(20_000)).toEqual({ code: null, signal: 'SIGTERM' });
    });

    test.each(['input', 'signal'] as const)('one that ignores all is killed (%s)', async (endsOn) => {
      const program = await start(await newPlace(), 'ignoresAll', endsOn);
      await nextLine(program);
      expect(await program.stop(GRACE_MS)).toMatchObject({ code: null, signal: 'SIGKILL' });
    });

    test('kill ends it at once, also while it is paused', async () => {
      const place = await newPlace();
      const program = await start(place, 'ignoresAll');
      await nextLine(program);
      await place.pause();
      expect(await program.kill()).toMatchObject({ code: null, signal: 'SIGKILL' });
    });

    test('a paused program goes on where it was', async () => {
      const place = await newPlace();
      const program = await start(place, 'echo');
      await place.pause();
      program.input.write('late\n');
      await place.unpause();
      expect(await nextLine(program)).toBe('got late');
      await place.pause();
      // Whoever is asked to end is not kept from hearing it.
      expect(await program.stop(20_000)).toMatchObject({ code: 3 });
    });

    test('what cannot be started is a set-up error, and the place can be used again', async () => {
      const place = await newPlace();
      await expect(start(place, 'absent')).rejects.toMatchObject({
        code: 'runtime.cannot-start',
        blame: 'setup',
      });
      const program = await start(place, 'exits');
      program.output.resume();
      expect(await program.exited).toMatchObject({ code: 4 });
    });

    test('one program at a time; ports and log stay when it comes back', async () => {
      const place = await newPlace();
      const log = new ProgramLog();
      const first = await start(place, 'echo', 'input', log);
      await expect(start(place, 'echo')).rejects.toMatchObject({ code: 'runtime.running' });
      const before = [place.listen, place.reached, place.announced];
      expect(Object.keys(place.reached).sort()).toEqual(['api', 'p2p']);
      expect(place.reached.p2p?.port).not.toBe(place.reached.api?.port);
      await first.stop(20_000);
      const second = await start(place, 'echo', 'input', log);
      expect([place.listen, place.reached, place.announced]).toEqual(before);
      await second.stop(20_000);
      expect(log.tail(10)).toEqual(['ready', 'ready']);
    });

    test('exec: code, both outputs, input and environment, beside the program', async () => {
      const place = await newPlace();
      await expect(exec(place, 'copies')).rejects.toMatchObject({ code: 'runtime.not-running' });
      const program = await start(place, 'echo');
      expect(await exec(place, 'copies', 'in\n')).toEqual({ code: 5, stdout: 'in\n', stderr: 'on stderr\n' });
      expect((await exec(place, 'printsGiven')).stdout).toBe('to exec\n');
      program.input.write('still there\n');
      expect(await nextLine(program)).toBe('got still there');
      await program.stop(20_000);
      await expect(exec(place, 'copies')).rejects.toMatchObject({ code: 'runtime.not-running' });
    });

    test('exec has an end: too much output, a deadline, a signal', async () => {
      const place = await newPlace();
      await start(place, 'ignoresAll');
      await expect(exec(place, 'floods')).rejects.toMatchObject({ code: 'runtime.too-much-output' });
      await expect(place.exec(subject.programs.hangs, { deadlineMs: GRACE_MS })).rejects.toMatchObject({
        code: 'runtime.deadline',
        blame: 'setup',
      });
      const reason = new Error('enough');
      await expect(
        place.exec(subject.programs.hangs, { deadlineMs: 60_000, signal: AbortSignal.abort(reason) }),
      ).rejects.toBe(reason);
    });

    test('files go in and out of the volume before, while and after a program runs', async () => {
      const place = await newPlace();
      await place.writeFile('a/b/c.conf', 'first');
      expect(text(await place.readFile(`${place.volume}/a/b/c.conf`))).toBe('first');
      const program = await start(place, 'echo');
      await place.writeFile(`${place.volume}/a/d.bin`, Uint8Array.of(0, 255, 10));
      expect([...(await place.readFile('a/d.bin'))]).toEqual([0, 255, 10]);
      expect(text(await place.readFile('a/b/c.conf'))).toBe('first');
      await program.stop(20_000);
      await place.writeFile('a/b/c.conf', 'second');
      expect(text(await place.readFile('a/b/c.conf'))).toBe('second');
    });

    test.each(['absent', 'a', '../outside', '/etc/hostname', ''])('no file %j', async (path) => {
      const place = await newPlace();
      await place.writeFile('a/b', '');
      const reading = Promise.resolve().then(() => place.readFile(path));
      await expect(reading).rejects.toMatchObject({ code: 'runtime.no-such-file', blame: 'setup' });
    });

    test('a snapshot puts the whole volume back', async () => {
      const place = await newPlace();
      await place.writeFile('kept/deep', 'as it was');
      await place.snapshot('before');
      await place.writeFile('kept/deep', 'changed');
      await place.writeFile('new', 'x');
      await place.restore('before');
      expect(text(await place.readFile('kept/deep'))).toBe('as it was');
      await expect(place.readFile('new')).rejects.toMatchObject({ code: 'runtime.no-such-file' });
      await expect(place.restore('other')).rejects.toMatchObject({ code: 'runtime.no-such-snapshot' });
      const program = await start(place, 'echo');
      await expect(place.snapshot('while')).rejects.toMatchObject({ code: 'runtime.running' });
      await expect(place.restore('before')).rejects.toMatchObject({ code: 'runtime.running' });
      await program.kill();
    });

    test('memory is told while it runs', async () => {
      const place = await newPlace();
      await expect(place.usage()).rejects.toMatchObject({ code: 'runtime.not-running' });
      await start(place, 'ignoresAll');
      expect((await place.usage()).memoryBytes).toBeGreaterThan(10_000);
    });

    test('removing ends the program and takes everything; twice is as good as once', async () => {
      const place = await newPlace();
      await place.writeFile('file', 'x');
      const program = await start(place, 'ignoresAll');
      program.output.resume();
      await place.remove();
      expect(await program.exited).toMatchObject({ code: null, signal: 'SIGKILL' });
      await place.remove();
      await expect(start(place, 'echo')).rejects.toMatchObject({ blame: 'setup' });
    });
  });
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');

/** The next line of a program's output. These programs write one line at a time. */
function nextLine({ output }: Program): Promise<string> {
  return new Promise((resolve, reject) => {
    let line = '';
    const onEnd = (): void => {
      reject(new Error(`the output ended after ${JSON.stringify(line)}`));
    };
    const onData = (chunk: Buffer): void => {
      line += chunk.toString('utf8');
      if (!line.endsWith('\n')) return;
      output.off('data', onData).off('end', onEnd);
      resolve(line.trimEnd());
    };
    output.on('data', onData).once('end', onEnd);
  });
}
