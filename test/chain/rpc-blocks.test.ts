import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Chain } from '../../src/chain/chain.ts';
import { startMemoryChain } from '../../src/chain/memory.ts';
import { ADDRESS, RpcUser, UNKNOWN } from './rpc-user.ts';

let chain: Chain;
let rpc: RpcUser;

beforeAll(async () => {
  chain = await startMemoryChain();
  rpc = new RpcUser(chain);
});

afterAll(() => chain.close());

describe('blocks', () => {
  it('are counted, found by height and hash, and linked', async () => {
    const { height, hash } = await chain.tip();
    expect(await rpc.result('getblockcount')).toBe(height);
    expect(await rpc.result('getbestblockhash')).toBe(hash);
    expect(await rpc.result('getblockhash', height)).toBe(hash);
    expect(await rpc.result('getblockhash', 0)).toBe(
      '0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206',
    );
    const header = z
      .object({
        hash: z.string(),
        height: z.number(),
        confirmations: z.number(),
        previousblockhash: z.string(),
      })
      .parse(await rpc.result('getblockheader', hash));
    expect(header).toMatchObject({ hash, height, confirmations: 1 });
    expect(await rpc.result('getblockhash', height - 1)).toBe(header.previousblockhash);
    expect(await rpc.result('getblockheader', header.previousblockhash)).toMatchObject({
      nextblockhash: hash,
      confirmations: 2,
    });
  });

  it('are given raw, with ids, and with transactions', async () => {
    const { txid } = await chain.pay(ADDRESS, 70_000n);
    const { hash } = await chain.mine(1);
    const raw = z.string().parse(await rpc.result('getblock', hash, 0));
    expect(raw.slice(0, 160)).toBe(await rpc.result('getblockheader', hash, false));
    const ids = z
      .object({ tx: z.array(z.string()), size: z.number(), weight: z.number(), strippedsize: z.number() })
      .parse(await rpc.result('getblock', hash));
    expect(ids.tx[1]).toBe(txid);
    expect(ids.size).toBe(raw.length / 2);
    expect(ids.weight).toBe(3 * ids.strippedsize + ids.size);
    expect(await rpc.result('getblock', hash, true)).toEqual(await rpc.result('getblock', hash, 1));
    expect(await rpc.result('getblock', hash, false)).toEqual(raw);
    expect(await rpc.result('getblock', hash, 2)).toMatchObject({
      tx: [
        { vin: [{ coinbase: expect.any(String) as string }] },
        {
          txid,
          fee: 0.000_002_54,
          vout: [{ value: 0.0007, n: 0, scriptPubKey: { address: ADDRESS, type: 'witness_v0_keyhash' } }, {}],
        },
      ],
    });
  });

  it('of the genesis have no block before them', async () => {
    const genesis = await rpc.result('getblockhash', 0);
    expect(await rpc.result('getblockheader', genesis)).not.toHaveProperty('previousblockhash');
    expect(await rpc.result('getblock', genesis, 2)).toMatchObject({ height: 0, nTx: 1 });
  });

  it('that are not there are refused as bitcoind refuses them', async () => {
    expect(await rpc.error('getblockhash', 1_000_000)).toEqual({
      code: -8,
      message: 'Block height out of range',
    });
    expect(await rpc.error('getblockhash', -1)).toEqual({ code: -8, message: 'Block height out of range' });
    expect(await rpc.error('getblock', UNKNOWN)).toEqual({ code: -5, message: 'Block not found' });
    expect(await rpc.error('getblockheader', 'abcd')).toMatchObject({ code: -8 });
    expect(await rpc.error('getblock', 'zz'.repeat(32))).toMatchObject({ code: -8 });
    expect(await rpc.error('getblock')).toMatchObject({ code: -1 });
  });

  it('of an abandoned branch have -1 confirmations', async () => {
    const { hash } = await chain.mine(1);
    await chain.reorg(1);
    expect(await rpc.result('getblockheader', hash)).toMatchObject({ hash, confirmations: -1 });
    expect(await rpc.result('getblockheader', hash)).not.toHaveProperty('nextblockhash');
    expect(await rpc.result('getblock', hash)).toMatchObject({ confirmations: -1 });
  });

  it('are mined to an address, and exactly with what is asked for', async () => {
    const height = await rpc.result('getblockcount');
    const hashes = z.array(z.string()).parse(await rpc.result('generatetoaddress', 2, ADDRESS));
    expect(await rpc.result('getblockhash', Number(height) + 2)).toBe(hashes[1]);
    const [one, two] = [await chain.pay(ADDRESS, 60_000n), await chain.pay(ADDRESS, 60_000n)];
    const { hash } = z
      .object({ hash: z.string() })
      .parse(await rpc.result('generateblock', ADDRESS, [two.txid]));
    expect(await rpc.result('getblock', hash)).toMatchObject({ tx: [expect.any(String), two.txid] });
    expect(await rpc.result('getrawmempool')).toEqual([one.txid]);
    expect(await rpc.error('generateblock', ADDRESS, [UNKNOWN])).toMatchObject({ code: -5 });
    expect(await rpc.error('generatetoaddress', 1, 'nonsense')).toEqual({
      code: -5,
      message: 'Error: Invalid address',
    });
    expect(await rpc.error('generatetoaddress', 1e9, ADDRESS)).toMatchObject({ code: -1 });
    await chain.mine(1);
  });

  it('are taken back by invalidateblock', async () => {
    const { height } = await chain.tip();
    const [first] = z.array(z.string()).parse(await rpc.result('generatetoaddress', 3, ADDRESS));
    expect(await rpc.result('invalidateblock', first)).toBeNull();
    expect(await rpc.result('getblockcount')).toBe(height);
    expect(await rpc.result('invalidateblock', first)).toBeNull();
    expect(await rpc.result('getblockcount')).toBe(height);
    expect(await rpc.error('invalidateblock', await rpc.result('getblockhash', 0))).toMatchObject({
      code: -1,
    });
  });
});

describe('waiting for blocks', () => {
  it('ends with the next block', async () => {
    const waiting = rpc.result('waitfornewblock', 0, (await chain.tip()).hash);
    const mined = await chain.mine(1);
    expect(await waiting).toEqual({ hash: mined.hash, height: mined.height });
  });

  it('ends at once when the tip is no longer the one that the caller knows', async () => {
    const { hash: known } = await chain.tip();
    const mined = await chain.mine(1);
    expect(await rpc.result('waitfornewblock', 0, known)).toEqual({ hash: mined.hash, height: mined.height });
  });

  it('ends with the tip as it is when the time is over', async () => {
    const { height, hash } = await chain.tip();
    expect(await rpc.result('waitfornewblock', 1)).toEqual({ hash, height });
    expect(await rpc.result('waitforblockheight', height + 10, 1)).toEqual({ hash, height });
    expect(await rpc.result('waitforblock', UNKNOWN, 1)).toEqual({ hash, height });
  });

  it('for a height ends with that height', async () => {
    const { height } = await chain.tip();
    const waiting = rpc.result('waitforblockheight', height + 3, 0);
    await chain.mine(3);
    expect(await waiting).toMatchObject({ height: height + 3 });
    expect(await rpc.result('waitforblockheight', 1, 0)).toMatchObject({ height: height + 3 });
  });

  it('notices a reorg to fewer blocks', async () => {
    const { hash, height } = await chain.mine(2);
    const waiting = rpc.result('waitfornewblock', 0, hash);
    await chain.reorg(1, { blocks: 0 });
    expect(await waiting).toMatchObject({ height: height - 1 });
  });

  it('refuses a time that is none', async () => {
    expect(await rpc.error('waitfornewblock', -1)).toEqual({ code: -1, message: 'Negative timeout' });
    expect(await rpc.error('waitfornewblock', 'long')).toMatchObject({ code: -3 });
  });
});

describe('the node', () => {
  it('says which chain it has, and that it is not waiting for blocks', async () => {
    const { height, hash } = await chain.tip();
    expect(await rpc.result('getblockchaininfo')).toMatchObject({
      chain: 'regtest',
      blocks: height,
      headers: height,
      bestblockhash: hash,
      initialblockdownload: false,
    });
    expect(await rpc.result('getnetworkinfo')).toMatchObject({ version: 290_000, relayfee: 0.000_01 });
    expect(await rpc.result('getindexinfo')).toMatchObject({
      txindex: { synced: true, best_block_height: height },
    });
    expect(await rpc.result('uptime')).toEqual(expect.any(Number));
  });

  it('estimates the feerate that was set', async () => {
    await chain.setFeerate(12.345);
    const { text } = await rpc.call('estimatesmartfee', 6);
    // As bitcoind prints it: eight digits, no exponent.
    expect(text).toContain('"feerate":0.00012345,');
    await chain.setFeerate(2);
    expect(await rpc.error('estimatesmartfee', 0)).toMatchObject({ code: -8 });
  });
});
