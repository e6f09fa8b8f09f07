import { satOf } from '../json.ts';
import { RPC, RpcError } from './error.ts';

/** For those whose bounds have an error of their own. */
export const ANY_INTEGER = { min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER } as const;

/** Parameters of one call, by position or by name, checked as they are read. */
export class RpcParams {
  readonly #names: readonly string[];
  readonly #values: ReadonlyMap<string, unknown>;

  constructor(names: readonly string[], params: unknown) {
    this.#names = names;
    this.#values = byName(names, params);
  }

  has(name: string): boolean {
    return this.#values.get(name) !== undefined && this.#values.get(name) !== null;
  }

  text(name: string): string {
    const value = this.#values.get(name);
    if (typeof value !== 'string') throw this.#wrong(name, 'string');
    return value;
  }

  /** A whole number; decimals arrive as text. */
  integer(name: string, { min, max, otherwise }: { min: number; max: number; otherwise?: number }): number {
    const value = this.#values.get(name);
    if (otherwise !== undefined && !this.has(name)) return otherwise;
    if (isDecimal(value)) throw new RpcError(RPC.misc, 'JSON integer out of range');
    if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw this.#wrong(name, 'number');
    if (value < min || value > max) throw new RpcError(RPC.misc, 'JSON integer out of range');
    return value;
  }

  flag(name: string, otherwise: boolean): boolean {
    const value = this.#values.get(name);
    if (!this.has(name)) return otherwise;
    if (typeof value !== 'boolean') throw this.#wrong(name, 'bool');
    return value;
  }

  /** Either form of a verbosity: a flag or a number. */
  verbosity(name: string, max: number, otherwise: number): number {
    const value = this.#values.get(name);
    if (typeof value === 'boolean') return Number(value);
    if (this.has(name) && typeof value !== 'number') throw wrongType(value, 'number');
    return this.integer(name, { min: 0, max, otherwise });
  }

  list(name: string): readonly unknown[] {
    const value = this.#values.get(name);
    if (!Array.isArray(value)) throw this.#wrong(name, 'array');
    return value;
  }

  /** Satoshis of an amount in bitcoins; zero and more. */
  amount(name: string, otherwise: bigint): bigint {
    if (!this.has(name)) return otherwise;
    const sat = amountOf(this.#values.get(name));
    if (sat === undefined) throw new RpcError(RPC.type, 'Invalid amount');
    if (sat < 0n) throw new RpcError(RPC.type, 'Amount out of range');
    return sat;
  }

  /** A hash or txid: 64 hexadecimal digits. `shown` is what errors call it. */
  hash(name: string, shown = name): string {
    return hashOf(this.text(name), shown);
  }

  #wrong(name: string, expected: string): RpcError {
    const value = this.#values.get(name);
    if (value === undefined || value === null) return new RpcError(RPC.misc, help(this.#names));
    const { message } = wrongType(value, expected);
    const where = `Position ${this.#names.indexOf(name) + 1} (${name})`;
    return new RpcError(RPC.type, `Wrong type passed:\n${JSON.stringify({ [where]: message }, null, 4)}`);
  }
}

/** Stands for the method's whole help, which bitcoind shows there. */
const help = (names: readonly string[]): string => `parameters: ${names.join(' ')}`;

export function hashOf(text: string, name: string): string {
  if (text.length !== 64) {
    throw new RpcError(
      RPC.invalidParameter,
      `${name} must be of length 64 (not ${text.length}, for '${text.slice(0, 80)}')`,
    );
  }
  if (!/^[0-9a-fA-F]{64}$/.test(text)) {
    throw new RpcError(RPC.invalidParameter, `${name} must be hexadecimal string (not '${text}')`);
  }
  return text.toLowerCase();
}

function amountOf(value: unknown): bigint | undefined {
  try {
    return satOf(value);
  } catch {
    return undefined;
  }
}

function byName(names: readonly string[], params: unknown): ReadonlyMap<string, unknown> {
  if (params === undefined || params === null) return new Map();
  if (Array.isArray(params)) {
    if (params.length > names.length) throw new RpcError(RPC.misc, help(names));
    return new Map(params.map((value, i) => [names[i] ?? '', value]));
  }
  if (typeof params !== 'object') throw new RpcError(RPC.invalidRequest, 'Params must be an array or object');
  const unknown = Object.keys(params).find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw new RpcError(RPC.invalidParameter, `Unknown named parameter ${unknown.slice(0, 40)}`);
  return new Map(Object.entries(params));
}

export function wrongType(value: unknown, expected: string): RpcError {
  const got = value === null || value === undefined ? 'null' : Array.isArray(value) ? 'array' : typeof value;
  return new RpcError(RPC.type, `JSON value of type ${got} is not of expected type ${expected}`);
}

/** Decimals arrive as text. */
const isDecimal = (value: unknown): boolean => typeof value === 'string' && /^-?\d+[.eE]/.test(value);
