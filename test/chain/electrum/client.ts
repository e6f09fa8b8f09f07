import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

type Params = readonly unknown[];

/** Speaks the Electrum protocol by hand: nothing of our server's code is in here. */
export class ElectrumClient {
  readonly socket: Socket;
  readonly #answers: { readonly id?: unknown; readonly result?: unknown; readonly error?: unknown }[] = [];
  readonly #notices: { readonly method: string; readonly params: Params }[] = [];
  #wake: () => void = () => undefined;
  #ended = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    createInterface({ input: socket }).on('line', (line) => {
      const message = JSON.parse(line) as { method?: string };
      if (message.method === undefined) this.#answers.push(message as object);
      else this.#notices.push(message as { method: string; params: Params });
      this.#wake();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#ended = true;
      this.#wake();
    });
  }

  static async connect({ host, port }: { host: string; port: number }): Promise<ElectrumClient> {
    const socket = connect(port, host);
    await once(socket, 'connect');
    return new ElectrumClient(socket);
  }

  async result(method: string, ...params: Params): Promise<unknown> {
    const answer = await this.call(method, params);
    if ('error' in answer) throw new Error(JSON.stringify(answer.error));
    return answer.result;
  }

  async error(method: string, ...params: Params): Promise<unknown> {
    return (await this.call(method, params)).error;
  }

  call(method: string, params: unknown) {
    return this.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }));
  }

  /** The answer to one line. */
  async send(line: string) {
    this.socket.write(`${line}\n`);
    return this.#next(this.#answers);
  }

  /** The next notification. */
  notice() {
    return this.#next(this.#notices);
  }

  async ended(): Promise<void> {
    while (!this.#ended) await this.#woken();
  }

  close(): void {
    this.socket.destroy();
  }

  async #next<T>(queue: T[]): Promise<T> {
    for (;;) {
      const first = queue.shift();
      if (first !== undefined) return first;
      if (this.#ended) throw new Error('the server closed the connection');
      await this.#woken();
    }
  }

  #woken(): Promise<void> {
    return new Promise((resolve) => {
      const before = this.#wake;
      this.#wake = () => {
        before();
        resolve();
      };
    });
  }
}
