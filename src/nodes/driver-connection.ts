import { BoltgridError } from '../core/error.ts';
import { withDeadline } from '../core/deadline.ts';
import { cleanText } from '../core/text.ts';
import { LineSplitter } from '../runtime/lines.ts';
import { howItEnded, type Program } from '../runtime/program.ts';
import { driverLine, MAX_LINE_BYTES, type DriverRequest } from './driver-protocol.ts';
import { operationError } from './operation-error.ts';

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: BoltgridError) => void;
}

/**
 * One conversation with a driver. What the driver writes is not trusted: a line that is no message of the protocol ends the
 * conversation with `driver.bad-line` or `driver.line-too-long`, and the program is killed. When the program ends, waiting calls
 * reject with `node.exited`.
 */
export class DriverConnection {
  readonly #program: Program;
  readonly #waiting = new Map<number, Waiting>();
  readonly #onChanged: () => void;
  #nextId = 0;
  #broken: BoltgridError | undefined;

  constructor(program: Program, onChanged: () => void) {
    this.#program = program;
    this.#onChanged = onChanged;
    const splitter = new LineSplitter(
      MAX_LINE_BYTES,
      (line) => {
        this.#receive(line);
      },
      (start) => {
        this.#break(
          'driver.line-too-long',
          `the driver wrote a line of more than ${MAX_LINE_BYTES} bytes`,
          start,
        );
      },
    );
    program.output.on('data', (chunk: Buffer) => {
      splitter.push(chunk);
    });
    void program.exited.then((exit) => {
      this.#fail(
        new BoltgridError('node.exited', 'node', `the program ended ${howItEnded(exit)}`, {
          details: { code: exit.code, signal: exit.signal, log: program.log.tail(20) },
        }),
      );
    });
  }

  /**
   * Resolves with the result as it came, unchecked. Rejects with `node.rejected`, `node.not-ready`, `node.timeout` or
   * `node.internal`, or with what ended the conversation.
   */
  async call(
    op: string,
    params: DriverRequest['params'],
    { deadlineMs, signal }: { deadlineMs: number; signal?: AbortSignal | undefined },
  ): Promise<unknown> {
    if (this.#broken) throw this.#broken;
    const id = this.#nextId++;
    const line = `${JSON.stringify({ id, op, params } satisfies DriverRequest)}\n`;
    try {
      return await withDeadline(
        op,
        deadlineMs,
        () =>
          new Promise((resolve, reject) => {
            this.#waiting.set(id, { resolve, reject });
            this.#program.input.write(line);
          }),
        signal,
      );
    } catch (error) {
      if (!(error instanceof BoltgridError) || error.code !== 'core.deadline') throw error;
      throw operationError('timeout', `${op}: no answer within ${deadlineMs} ms`, {
        details: { op, deadlineMs },
      });
    } finally {
      this.#waiting.delete(id);
    }
  }

  #receive(line: string): void {
    if (this.#broken) return;
    const message = parseLine(line);
    if (message === undefined) {
      this.#break(
        'driver.bad-line',
        'the driver wrote a line that is no message of the driver protocol',
        line,
      );
      return;
    }
    if ('event' in message) {
      this.#onChanged();
      return;
    }
    if (message.id >= this.#nextId) {
      this.#break('driver.bad-line', `the driver answered request ${message.id}, which was never sent`, line);
      return;
    }
    // Nobody waits any more for an answer that came after its deadline.
    const waiting = this.#waiting.get(message.id);
    if (waiting === undefined) return;
    if ('error' in message) {
      const { code, message: text } = message.error;
      waiting.reject(operationError(code, cleanText(text)));
    } else {
      waiting.resolve(message.result);
    }
  }

  #break(code: string, message: string, line: string): void {
    if (this.#broken) return;
    this.#fail(
      new BoltgridError(code, 'harness', message, {
        hint: 'A driver writes only protocol lines to its output; everything else belongs to standard error.',
        details: { line: cleanText(line, 300), log: this.#program.log.tail(20) },
      }),
    );
    void this.#program.kill();
  }

  #fail(error: BoltgridError): void {
    this.#broken ??= error;
    for (const { reject } of this.#waiting.values()) reject(this.#broken);
    this.#waiting.clear();
  }
}

function parseLine(line: string): ReturnType<typeof driverLine.parse> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  return driverLine.safeParse(value).data;
}
