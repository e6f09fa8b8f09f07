import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../../src/core/bytes.ts';
import { attachBitcoind } from '../../src/chain/bitcoind.ts';
import type { Chain } from '../../src/chain/chain.ts';
import { startMemoryChain } from '../../src/chain/memory.ts';
import { OP_TRUE_SCRIPT } from '../../src/bitcoin/output.ts';
import { makeTransaction } from '../../src/bitcoin/transaction.ts';
import { ADDRESS, RpcUser, spendTrue, UNKNOWN, type Answer } from '../chain/rpc-user.ts';
import { startTestBitcoind, type TestBitcoind } from './bitcoind.ts';
import { engine } from './engine.ts';
import { findChain } from './two-nodes.ts';

/**
 * The memory chain's JSON-RPC against that of a real bitcoind: each request goes to both, on chains in the same situation. Status, error
 * code and message must be the same; each member of a result must be there in bitcoind's, with the same type. Hashes, amounts and
 * other numbers are the chain's own.
 */

/** Values of one chain, the same kind of thing on both. */
interface Scene {
  readonly rpc: RpcUser;
  readonly [name: string]: unknown;
}

async function sceneOf(chain: Chain): Promise<Scene> {
  const rpc = new RpcUser(chain);
  const abandoned = await chain.mine(1);
  await chain.reorg(1);
  const confirmed = await chain.pay(ADDRESS, 60_000n);
  const spent = await chain.pay(OP_TRUE_SCRIPT, 60_000n);
  const tip = await chain.mine(1);
  const [unsent, dear, parent, alone, locked] = [
    await rpc.unsent(),
    await rpc.unsent(40_000n),
    await rpc.unsent(0n),
    await rpc.unsent(0n),
    await rpc.unsent(),
  ];
  const waiting = spendTrue(spent.txid, spent.vout, 60_000n);
  await chain.broadcast(waiting.raw);
  const child = spendTrue(parent.txid, 0, 50_000n);
  const change = (parts: object) => toHex(makeTransaction({ ...unsent, ...parts }).raw);
  const input = unsent.inputs[0]!;
  const output = unsent.outputs[0]!;
  return {
    rpc,
    genesis: await rpc.result('getblockhash', 0),
    abandoned: abandoned.hash,
    tip: (await chain.tip()).hash,
    block: tip.hash,
    height: (await chain.tip()).height,
    confirmed: confirmed.txid,
    confirmedRaw: toHex(confirmed.raw),
    confirmedVout: confirmed.vout,
    spentTxid: spent.txid,
    spentVout: spent.vout,
    waiting: waiting.txid,
    waitingRaw: toHex(waiting.raw),
    unsent: toHex(unsent.raw),
    dear: toHex(dear.raw),
    parent: toHex(parent.raw),
    child: toHex(child.raw),
    alone: toHex(alone.raw),
    orphan: change({ inputs: [{ ...input, txid: UNKNOWN }] }),
    otherScript: change({ inputs: [{ ...input, witness: [fromHex('00')] }] }),
    falseScript: change({ inputs: [{ ...input, witness: [] }] }),
    locked: toHex(makeTransaction({ ...locked, lockTime: 499_999_999 }).raw),
    young: change({ inputs: [{ ...input, sequence: 1000 }] }),
    dust: change({ outputs: [{ ...output, amountSat: 100n }] }),
    tooMuch: change({ outputs: [{ ...output, amountSat: 50_001n }] }),
    cheap: change({ outputs: [{ ...output, amountSat: 49_990n }] }),
    version0: change({ version: 0 }),
    noOutputs: change({ outputs: [] }),
    twice: change({ inputs: [input, input] }),
    nonstandard: change({ outputs: [{ ...output, script: fromHex('51') }] }),
    twoReturns: change({
      outputs: [output, ...['6a0101', '6a0102'].map((hex) => ({ amountSat: 0n, script: fromHex(hex) }))],
    }),
    conflict: toHex(spendTrue(spent.txid, spent.vout, 60_000n, 1001n).raw),
  };
}

const $ = (name: string): { readonly of: string } => ({ of: name });

const CALLS: readonly (readonly [string, ...unknown[]])[] = [
  ['getblockchaininfo'],
  ['getblockcount'],
  ['getblockcount', 1],
  ['getbestblockhash'],
  ['getblockhash', 1],
  ['getblockhash', 1_000_000],
  ['getblockhash', -1],
  ['getblockhash', 'one'],
  ['getblockhash', 1.5],
  ['getblockhash'],
  ['getblockheader', $('tip')],
  ['getblockheader', $('block')],
  ['getblockheader', $('genesis')],
  ['getblockheader', $('abandoned')],
  ['getblockheader', $('tip'), false],
  ['getblockheader', 'abcd'],
  ['getblockheader', 'zz'.repeat(32)],
  ['getblockheader', UNKNOWN],
  ['getblockheader'],
  ['getblock', $('block'), 0],
  ['getblock', $('block')],
  ['getblock', $('block'), 1],
  ['getblock', $('block'), true],
  ['getblock', $('block'), 2],
  ['getblock', $('abandoned')],
  ['getblock', UNKNOWN],
  ['getblock'],
  ['getblock', 5],
  ['getblock', $('tip'), 'x'],
  ['waitfornewblock', 1],
  ['waitfornewblock', -1],
  ['waitfornewblock', 'long'],
  ['waitfornewblock', 1, 'abcd'],
  ['waitforblock', UNKNOWN, 1],
  ['waitforblock'],
  ['waitforblockheight', 1, 0],
  ['waitforblockheight', 100_000, 1],
  ['waitforblockheight', -1, 1],
  ['sendrawtransaction', 'zz'],
  ['sendrawtransaction', ''],
  ['sendrawtransaction', '00'],
  ['sendrawtransaction', 5],
  ['sendrawtransaction'],
  ['sendrawtransaction', $('dear'), 0.001],
  ['sendrawtransaction', $('dear'), -1],
  ['sendrawtransaction', $('dear'), 'x'],
  ['sendrawtransaction', $('waitingRaw')],
  ['sendrawtransaction', $('confirmedRaw')],
  ['sendrawtransaction', $('orphan')],
  ['sendrawtransaction', $('otherScript')],
  ['sendrawtransaction', $('falseScript')],
  ['sendrawtransaction', $('locked')],
  ['sendrawtransaction', $('young')],
  ['sendrawtransaction', $('dust')],
  ['sendrawtransaction', $('tooMuch')],
  ['sendrawtransaction', $('cheap')],
  ['sendrawtransaction', $('version0')],
  ['sendrawtransaction', $('noOutputs')],
  ['sendrawtransaction', $('twice')],
  ['sendrawtransaction', $('nonstandard')],
  ['sendrawtransaction', $('twoReturns')],
  ['sendrawtransaction', $('conflict')],
  ['testmempoolaccept', [$('unsent')]],
  ['testmempoolaccept', [$('dear')], 0.001],
  ['testmempoolaccept', [$('orphan')]],
  ['testmempoolaccept', [$('otherScript')]],
  ['testmempoolaccept', [$('waitingRaw')]],
  ['testmempoolaccept', [$('confirmedRaw')]],
  ['testmempoolaccept', [$('cheap')]],
  ['testmempoolaccept', ['00']],
  ['testmempoolaccept', []],
  ['testmempoolaccept', [5]],
  ['testmempoolaccept', 'x'],
  ['testmempoolaccept', Array(26).fill('00')],
  ['submitpackage', []],
  ['submitpackage', [$('parent'), $('child')]],
  ['submitpackage', [$('alone')]],
  ['getrawtransaction', $('waiting')],
  ['getrawtransaction', $('waiting'), 1],
  ['getrawtransaction', $('waiting'), true],
  ['getrawtransaction', $('confirmed')],
  ['getrawtransaction', $('confirmed'), 1],
  ['getrawtransaction', UNKNOWN],
  ['getrawtransaction', 'abcd'],
  ['decoderawtransaction', $('confirmedRaw')],
  ['decoderawtransaction', $('unsent')],
  ['decoderawtransaction', '00'],
  ['gettxout', $('confirmed'), $('confirmedVout')],
  ['gettxout', $('confirmed'), 77],
  ['gettxout', $('confirmed'), -1],
  ['gettxout', $('waiting'), 0],
  ['gettxout', $('waiting'), 0, false],
  ['gettxout', $('spentTxid'), $('spentVout')],
  ['gettxout', $('spentTxid'), $('spentVout'), false],
  ['gettxout', UNKNOWN, 0],
  ['gettxspendingprevout', [{ txid: $('spentTxid'), vout: $('spentVout') }]],
  ['gettxspendingprevout', [{ txid: UNKNOWN, vout: 0 }]],
  ['gettxspendingprevout', []],
  ['gettxspendingprevout', [{ txid: UNKNOWN }]],
  ['gettxspendingprevout', [{ vout: 1 }]],
  ['gettxspendingprevout', [{ txid: UNKNOWN, vout: -1 }]],
  ['gettxspendingprevout', ['x']],
  ['getrawmempool', true],
  ['getmempoolinfo'],
  ['getmempoolentry', $('waiting')],
  ['getmempoolentry', UNKNOWN],
  ['estimatesmartfee', 0],
  ['estimatesmartfee', 1009],
  ['estimatesmartfee'],
  ['generatetoaddress', 1, 'nonsense'],
  ['generatetoaddress', 0, ADDRESS],
  ['generatetoaddress', 1, ADDRESS],
  ['generateblock', ADDRESS, []],
  ['generateblock', ADDRESS, [UNKNOWN]],
  ['generateblock', 'nonsense', []],
  ['invalidateblock', UNKNOWN],
  ['getnetworkinfo'],
  ['getindexinfo'],
  ['uptime'],
  ['nonsense'],
];

const BODIES: readonly string[] = [
  'nonsense',
  '',
  '5',
  '"getblockcount"',
  'null',
  '{"id":1}',
  '{"id":1,"method":1}',
  '{"id":1,"method":"constructor"}',
  '{"id":1,"method":"getblockcount","params":"x"}',
  '{"id":1,"method":"getblockcount","params":{"nothing":1}}',
  '{"jsonrpc":"2.0","id":7,"method":"getblockcount"}',
  '{"jsonrpc":"2.0","id":7,"method":"nonsense"}',
  '{"jsonrpc":"2.0","id":7,"method":"getblockhash","params":[-1]}',
  '{"jsonrpc":"3.0","id":7,"method":"getblockcount"}',
  '[]',
  '[{"id":"a","method":"getblockcount"},{"id":"b","method":"nonsense"}]',
];

function fill(value: unknown, scene: Scene): unknown {
  if (Array.isArray(value)) return value.map((each) => fill(each, scene));
  if (typeof value !== 'object' || value === null) return value;
  if ('of' in value) return scene[String(value.of)];
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, fill(member, scene)]));
}

/**
 * - `asm`: the memory chain leaves it empty
 * - `reject-details`: Bitcoin Core has it since 29, Knots 29 not
 * - `networks`, `localservicesnames`: the memory chain has no network
 */
const NOT_COMPARED = [
  'asm',
  'reject-details',
  'networks',
  'localservices',
  'localservicesnames',
  'subversion',
  'warnings',
];

/** Without what is the chain's own. */
function shape(value: unknown, name = ''): unknown {
  if (Array.isArray(value)) return value.map((each) => shape(each));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value)
        .filter(([key]) => !NOT_COMPARED.includes(key))
        .map(([key, member]) => [key.replace(/^[0-9a-f]{64}$/, '<hash>'), shape(member, key)]),
    );
  if (typeof value === 'number') return name === 'code' ? value : '<number>';
  if (typeof value !== 'string') return value;
  if (value.startsWith('bcrt1')) return '<address>';
  // Where a parameter is missing bitcoind shows the method's help.
  if (name === 'message' && (value.startsWith('parameters: ') || value.includes('Examples:')))
    return '<help>';
  if (/^([0-9a-f]{2})+$/.test(value)) return '<hex>';
  return name === 'message' || name.startsWith('reject') || name === 'error'
    ? value.replace(/[0-9a-f]{64}/g, '<hash>').replace(/\d+(\.\d+)?/g, '<number>')
    : value;
}

const answerShape = ({ status, json }: Answer): Record<string, unknown> => ({ status, json: shape(json) });

const image = engine && (await findChain(engine));

describe.skipIf(!engine || !image)('the memory chain answers as bitcoind', () => {
  let bitcoind: TestBitcoind;
  let chains: readonly Chain[];
  let ours: Scene;
  let theirs: Scene;

  beforeAll(async () => {
    bitcoind = await startTestBitcoind(engine!, image!);
    chains = [await startMemoryChain(), await attachBitcoind({ rpc: bitcoind.rpc })];
    [ours, theirs] = (await Promise.all(chains.map(sceneOf))) as [Scene, Scene];
  });

  afterAll(async () => {
    await Promise.all(chains.map((chain) => chain.close()));
    await bitcoind.remove();
  });

  it.each(CALLS.map((call) => [JSON.stringify(call).slice(0, 120), call] as const))(
    '%s',
    async (_, [method, ...params]) => {
      const [mine, real] = await Promise.all(
        [ours, theirs].map(async (scene) =>
          answerShape(await scene.rpc.call(method, ...(fill(params, scene) as unknown[]))),
        ),
      );
      expect(real).toMatchObject(mine!);
    },
  );

  it.each(BODIES)('to the body %s', async (body) => {
    const [mine, real] = await Promise.all(
      [ours, theirs].map(async ({ rpc }) => answerShape(await rpc.post(body))),
    );
    expect(real).toMatchObject(mine!);
  });
});
