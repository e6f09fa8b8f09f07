import { constants } from 'node:os';
import { Duplex, PassThrough, Writable } from 'node:stream';
import type Dockerode from 'dockerode';
import { BoltgridError, messageOf } from '../../core/error.ts';
import { endGracefully } from '../ending.ts';
import type { ProgramLog } from '../log.ts';
import type { Program, ProgramExit, ProgramSpec } from '../program.ts';
import { ask, askGone, isAbsent } from './errors.ts';
import { FrameSplitter } from './frames.ts';

/**
 * The program of a container that was created, attached to before it is started, so that nothing of its output is missed and its
 * input ends with us.
 */
export async function attachProgram(
  docker: Dockerode,
  container: Dockerode.Container,
  spec: ProgramSpec,
  log: ProgramLog,
): Promise<AttachedProgram> {
  const socket = await ask('attaching to a container', () =>
    container.attach({
      stream: true,
      stdin: spec.endsOn === 'input',
      stdout: true,
      stderr: true,
      hijack: true,
    }),
  );
  if (!(socket instanceof Duplex)) {
    throw new BoltgridError('docker.failed', 'setup', 'the engine gives no connection to a container');
  }
  return new AttachedProgram(docker, container, spec, log, socket);
}

export class AttachedProgram implements Program {
  readonly input: Writable;
  readonly output: PassThrough;
  readonly log: ProgramLog;
  readonly exited: Promise<ProgramExit>;
  /** Whether its time stands still: it would not hear that it is to end. */
  paused = false;
  readonly #docker: Dockerode;
  readonly #container: Dockerode.Container;
  readonly #spec: ProgramSpec;
  readonly #socket: Duplex;
  readonly #given = new AbortController();
  #killed = false;

  constructor(
    docker: Dockerode,
    container: Dockerode.Container,
    spec: ProgramSpec,
    log: ProgramLog,
    socket: Duplex,
  ) {
    this.#docker = docker;
    this.#container = container;
    this.#spec = spec;
    this.#socket = socket;
    this.log = log;
    this.input = spec.endsOn === 'input' ? socket : noInput();
    this.output = new PassThrough();
    const drained = this.#read();
    const ended = this.#wait();
    this.exited = Promise.all([ended, drained]).then(([exit]) => exit);
  }

  async stop(graceMs: number): Promise<ProgramExit> {
    if (this.paused) await ask('unpausing', () => this.#container.unpause()).catch(() => undefined); // It has ended.
    return endGracefully(
      {
        endsOn: this.#spec.endsOn,
        exited: this.exited,
        endInput: () => this.input.end(),
        terminate: () => {
          this.#signal('SIGTERM');
        },
        kill: () => {
          this.#kill();
        },
      },
      graceMs,
    );
  }

  kill(): Promise<ProgramExit> {
    this.#kill();
    return this.exited;
  }

  /** It was never started: lets go of its streams. */
  abandon(): void {
    this.#given.abort();
    this.#socket.destroy();
  }

  #kill(): void {
    this.#killed = true;
    this.#signal('SIGKILL');
    this.output.resume(); // Nothing that it wrote and nobody reads may keep it from ending.
  }

  #signal(signal: string): void {
    askGone(`sending ${signal}`, () => this.#container.kill({ signal })).catch(() => undefined); // It has ended; `exited` tells.
  }

  /** Resolves when all of its output was read, or will never be. */
  #read(): Promise<void> {
    const socket = this.#socket;
    const frames = new FrameSplitter(
      (chunk) => {
        if (this.output.write(chunk)) return;
        socket.pause();
        this.output.once('drain', () => socket.resume());
      },
      (chunk) => {
        this.log.push(chunk);
      },
    );
    return new Promise((resolve) => {
      socket.on('data', (chunk: Buffer) => {
        frames.push(chunk);
      });
      socket.on('error', () => undefined); // A write to a program that has ended, or a lost engine: 'close' follows.
      socket.on('close', () => {
        this.log.end();
        this.output.end();
        resolve();
      });
      socket.on('end', () => socket.end());
    });
  }

  async #wait(): Promise<ProgramExit> {
    try {
      const { StatusCode } = (await this.#container.wait({
        condition: 'next-exit',
        abortSignal: this.#given.signal,
      })) as { StatusCode: number };
      return { ...codeOrSignal(StatusCode), ...(await this.#noteOn(StatusCode)) };
    } catch (error) {
      this.#socket.destroy();
      const note = `nothing more is known of it: ${messageOf(error)}`;
      return { code: null, signal: null, note, outside: true };
    }
  }

  async #noteOn(status: number): Promise<Pick<ProgramExit, 'note' | 'outside'>> {
    try {
      const { State, HostConfig } = await ask('inspecting a container', () => this.#container.inspect());
      const outOfMemory = `out of memory (limit ${Math.round((HostConfig.Memory ?? 0) / 1024 / 1024)} MiB)`;
      if (State.OOMKilled) return { note: outOfMemory };
      if (State.Status === 'removing' || State.Dead) return removedByHand;
      if (status !== 128 + constants.signals.SIGKILL || this.#killed) return {};
      return { note: (await this.#ranOutOfMemory(State.StartedAt)) ? outOfMemory : 'killed from outside' };
    } catch (error) {
      return isAbsent(error) ? removedByHand : {};
    }
  }

  /** The engine writes it into a container's state only when it hears of it before the end; when later, there is still an event. */
  async #ranOutOfMemory(since: string): Promise<boolean> {
    const events = await ask('asking what became of a container', () =>
      this.#docker.getEvents({
        since: Date.parse(since) / 1000,
        until: (Date.now() + LATE_MS) / 1000,
        filters: { container: [this.#container.id], event: ['oom'] },
      }),
    );
    for await (const event of events) if (String(event) !== '') return true;
    return false;
  }
}

/** How much later than the end of a program the engine may hear that its memory ran out. */
const LATE_MS = 500;

const removedByHand = { note: 'its container was removed from outside', outside: true } as const;

const SIGNALS = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]));

/** The engine tells the end by a signal as a shell does: 128 and the signal's number. */
function codeOrSignal(status: number): { code: number | null; signal: string | null } {
  const signal = SIGNALS.get(status - 128);
  return signal === undefined ? { code: status, signal: null } : { code: null, signal };
}

function noInput(): Writable {
  const input = new Writable({
    write: (_chunk, _encoding, done) => {
      done();
    },
  });
  input.end();
  return input;
}
