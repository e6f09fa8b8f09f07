import { z } from 'zod';
import type { ProgramSection, Step } from '../manifest-values.ts';
import { OPERATIONS, type OperationName } from '../operations.ts';

/** What a template or expression may name in one place of a manifest. */
export type Names =
  | { readonly [field: string]: Names }
  /** A text or number. */
  | 'text'
  /** The same, where the caller gave one. */
  | 'optional'
  /** Whatever is in it is not known beforehand. */
  | 'any';

const fields = (names: Iterable<string>, each: Names = 'text'): Names =>
  Object.fromEntries([...names].map((name) => [name, each]));

const endpoint = fields(['host', 'port']);

export const IMAGE_NAMES: Readonly<Record<string, Names>> = { version: 'text', node: { version: 'text' } };

/** For a tool that makes an image's files: `{node}` is the Node.js that runs boltgrid, `{here}` the manifest's folder. */
export const TOOL_NAMES: Readonly<Record<string, Names>> = { version: 'text', node: 'text', here: 'text' };

const IDENTITY = ['implementation', 'version', 'profile', 'name', 'alias', 'seed', 'password', 'volume'];

const CHAINS: Readonly<Record<string, Names>> = {
  memory: { chain: fields(['host', 'port', 'user', 'password', 'url']) },
  bitcoind: { chain: fields(['host', 'port', 'user', 'password', 'url', 'zmqBlock', 'zmqTx']) },
  wallet: { chain: fields(['host', 'port', 'user', 'password', 'url', 'zmqBlock', 'zmqTx', 'wallet']) },
  electrum: { electrum: endpoint },
  none: {},
};

/** For `argv`, `env` and `files` of a program. */
export function programNames(
  ports: Iterable<string>,
  { chain, wallet }: { readonly chain: string; readonly wallet: boolean },
): Readonly<Record<string, Names>> {
  const listening = fields(ports, endpoint);
  return {
    version: 'text',
    node: { ...(fields(IDENTITY) as object), settings: 'any' },
    listen: listening,
    announced: listening,
    ...(CHAINS[chain === 'bitcoind' && wallet ? 'wallet' : chain] as object),
  };
}

/** For the program of a chain (`chain.json`). */
export function chainProgramNames(ports: Iterable<string>): Readonly<Record<string, Names>> {
  const listening = fields(ports, endpoint);
  return {
    version: 'text',
    node: fields(['name', 'version', 'volume', 'password']),
    chain: fields(['user', 'password']),
    listen: listening,
    announced: listening,
  };
}

/** `{secrets.<name>}`, once they are there. */
export const secretNames = ({ secrets = {} }: ProgramSection): Names => fields(Object.keys(secrets));

/** For steps, beside those of the program. */
export const stepNames = (params: Names, steps: readonly Step[]): Readonly<Record<string, Names>> => ({
  params,
  got: fields(
    steps.flatMap(({ as }) => (as === undefined ? [] : [as])),
    'any',
  ),
  result: 'any',
});

/** The params of an operation; `*` stands for several. */
export function paramNames(operation: string): Names {
  const shape = Object.hasOwn(OPERATIONS, operation)
    ? OPERATIONS[operation as OperationName].params.shape
    : undefined;
  if (shape === undefined) return 'any';
  return Object.fromEntries(
    Object.entries(shape as Readonly<Record<string, z.ZodType>>).map(([name, type]) => [name, namesOf(type)]),
  );
}

function namesOf(type: z.ZodType): Names {
  const inner = type instanceof z.ZodOptional ? type.unwrap() : type;
  if (inner instanceof z.ZodArray || inner instanceof z.ZodRecord) return 'any';
  return inner === type ? 'text' : 'optional';
}
