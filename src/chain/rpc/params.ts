import { fromHex } from '../../core/bytes.ts';
import { satOf } from '../json.ts';
import { RPC, RpcError } from './error.ts';

/** Parameters of one call, by position or by name, checked as they are read. */
export class RpcParams {
  readonly #values: ReadonlyMap<string, unknown>;

  constructor(names: readonly string[], params: unknown) {
    this.#values = byName(names, params);
  }

  has(name: string): boolean {
    return this.#values.get(name) !== undefined && this.#values.get(name) !== null;
  }

  text(name: string): string {
    const value = this.#values.get(name);
    if (typeof value !== 'string') throw wrongType(name, value, 'string');
    return value;
  }

  /** A whole number; decimals arrive as text. */
  integer(name: string, { min, max, otherwise }: { min: number; max: number; otherwise?: number }): number {
    const value = this.#values.get(name);
    if (otherwise !== undefined && !this.has(name)) return otherwise;
    if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw wrongType(name, value, 'number');
    if (value < min || value > max)
      throw new RpcError(RPC.invalidParameter, `${name} must be from ${min} to ${max}`);
    return value;
  }

  flag(name: string, otherwise: boolean): boolean {
    const value = this.#values.get(name);
    if (!this.has(name)) return otherwise;
    if (typeof value !== 'boolean') throw wrongType(name, value, 'bool');
    return value;
  }

  /** Either form of a verbosity: a flag or a number. */
  verbosity(name: string, max: number, otherwise: number): number {
    const value = this.#values.get(name);
    return typeof value === 'boolean' ? Number(value) : this.integer(name, { min: 0, max, otherwise });
  }

  list(name: string, max: number): readonly unknown[] {
    const value = this.#values.get(name);
    if (!Array.isArray(value)) throw wrongType(name, value, 'array');
    if (value.length > max) throw new RpcError(RPC.invalidParameter, `${name} must hold at most ${max}`);
    return value;
  }

  /** Satoshis of an amount in bitcoins; zero and more. */
  amount(name: string, otherwise: bigint): bigint {
    if (!this.has(name)) return otherwise;
    const sat = amountOf(this.#values.get(name));
    if (sat === undefined || sat < 0n) throw new RpcError(RPC.type, 'Invalid amount');
    return sat;
  }

  /** A hash or txid: 64 hexadecimal digits. */
  hash(name: string): string {
    return hashOf(this.text(name), name);
  }
}

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

export function bytesOf(value: unknown, name: string): Uint8Array {
  if (typeof value !== 'string') throw wrongType(name, value, 'string');
  if (value.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(value)) {
    throw new RpcError(RPC.deserialization, 'TX decode failed. Make sure the tx has at least one input.');
  }
  return fromHex(value);
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
    if (params.length > names.length)
      throw new RpcError(RPC.misc, `at most ${names.length} parameters: ${names.join(', ')}`);
    return new Map(params.map((value, i) => [names[i] ?? '', value]));
  }
  if (typeof params !== 'object') throw new RpcError(RPC.invalidRequest, 'Params must be an array or object');
  const unknown = Object.keys(params).find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw new RpcError(RPC.invalidParameter, `Unknown named parameter ${unknown.slice(0, 40)}`);
  return new Map(Object.entries(params));
}

function wrongType(name: string, value: unknown, expected: string): RpcError {
  const got = value === null || value === undefined ? 'null' : Array.isArray(value) ? 'array' : typeof value;
  return new RpcError(
    RPC.type,
    `JSON value of type ${got} for parameter ${name} is not of expected type ${expected}`,
  );
}
