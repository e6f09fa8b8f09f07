import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../../src/core/bytes.ts';
import type { Chain } from '../../src/chain/chain.ts';
import { startMemoryChain } from '../../src/chain/memory.ts';
import { OP_TRUE_SCRIPT } from '../../src/bitcoin/output.ts';
import { makeTransaction } from '../../src/bitcoin/transaction.ts';
import { RpcUser, spendTrue, UNKNOWN } from './rpc-user.ts';

let chain: Chain;
let rpc: RpcUser;

beforeAll(async () => {
  chain = await startMemoryChain();
  rpc = new RpcUser(chain);
});

afterAll(() => chain.close());

describe('transactions', () => {
  it('are sent once, and again', async () => {
    const { raw, txid } = await rpc.unsent();
    expect(await rpc.result('sendrawtransaction', toHex(raw))).toBe(txid);
    expect(await rpc.result('sendrawtransaction', toHex(raw))).toBe(txid);
    expect(await rpc.result('getrawmempool')).toEqual([txid]);
    expect(await rpc.result('getrawmempool', true)).toHaveProperty(txid);
    expect(await rpc.result('getmempoolentry', txid)).toMatchObject({
      fees: { base: 0.000_01 },
      ancestorcount: 1,
      depends: [],
    });
    expect(await rpc.result('getmempoolinfo')).toMatchObject({
      size: 1,
      loaded: true,
      minrelaytxfee: 0.000_01,
    });
    expect(await rpc.result('getrawtransaction', txid)).toBe(toHex(raw));
    expect(await rpc.result('getrawtransaction', txid, true)).not.toHaveProperty('blockhash');
    await chain.mine(1);
    expect(await rpc.error('sendrawtransaction', toHex(raw))).toEqual({
      code: -27,
      message: 'Transaction outputs already in utxo set',
    });
    const { hash } = await chain.tip();
    expect(await rpc.result('getrawtransaction', txid, 1)).toMatchObject({
      blockhash: hash,
      confirmations: 1,
      hex: toHex(raw),
    });
    expect(await rpc.result('gettxout', txid, 0)).toMatchObject({
      value: 0.000_49,
      confirmations: 1,
      bestblock: hash,
      coinbase: false,
    });
  });

  it('are refused with the codes and reasons of bitcoind', async () => {
    const tx = await rpc.unsent();
    const change = (parts: object) => toHex(makeTransaction({ ...tx, ...parts }).raw);
    expect(await rpc.error('sendrawtransaction', 'zz')).toMatchObject({ code: -22 });
    expect(await rpc.error('sendrawtransaction', '00')).toMatchObject({ code: -22 });
    expect(await rpc.error('sendrawtransaction', 5)).toMatchObject({ code: -3 });
    expect(
      await rpc.error('sendrawtransaction', change({ inputs: [{ ...tx.inputs[0]!, txid: UNKNOWN }] })),
    ).toEqual({
      code: -25,
      message: 'bad-txns-inputs-missingorspent',
    });
    expect(
      await rpc.error(
        'sendrawtransaction',
        change({ inputs: [{ ...tx.inputs[0]!, witness: [fromHex('00')] }] }),
      ),
    ).toMatchObject({
      code: -26,
      message: expect.stringMatching(
        /^mempool-script-verify-flag-failed \(Witness program hash mismatch\), input 0 of \w+ \(wtxid \w+\), spending/,
      ) as string,
    });
    expect(await rpc.error('sendrawtransaction', change({ lockTime: 499_999_999 }))).toEqual({
      code: -26,
      message: 'non-final',
    });
  });

  it('that pay far too much are refused, unless the caller insists', async () => {
    const tx = await rpc.unsent(40_000n);
    const raw = toHex(tx.raw);
    expect(await rpc.error('sendrawtransaction', raw, 0.001)).toEqual({
      code: -25,
      message: 'Fee exceeds maximum configured by user (e.g. -maxtxfee, maxfeerate)',
    });
    expect(await rpc.result('testmempoolaccept', [raw], 0.001)).toMatchObject([
      { allowed: false, 'reject-reason': 'max-fee-exceeded' },
    ]);
    expect(await rpc.error('sendrawtransaction', raw, -1)).toMatchObject({ code: -3 });
    expect(await rpc.result('sendrawtransaction', raw, 0)).toBe(tx.txid);
    await chain.mine(1);
  });

  it('are judged without being taken', async () => {
    const tx = await rpc.unsent();
    expect(await rpc.result('testmempoolaccept', [toHex(tx.raw)])).toEqual([
      { txid: tx.txid, wtxid: tx.wtxid, allowed: true, vsize: tx.vsize, fees: { base: 0.000_01 } },
    ]);
    expect(await rpc.result('getrawmempool')).toEqual([]);
    const orphan = makeTransaction({ ...tx, inputs: [{ ...tx.inputs[0]!, txid: UNKNOWN }] });
    expect(await rpc.result('testmempoolaccept', [toHex(orphan.raw)])).toMatchObject([
      { allowed: false, 'reject-reason': 'missing-inputs' },
    ]);
    expect(await rpc.error('testmempoolaccept', Array(26).fill('00'))).toMatchObject({ code: -8 });
    expect(await rpc.error('testmempoolaccept', 'x')).toMatchObject({ code: -3 });
  });

  it('come in packages', async () => {
    const parent = await rpc.unsent();
    const child = spendTrue(parent.txid, 0, 49_000n);
    const both = [parent, child].map(({ raw }) => toHex(raw));
    const submitted = await rpc.result('submitpackage', both);
    expect(submitted).toMatchObject({
      package_msg: 'success',
      'tx-results': {
        [parent.wtxid]: { txid: parent.txid },
        [child.wtxid]: { txid: child.txid, fees: { base: 0.000_01 } },
      },
    });
    expect(await rpc.result('getmempoolentry', child.txid)).toMatchObject({
      depends: [parent.txid],
      ancestorcount: 2,
    });
    expect(await rpc.result('getmempoolentry', parent.txid)).toMatchObject({
      spentby: [child.txid],
      descendantcount: 2,
    });
    expect(await rpc.result('submitpackage', both)).toMatchObject({
      package_msg: 'success',
    });
    expect(await rpc.error('submitpackage', [])).toMatchObject({ code: -8 });
    await chain.mine(1);
    const alone = await rpc.unsent(0n);
    expect(await rpc.result('submitpackage', [toHex(alone.raw)])).toMatchObject({
      package_msg: 'transaction failed',
      'tx-results': {
        [alone.wtxid]: { error: expect.stringMatching(/^min relay fee not met/) as string },
      },
    });
  });

  it('and their outputs are looked up', async () => {
    const { txid, vout } = await chain.pay(OP_TRUE_SCRIPT, 50_000n);
    expect(await rpc.result('gettxout', txid, vout)).toMatchObject({ confirmations: 0, value: 0.0005 });
    expect(await rpc.result('gettxout', txid, vout, false)).toBeNull();
    expect(await rpc.result('gettxspendingprevout', [{ txid, vout }])).toEqual([{ txid, vout }]);
    await chain.mine(1);
    const spending = spendTrue(txid, vout, 50_000n);
    await chain.broadcast(spending.raw);
    expect(await rpc.result('gettxout', txid, vout)).toBeNull();
    expect(await rpc.result('gettxout', txid, vout, false)).toMatchObject({ confirmations: 1 });
    expect(await rpc.result('gettxspendingprevout', [{ txid, vout }])).toEqual([
      { txid, vout, spendingtxid: spending.txid },
    ]);
    expect(await rpc.error('gettxspendingprevout', [{ txid }])).toMatchObject({ code: -3 });
    expect(await rpc.error('gettxspendingprevout', [{ txid, vout: -1 }])).toMatchObject({ code: -8 });
    expect(await rpc.error('getrawtransaction', UNKNOWN)).toMatchObject({ code: -5 });
    expect(await rpc.error('getmempoolentry', UNKNOWN)).toMatchObject({ code: -5 });
    expect(await rpc.result('gettxout', UNKNOWN, 0)).toBeNull();
    await chain.mine(1);
  });

  it('are decoded', async () => {
    const { raw, txid } = await rpc.unsent();
    expect(await rpc.result('decoderawtransaction', toHex(raw))).toMatchObject({
      txid,
      version: 2,
    });
  });
});
