import { z } from 'zod';
import { toHex } from '../../core/bytes.ts';
import { isBoltgridError } from '../../core/error.ts';
import type { ChainFollower } from '../bitcoind/follower.ts';
import { Amount, type Json } from '../json.ts';
import type { Block } from '../regtest/block.ts';
import { merkleRoot } from '../regtest/block.ts';
import { MIN_RELAY_SAT_PER_KVB } from '../regtest/policy.ts';
import type { FeeSource } from '../fees.ts';
import type { RpcClient } from '../rpc-client.ts';
import { findTransaction } from '../state.ts';
import { merkleBranch } from './merkle.ts';
import { statusOf, type HistoryEntry, type ScriptIndex } from './script-index.ts';

/** What one client has asked to be told of. */
interface Subscriptions {
  headers: boolean;
  /** Script hash → the status it was told last. */
  readonly scripts: Map<string, string | null>;
}

export interface ElectrumContext {
  readonly chain: ChainFollower;
  readonly index: ScriptIndex;
  readonly client: RpcClient;
  readonly fees: FeeSource;
  readonly subscriptions: Subscriptions;
}

/** Codes of JSON-RPC, and those of the usual servers: 1 a bad request, 2 a failure of bitcoind. */
export const ELECTRUM_ERROR = {
  parse: -32_700,
  invalidRequest: -32_600,
  methodNotFound: -32_601,
  invalidParams: -32_602,
  internal: -32_603,
  badRequest: 1,
} as const;

/** What a method answers instead of a result. */
export class ElectrumError extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

interface Method {
  call(params: unknown, context: ElectrumContext): Json | Promise<Json>;
}

function method<P extends z.ZodType>(
  params: P,
  run: (params: z.output<P>, context: ElectrumContext) => Json | Promise<Json>,
): Method {
  return {
    call: (given, context) => {
      const read = params.safeParse(given);
      if (!read.success)
        throw new ElectrumError(
          ELECTRUM_ERROR.invalidParams,
          `invalid parameters: ${z.prettifyError(read.error)}`,
        );
      return run(read.data, context);
    },
  };
}

const PROTOCOL = '1.4';
const SOFTWARE = 'boltgrid';
const MAX_HEADERS = 2016;
const MAX_SUBSCRIPTIONS = 20_000;

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const height = z.number().int().min(0).max(0x7fff_ffff);
const none = z.tuple([]);
/** The header's proof towards a later checkpoint; 0 for none. */
const checkpoint = height.default(0);

const version = z.union([z.string(), z.tuple([z.string(), z.string()])]);

export const ELECTRUM_METHODS: ReadonlyMap<string, Method> = new Map(
  Object.entries({
    'server.version': method(z.tuple([z.string().default(''), version.default(PROTOCOL)]), ([, asked]) => {
      const [lowest, highest] = typeof asked === 'string' ? [asked, asked] : asked;
      if (compareVersions(lowest, PROTOCOL) > 0 || compareVersions(highest, PROTOCOL) < 0)
        throw new ElectrumError(ELECTRUM_ERROR.badRequest, `unsupported protocol version: ${String(asked)}`);
      return [SOFTWARE, PROTOCOL];
    }),
    'server.features': method(none, (_, { chain }) => ({
      genesis_hash: headerAt(chain, 0).hash,
      hosts: {},
      protocol_min: PROTOCOL,
      protocol_max: PROTOCOL,
      pruning: null,
      server_version: SOFTWARE,
      hash_function: 'sha256',
    })),
    'server.ping': method(none, () => null),
    'server.banner': method(none, () => ''),
    'server.donation_address': method(none, () => ''),
    'server.peers.subscribe': method(none, () => []),

    'blockchain.headers.subscribe': method(none, (_, { chain, subscriptions }) => {
      subscriptions.headers = true;
      return tipHeader(chain);
    }),
    'blockchain.block.header': method(z.tuple([height, checkpoint]), ([at, until], { chain }) => {
      const { rawHeader } = headerAt(chain, at);
      return until === 0 ? toHex(rawHeader) : { header: toHex(rawHeader), ...headerProof(chain, at, until) };
    }),
    'blockchain.block.headers': method(
      z.tuple([height, height, checkpoint]),
      ([from, asked, until], { chain }) => {
        const count = Math.max(0, Math.min(asked, MAX_HEADERS, chain.ledger.tip.height + 1 - from));
        const headers = Array.from({ length: count }, (_, i) => toHex(headerAt(chain, from + i).rawHeader));
        const proof = until > 0 && count > 0 ? headerProof(chain, from + count - 1, until) : {};
        return { hex: headers.join(''), count, max: MAX_HEADERS, ...proof };
      },
    ),

    'blockchain.scripthash.subscribe': method(z.tuple([hash]), ([scriptHash], { index, subscriptions }) => {
      if (subscriptions.scripts.size >= MAX_SUBSCRIPTIONS)
        throw new ElectrumError(ELECTRUM_ERROR.badRequest, 'too many subscriptions');
      const status = statusOf(index.history(scriptHash));
      subscriptions.scripts.set(scriptHash, status);
      return status;
    }),
    'blockchain.scripthash.unsubscribe': method(z.tuple([hash]), ([scriptHash], { subscriptions }) =>
      subscriptions.scripts.delete(scriptHash),
    ),
    'blockchain.scripthash.get_history': method(z.tuple([hash]), ([scriptHash], { index }) =>
      index.history(scriptHash).map(historyView),
    ),
    'blockchain.scripthash.get_mempool': method(z.tuple([hash]), ([scriptHash], { index }) =>
      index.history(scriptHash).filter(isWaiting).map(historyView),
    ),
    'blockchain.scripthash.listunspent': method(z.tuple([hash]), ([scriptHash], { index }) =>
      index.unspent(scriptHash).map((output) => ({
        tx_hash: output.txid,
        tx_pos: output.vout,
        height: output.height,
        value: Number(output.amountSat),
      })),
    ),
    'blockchain.scripthash.get_balance': method(z.tuple([hash]), ([scriptHash], { index }) => {
      const { confirmedSat, unconfirmedSat } = index.balance(scriptHash);
      return { confirmed: Number(confirmedSat), unconfirmed: Number(unconfirmedSat) };
    }),

    'blockchain.transaction.get': method(
      z.tuple([hash, z.literal(false).default(false)]),
      ([txid], { chain }) => {
        const found = findTransaction(chain, txid);
        if (!found) throw new ElectrumError(ELECTRUM_ERROR.badRequest, `no such transaction: ${txid}`);
        return toHex(found.raw);
      },
    ),
    'blockchain.transaction.get_merkle': method(z.tuple([hash, height]), ([txid, at], { chain }) => {
      const ids = transactionIds(chain, at);
      const pos = ids.indexOf(txid);
      if (pos === -1) throw new ElectrumError(ELECTRUM_ERROR.badRequest, `${txid} is not in block ${at}`);
      return { block_height: at, pos, merkle: merkleBranch(ids, pos) };
    }),
    'blockchain.transaction.id_from_pos': method(
      z.tuple([height, height, z.boolean().default(false)]),
      ([at, pos, proof], { chain }) => {
        const ids = transactionIds(chain, at);
        const txid = ids[pos];
        if (txid === undefined)
          throw new ElectrumError(ELECTRUM_ERROR.badRequest, `no transaction ${pos} in block ${at}`);
        return proof ? { tx_hash: txid, merkle: merkleBranch(ids, pos) } : txid;
      },
    ),
    'blockchain.transaction.broadcast': method(z.tuple([z.string()]), async ([hex], context) => {
      const txid = await broadcast(hex, context);
      // What the client is told next includes it.
      await context.chain.sync();
      return txid;
    }),

    'blockchain.estimatefee': method(
      z.tuple([z.number().int().min(1).max(1008)]),
      (_, { fees }) => new Amount(fees.satPerKvb),
    ),
    'blockchain.relayfee': method(none, () => new Amount(MIN_RELAY_SAT_PER_KVB)),
    'mempool.get_fee_histogram': method(none, () => []),
  }),
);

export const tipHeader = ({ ledger }: ChainFollower) => ({
  hex: toHex(ledger.tip.rawHeader),
  height: ledger.tip.height,
});

/** Of `1.4` and `1.4.2` the first is less. */
function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((text) => text.split('.').map(Number));
  for (let i = 0; i < Math.max(left?.length ?? 0, right?.length ?? 0); i++) {
    const difference = (left?.[i] ?? 0) - (right?.[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function headerAt({ ledger }: ChainFollower, at: number): Block {
  const block = ledger.blockAt(at);
  if (!block) throw new ElectrumError(ELECTRUM_ERROR.badRequest, `height ${at} out of range`);
  return block;
}

/** That a block is below the checkpoint: a Merkle branch over the hashes of all blocks up to it. */
function headerProof(chain: ChainFollower, at: number, until: number) {
  if (at > until) throw new ElectrumError(ELECTRUM_ERROR.badRequest, `height ${at} is above ${until}`);
  headerAt(chain, until);
  const hashes = Array.from({ length: until + 1 }, (_, i) => headerAt(chain, i).hash);
  return { branch: merkleBranch(hashes, at), root: merkleRoot(hashes) };
}

const transactionIds = (chain: ChainFollower, at: number): readonly string[] =>
  headerAt(chain, at).transactions.map(({ txid }) => txid);

const isWaiting = (entry: HistoryEntry): boolean => entry.height <= 0;

const historyView = ({ txid, height: at, feeSat }: HistoryEntry) => ({
  tx_hash: txid,
  height: at,
  fee: feeSat === undefined ? undefined : Number(feeSat),
});

async function broadcast(hex: string, { client }: ElectrumContext): Promise<string> {
  try {
    return await client.call('sendrawtransaction', [hex], hash);
  } catch (error) {
    if (!isBoltgridError(error) || error.code !== 'chain.rpc.error') throw error;
    throw new ElectrumError(
      ELECTRUM_ERROR.badRequest,
      `the transaction was rejected by network rules.\n\n${String(error.details.message)}`,
    );
  }
}
