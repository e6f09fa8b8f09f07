import { fromHex, toHex } from '../../core/bytes.ts';
import { isBoltgridError } from '../../core/error.ts';
import { Amount, type Json } from '../json.ts';
import type { Judgement } from '../regtest/mempool.ts';
import { feeAt, MISSING_INPUTS, VERIFY_ERROR, type Rejection } from '../regtest/policy.ts';
import { RPC, RpcError } from './error.ts';
import type { RpcMethods } from './methods.ts';
import { ANY_INTEGER, hashOf, wrongType, type RpcParams } from './params.ts';
import { confirmedView, mempoolEntryView, mempoolView, scriptView, transactionView } from './views.ts';
import { outpoint, parseTransaction, type Transaction } from '../../bitcoin/transaction.ts';

/** bitcoind's default: 0.10 bitcoins per 1000 virtual bytes. */
const DEFAULT_MAX_FEERATE_SAT = 10_000_000n;
const MAX_PACKAGE = 25;
const MAX_VOUT = 0xffff_ffff;
const MAX_TARGET = 1008;

export const transactionMethods: RpcMethods = {
  sendrawtransaction: {
    params: ['hexstring', 'maxfeerate', 'maxburnamount'],
    run: (params, { regtest }) => {
      const tx = decode(params.text('hexstring'));
      if (regtest.mempool.entry(tx.txid)) return tx.txid;
      const maxFeerate = params.amount('maxfeerate', DEFAULT_MAX_FEERATE_SAT);
      const [tested] = regtest.test([tx]);
      if (tested && 'candidate' in tested && tooDear(tested, maxFeerate)) {
        throw new RpcError(
          VERIFY_ERROR,
          'Fee exceeds maximum configured by user (e.g. -maxtxfee, maxfeerate)',
        );
      }
      const judgement = regtest.submit(tx);
      if ('rejected' in judgement) throw rpcErrorOf(judgement.rejected);
      return tx.txid;
    },
  },
  testmempoolaccept: {
    params: ['rawtxs', 'maxfeerate'],
    run: (params, { regtest }) => {
      const transactions = packageOf(params, 'rawtxs').map((hex) =>
        decode(hex, `TX decode failed: ${String(hex)} Make sure the tx has at least one input.`),
      );
      const maxFeerate = params.amount('maxfeerate', DEFAULT_MAX_FEERATE_SAT);
      return regtest
        .test(transactions)
        .map((judgement, i) => acceptanceView(transactions[i], judgement, maxFeerate));
    },
  },
  submitpackage: {
    params: ['package', 'maxfeerate', 'maxburnamount'],
    run: (params, { regtest }) => {
      const transactions = packageOf(params, 'package').map((hex) =>
        decode(hex, `TX decode failed: ${String(hex)} Make sure the tx has at least one input.`),
      );
      const judgements = regtest.submitPackage(transactions);
      const results = transactions.map((tx, i) => [tx.wtxid, packageResult(tx, judgements[i])] as const);
      const refused = judgements.some((judgement) => 'rejected' in judgement && !isKnown(judgement.rejected));
      return {
        package_msg: refused ? 'transaction failed' : 'success',
        'tx-results': Object.fromEntries(results),
        'replaced-transactions': judgements.flatMap((judgement) =>
          'candidate' in judgement ? judgement.candidate.replaces.map(({ tx }) => tx.txid) : [],
        ),
      };
    },
  },
  getrawtransaction: {
    params: ['txid', 'verbosity', 'blockhash'],
    run: (params, { regtest }) => {
      const txid = params.hash('txid', 'parameter 1');
      const verbosity = params.verbosity('verbosity', 2, 0);
      const waiting = regtest.mempool.entry(txid)?.tx;
      if (waiting)
        return verbosity === 0
          ? toHex(waiting.raw)
          : { ...transactionView(waiting), hex: toHex(waiting.raw) };
      const confirmed = regtest.ledger.confirmed(txid);
      if (!confirmed)
        throw new RpcError(
          RPC.invalidAddressOrKey,
          'No such mempool or blockchain transaction. Use gettransaction for wallet transactions.',
        );
      return verbosity === 0 ? toHex(confirmed.transaction.raw) : confirmedView(regtest.ledger, confirmed);
    },
  },
  decoderawtransaction: {
    params: ['hexstring'],
    run: (params) => transactionView(decode(params.text('hexstring'), 'TX decode failed')),
  },
  gettxout: {
    params: ['txid', 'n', 'include_mempool'],
    run: (params, { regtest: { ledger, mempool } }) => {
      const txid = params.hash('txid');
      const vout = params.integer('n', { min: 0, max: MAX_VOUT });
      const withMempool = params.flag('include_mempool', true);
      const key = outpoint({ txid, vout });
      if (withMempool && mempool.spenderOf(key) !== undefined) return null;
      const coin = ledger.coin(key);
      const output = coin ?? (withMempool ? mempool.entry(txid)?.tx.outputs[vout] : undefined);
      if (!output) return null;
      return {
        bestblock: ledger.tip.hash,
        confirmations: coin ? ledger.tip.height - coin.height + 1 : 0,
        value: new Amount(output.amountSat),
        scriptPubKey: scriptView(output.script),
        coinbase: coin?.coinbase ?? false,
      };
    },
  },
  gettxspendingprevout: {
    params: ['outputs'],
    run: (params, { regtest }) => {
      const outputs = params.list('outputs');
      if (outputs.length === 0)
        throw new RpcError(RPC.invalidParameter, 'Invalid parameter, outputs are missing');
      return outputs.map((entry) => {
        const { txid, vout } = readOutpoint(entry);
        return { txid, vout, spendingtxid: regtest.mempool.spenderOf(outpoint({ txid, vout })) };
      });
    },
  },
  getrawmempool: {
    params: ['verbose', 'mempool_sequence'],
    run: (params, { regtest: { mempool } }) => {
      const entries = mempool.entries();
      return params.flag('verbose', false)
        ? Object.fromEntries(entries.map((entry) => [entry.tx.txid, mempoolEntryView(mempool, entry)]))
        : entries.map(({ tx }) => tx.txid);
    },
  },
  getmempoolinfo: { params: [], run: (_, { regtest }) => mempoolView(regtest.mempool) },
  getmempoolentry: {
    params: ['txid'],
    run: (params, { regtest: { mempool } }) => {
      const entry = mempool.entry(params.hash('txid'));
      if (!entry) throw new RpcError(RPC.invalidAddressOrKey, 'Transaction not in mempool');
      return mempoolEntryView(mempool, entry);
    },
  },
  estimatesmartfee: {
    params: ['conf_target', 'estimate_mode'],
    run: (params, { fees }) => {
      const blocks = params.integer('conf_target', ANY_INTEGER);
      if (blocks < 1 || blocks > MAX_TARGET) {
        throw new RpcError(RPC.invalidParameter, `Invalid conf_target, must be between 1 and ${MAX_TARGET}`);
      }
      return { feerate: new Amount(fees.satPerKvb), blocks };
    },
  },
};

function decode(
  value: unknown,
  failure = 'TX decode failed. Make sure the tx has at least one input.',
): Transaction {
  if (typeof value !== 'string') throw wrongType(value, 'string');
  try {
    return parseTransaction(fromHex(value));
  } catch (error) {
    if (!isBoltgridError(error)) throw error;
    throw new RpcError(RPC.deserialization, failure);
  }
}

function packageOf(params: RpcParams, name: string): readonly unknown[] {
  const transactions = params.list(name);
  if (transactions.length < 1 || transactions.length > MAX_PACKAGE) {
    throw new RpcError(RPC.invalidParameter, `Array must contain between 1 and ${MAX_PACKAGE} transactions.`);
  }
  return transactions;
}

function rpcErrorOf({ reason, detail, code }: Rejection): RpcError {
  if (reason === 'txn-already-known')
    return new RpcError(RPC.alreadyInUtxoSet, 'Transaction outputs already in utxo set');
  return new RpcError(code, detail === undefined ? reason : `${reason}, ${detail}`);
}

const isKnown = ({ reason }: Rejection): boolean =>
  ['txn-already-in-mempool', 'txn-already-known'].includes(reason);

const tooDear = (
  { candidate: { tx, feeSat } }: Extract<Judgement, { candidate: unknown }>,
  maxFeerate: bigint,
): boolean => maxFeerate > 0n && feeSat > feeAt(maxFeerate, tx.vsize);

function acceptanceView(tx: Transaction | undefined, judgement: Judgement, maxFeerate: bigint): Json {
  const names = { txid: tx?.txid, wtxid: tx?.wtxid };
  if ('candidate' in judgement) {
    const { tx: accepted, feeSat } = judgement.candidate;
    if (tooDear(judgement, maxFeerate))
      return { ...names, allowed: false, 'reject-reason': 'max-fee-exceeded' };
    return { ...names, allowed: true, vsize: accepted.vsize, fees: { base: new Amount(feeSat) } };
  }
  const { reason, detail } = judgement.rejected;
  // bitcoind has another name for it here.
  const shown = reason === MISSING_INPUTS ? 'missing-inputs' : reason;
  return {
    ...names,
    allowed: false,
    'reject-reason': shown,
    'reject-details': detail === undefined ? shown : `${shown}, ${detail}`,
  };
}

function packageResult(tx: Transaction, judgement: Judgement | undefined): Json {
  if (judgement && 'candidate' in judgement) {
    return { txid: tx.txid, vsize: tx.vsize, fees: { base: new Amount(judgement.candidate.feeSat) } };
  }
  if (!judgement || isKnown(judgement.rejected)) return { txid: tx.txid, vsize: tx.vsize };
  const { reason, detail } = judgement.rejected;
  return { txid: tx.txid, error: detail === undefined ? reason : `${reason}, ${detail}` };
}

function readOutpoint(entry: unknown): { txid: string; vout: number } {
  if (typeof entry !== 'object' || entry === null) throw wrongType(entry, 'object');
  if (!('txid' in entry)) throw new RpcError(RPC.type, 'Missing txid');
  if (!('vout' in entry)) throw new RpcError(RPC.type, 'Missing vout');
  const { txid, vout } = entry;
  if (typeof txid !== 'string' || typeof vout !== 'number' || !Number.isInteger(vout) || vout < 0) {
    throw new RpcError(RPC.invalidParameter, 'Invalid parameter, vout cannot be negative');
  }
  return { txid: hashOf(txid, 'txid'), vout };
}
