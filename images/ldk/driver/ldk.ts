import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OperationError } from 'boltgrid/driver';
import * as ldk from 'ldk-0.1.2';

/** Loads LDK's WebAssembly and returns what it says of itself: `LDK v0.1.2-42-gbbdbd6f8363c97a2`. */
export async function loadLdk(packageFolder: string): Promise<string> {
  const binary = await readFile(join(packageFolder, 'liblightningjs.wasm'));
  const print = console.log;
  let reported = 'LDK';
  // The version is only ever printed.
  console.log = (text: string) => {
    reported = /LDK v\S+/.exec(text)?.[0] ?? reported;
    print(text);
  };
  try {
    await ldk.initializeWasmFromBinary(binary);
  } finally {
    console.log = print;
  }
  return reported;
}

const alive: object[] = [];

/** LDK holds JavaScript objects weakly: one that is called back from WebAssembly must stay reachable. */
export function keep<T extends object>(object: T): T {
  alive.push(object);
  return object;
}

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
export const unhex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));
/** Transaction and block ids are displayed with their bytes reversed. */
/** Where an output is. The bindings give a `u16` as if it had a sign. */
export const outpointOf = (outpoint: ldk.OutPoint): { readonly txid: string; readonly vout: number } => ({
  txid: displayed(outpoint.get_txid()),
  vout: outpoint.get_index() & 0xffff,
});

export const displayed = (hash: Uint8Array): string => hex(Uint8Array.from(hash).reverse());
export const internal = (id: string): Uint8Array => unhex(id).reverse();

/** What an `Option_…Z` holds; the classes differ only in the type of `some`. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the package's types do not tell it
export function some<T>(option: object): T | undefined {
  return 'some' in option ? (option.some as T) : undefined;
}

export const u64 = (value: bigint | undefined): ldk.Option_u64Z =>
  value === undefined ? ldk.Option_u64Z.constructor_none() : ldk.Option_u64Z.constructor_some(value);
export const u32 = (value: number | undefined): ldk.Option_u32Z =>
  value === undefined ? ldk.Option_u32Z.constructor_none() : ldk.Option_u32Z.constructor_some(value);
export const u16 = (value: number | undefined): ldk.Option_u16Z =>
  value === undefined ? ldk.Option_u16Z.constructor_none() : ldk.Option_u16Z.constructor_some(value);

/** Getters typed boolean give 0 and 1. */
export const yes = (value: unknown): boolean => Boolean(value);

interface Result {
  is_ok(): boolean;
}

/** What a `Result_…Z` holds, or `rejected` with LDK's own words. `names` is the enum of its errors, where it is one. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the package's types do not tell it
export function value<T>(what: string, result: Result, names?: object): T {
  const failure = failureOf(result, names);
  if (failure === undefined) return (result as unknown as { res: T }).res;
  throw new OperationError('rejected', `${what}: ${failure}`);
}

/** LDK's words for what went wrong, if it did. */
export const failureOf = (result: Result, names?: object): string | undefined =>
  result.is_ok() ? undefined : errorText((result as unknown as { err: unknown }).err, names);

export function errorText(error: unknown, names?: object): string {
  if (typeof error === 'number' && names) return enumWord(names, error);
  if (typeof error === 'object' && error !== null) {
    const kind = kindOf(error);
    return 'err' in error ? `${kind}: ${String(error.err)}` : kind;
  }
  return String(error);
}

/** `RouteNotFound` for LDKRetryableSendFailure_RouteNotFound. */
export const enumWord = (names: object, value: number): string =>
  String((names as Readonly<Record<number, string>>)[value] ?? value).replace(/^LDK\w+?_/, '');

/** `APIMisuseError` for an APIError_APIMisuseError. */
export const kindOf = (object: object): string => object.constructor.name.replace(/^[A-Za-z0-9]+_/, '');

/** 8 bytes of BOLT 7: block x transaction x output. */
export const formatScid = (scid: bigint): string =>
  `${scid >> 40n}x${(scid >> 16n) & 0xffffffn}x${scid & 0xffffn}`;

export function parseScid(text: string): bigint {
  const [block = 0n, transaction = 0n, output = 0n] = text.split('x').map(BigInt);
  return (block << 40n) | (transaction << 16n) | output;
}

/** A u128 as LDK was given it: the bindings write it little-endian and read it big-endian. */
export const u128 = (misread: bigint): bigint =>
  BigInt(`0x${hex(unhex(misread.toString(16).padStart(32, '0')).reverse())}`);
