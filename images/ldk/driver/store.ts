import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The node's volume: one file per thing, replaced whole. Written synchronously, for LDK takes the end of its persist callback
 * as "it is on disk".
 */
export class Store {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(join(folder, 'monitors'), { recursive: true });
  }

  read(name: string): Uint8Array | undefined {
    try {
      return Uint8Array.from(readFileSync(join(this.#folder, name)));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  write(name: string, content: Uint8Array | string): void {
    const file = join(this.#folder, name);
    writeFileSync(`${file}.new`, content);
    renameSync(`${file}.new`, file);
  }

  remove(name: string): void {
    rmSync(join(this.#folder, name), { force: true });
  }

  monitors(): Uint8Array[] {
    return readdirSync(join(this.#folder, 'monitors'))
      .filter((name) => !name.endsWith('.new'))
      .flatMap((name) => this.read(join('monitors', name)) ?? []);
  }
}

/** JSON with amounts: a bigint is written as `{ "$n": "…" }`. */
export const toJson = (value: unknown): string =>
  JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? { $n: item.toString() } : item));

export const fromJson = (text: string): unknown =>
  JSON.parse(text, (_, item: unknown) =>
    typeof item === 'object' && item !== null && '$n' in item ? BigInt(String(item.$n)) : item,
  );
