import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { toHex } from '../../../src/core/bytes.ts';
import type { Chain } from '../../../src/chain/chain.ts';
import { startElectrumServer, type ElectrumServer } from '../../../src/chain/electrum/server.ts';
import { OP_TRUE_SCRIPT } from '../../../src/bitcoin/output.ts';
import { ADDRESS, spendTrue, UNKNOWN } from '../rpc-user.ts';
import { ElectrumClient } from './client.ts';

const sha256 = (data: Uint8Array | string): Buffer => createHash('sha256').update(data).digest();
const scriptHash = (script: Uint8Array): string => Buffer.from(sha256(script)).reverse().toString('hex');
const statusOf = (entries: readonly (readonly [txid: string, height: number])[]): string =>
  sha256(entries.map(([txid, height]) => `${txid}:${height}:`).join('')).toString('hex');
const header = (hex: string) => ({
  merkleRoot: Buffer.from(hex.slice(72, 136), 'hex').reverse().toString('hex'),
  hash: Buffer.from(sha256(sha256(Buffer.from(hex, 'hex'))))
    .reverse()
    .toString('hex'),
});

/** What the server does over any chain. */
export function electrumProtocol(open: () => Promise<Chain>): void {
  let chain: Chain;
  let server: ElectrumServer;
  let client: ElectrumClient;
  /** A script that nothing has paid yet. */
  let script: Uint8Array;
  let scripts = 0;

  beforeAll(async () => {
    chain = await open();
    server = await startElectrumServer({ rpc: chain.rpc, host: '127.0.0.1' });
  });

  beforeEach(async () => {
    client = await ElectrumClient.connect(server.endpoint);
    await client.result('server.version', 'test', '1.4');
    script = Uint8Array.from([0, 20, ...sha256(`script ${scripts++} of ${await stamp()}`).subarray(0, 20)]);
  });

  afterEach(() => {
    client.close();
  });

  afterAll(async () => {
    await server.close();
    await chain.close();
  });

  /** Another chain's scripts are others. */
  const stamp = async (): Promise<string> => (await chain.tip()).hash;

  /** Resolves when the server knows the chain's tip. */
  async function atTip(): Promise<void> {
    const { height, hash } = await chain.tip();
    let tip = z
      .object({ hex: z.string(), height: z.number() })
      .parse(await client.result('blockchain.headers.subscribe'));
    while (tip.height !== height || header(tip.hex).hash !== hash) {
      const { method, params } = await client.notice();
      if (method === 'blockchain.headers.subscribe')
        tip = z.object({ hex: z.string(), height: z.number() }).parse(params[0]);
    }
  }

  async function nextStatus(): Promise<unknown> {
    for (;;) {
      const { method, params } = await client.notice();
      if (method === 'blockchain.scripthash.subscribe') return params;
    }
  }

  describe('a client', () => {
    it.each([['1.4'], [['1.4', '1.6']], [['1.2', '1.4.2']]])(
      'that speaks %j is answered',
      async (version) => {
        expect(await client.result('server.version', 'test', version)).toEqual(['boltgrid', '1.4']);
      },
    );

    it.each([['1.5'], [['0.10', '1.2']]])('that speaks %j is refused', async (version) => {
      expect(await client.error('server.version', 'test', version)).toMatchObject({ code: 1 });
    });

    it('learns of the server', async () => {
      const genesis = header(z.string().parse(await client.result('blockchain.block.header', 0))).hash;
      expect(genesis).toBe('0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206');
      expect(await client.result('server.features')).toMatchObject({ genesis_hash: genesis });
      expect(await client.result('server.ping')).toBeNull();
      expect(await client.result('server.peers.subscribe')).toEqual([]);
    });
  });

  describe('headers', () => {
    it('are given one by one and in a row', async () => {
      await atTip();
      const row = z
        .object({ hex: z.string(), count: z.number(), max: z.number() })
        .parse(await client.result('blockchain.block.headers', 5, 3));
      expect(row).toMatchObject({ count: 3, max: 2016 });
      expect(row.hex.slice(0, 160)).toBe(await client.result('blockchain.block.header', 5));
      expect(row.hex.slice(320)).toBe(await client.result('blockchain.block.header', 7));
      const { height } = await chain.tip();
      expect(await client.result('blockchain.block.headers', height, 10)).toMatchObject({ count: 1 });
      expect(await client.result('blockchain.block.headers', height + 1, 10)).toMatchObject({
        count: 0,
        hex: '',
      });
      expect(await client.error('blockchain.block.header', height + 1)).toMatchObject({ code: 1 });
    });

    it('are proved towards a checkpoint', async () => {
      const proof = {
        branch: expect.any(Array) as string[],
        root: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      };
      expect(await client.result('blockchain.block.header', 5, 8)).toEqual({
        header: await client.result('blockchain.block.header', 5),
        ...proof,
      });
      expect(await client.result('blockchain.block.headers', 0, 5, 8)).toMatchObject(proof);
      expect(await client.error('blockchain.block.header', 9, 8)).toMatchObject({ code: 1 });
    });

    it('are announced', async () => {
      await atTip();
      const { height } = await chain.mine(1);
      expect(await client.notice()).toMatchObject({
        method: 'blockchain.headers.subscribe',
        params: [{ height }],
      });
    });
  });

  describe('a script', () => {
    it('is followed from the mempool into a block and back, with its status', async () => {
      const id = scriptHash(script);
      expect(await client.result('blockchain.scripthash.subscribe', id)).toBeNull();
      expect(await client.result('blockchain.scripthash.get_history', id)).toEqual([]);
      const { txid, raw, vout } = await chain.pay(script, 70_000n);
      expect(await nextStatus()).toEqual([id, statusOf([[txid, 0]])]);
      expect(await client.result('blockchain.scripthash.get_history', id)).toEqual([
        { tx_hash: txid, height: 0, fee: expect.any(Number) as number },
      ]);
      expect(await client.result('blockchain.scripthash.get_mempool', id)).toHaveLength(1);
      expect(await client.result('blockchain.scripthash.get_balance', id)).toEqual({
        confirmed: 0,
        unconfirmed: 70_000,
      });
      expect(await client.result('blockchain.transaction.get', txid)).toBe(toHex(raw));

      const { height } = await chain.mine(1);
      expect(await nextStatus()).toEqual([id, statusOf([[txid, height]])]);
      expect(await client.result('blockchain.scripthash.get_mempool', id)).toEqual([]);
      expect(await client.result('blockchain.scripthash.get_balance', id)).toEqual({
        confirmed: 70_000,
        unconfirmed: 0,
      });
      expect(await client.result('blockchain.scripthash.listunspent', id)).toEqual([
        { tx_hash: txid, tx_pos: vout, height, value: 70_000 },
      ]);

      await chain.reorg(1, { transactions: 'none' });
      expect(await nextStatus()).toEqual([id, statusOf([[txid, 0]])]);
      await chain.mine(1);
      expect(await nextStatus()).toEqual([id, statusOf([[txid, height + 2]])]);
    });

    it('that is spent has both in its history, and a child of what waits is told apart', async () => {
      const id = scriptHash(OP_TRUE_SCRIPT);
      const { txid, vout } = await chain.pay(OP_TRUE_SCRIPT, 50_000n);
      const child = spendTrue(txid, vout, 50_000n, 1000n);
      expect(await client.result('blockchain.transaction.broadcast', toHex(child.raw))).toBe(child.txid);
      const waiting = await client.result('blockchain.scripthash.get_mempool', id);
      expect(waiting).toContainEqual({ tx_hash: child.txid, height: -1, fee: 1000 });
      expect(waiting).toContainEqual({ tx_hash: txid, height: 0, fee: expect.any(Number) as number });
      await chain.mine(1);
      await atTip();
      const { height } = await chain.tip();
      const unspent = await client.result('blockchain.scripthash.listunspent', id);
      expect(unspent).toContainEqual({ tx_hash: child.txid, tx_pos: 0, height, value: 49_000 });
      expect(unspent).not.toContainEqual({ tx_hash: txid, tx_pos: vout, height, value: 50_000 });
    });

    it('is no longer followed when it is not asked for', async () => {
      const id = scriptHash(script);
      expect(await client.result('blockchain.scripthash.unsubscribe', id)).toBe(false);
      await client.result('blockchain.scripthash.subscribe', id);
      expect(await client.result('blockchain.scripthash.unsubscribe', id)).toBe(true);
      await atTip();
      await chain.pay(script, 70_000n);
      await chain.mine(1);
      expect(await client.notice()).toMatchObject({ method: 'blockchain.headers.subscribe' });
    });
  });

  describe('a transaction', () => {
    it('is proved to be in its block', async () => {
      for (let i = 0; i < 4; i++) await chain.pay(ADDRESS, 50_000n);
      const { txid } = await chain.pay(ADDRESS, 60_000n);
      const { height } = await chain.mine(1);
      await atTip();
      const { merkleRoot } = header(z.string().parse(await client.result('blockchain.block.header', height)));
      const proof = z
        .object({ merkle: z.array(z.string()), pos: z.number(), block_height: z.literal(height) })
        .parse(await client.result('blockchain.transaction.get_merkle', txid, height));
      const reversed = (hex: string): Buffer => Buffer.from(hex, 'hex').reverse();
      const root = proof.merkle.reduce(
        ({ hash, at }, beside) => ({
          hash: sha256(
            sha256(Buffer.concat(at % 2 === 0 ? [hash, reversed(beside)] : [reversed(beside), hash])),
          ),
          at: at >> 1,
        }),
        { hash: reversed(txid), at: proof.pos },
      ).hash;
      expect(Buffer.from(root).reverse().toString('hex')).toBe(merkleRoot);
      expect(await client.result('blockchain.transaction.id_from_pos', height, proof.pos)).toBe(txid);
      expect(await client.result('blockchain.transaction.id_from_pos', height, proof.pos, true)).toEqual({
        tx_hash: txid,
        merkle: proof.merkle,
      });
      expect(await client.error('blockchain.transaction.get_merkle', txid, height - 1)).toMatchObject({
        code: 1,
      });
      expect(await client.error('blockchain.transaction.id_from_pos', height, 99)).toMatchObject({ code: 1 });
    });

    it('that the chain refuses is refused with its reason', async () => {
      const { txid, vout } = await chain.pay(OP_TRUE_SCRIPT, 50_000n);
      const free = spendTrue(txid, vout, 50_000n, 0n);
      expect(await client.error('blockchain.transaction.broadcast', toHex(free.raw))).toMatchObject({
        code: 1,
        message: expect.stringContaining('min relay fee not met') as string,
      });
      expect(await client.error('blockchain.transaction.broadcast', 'zz')).toMatchObject({ code: 1 });
      expect(await client.error('blockchain.transaction.get', UNKNOWN)).toMatchObject({ code: 1 });
      expect(await client.error('blockchain.transaction.get', UNKNOWN, true)).toMatchObject({
        code: -32_602,
      });
    });
  });

  it('fees are those that were set', async () => {
    server.setFeerate(12.5);
    expect(await client.result('blockchain.estimatefee', 6)).toBe(0.000_125);
    server.setFeerate(2);
    expect(await client.result('blockchain.relayfee')).toBe(0.000_01);
    expect(await client.result('mempool.get_fee_histogram')).toEqual([]);
  });

  describe('what is no request', () => {
    it.each([
      ['nonsense', -32_700],
      ['5', -32_600],
      ['[]', -32_600],
      ['[1]', undefined],
      ['{"id":1}', -32_601],
      ['{"id":1,"method":"constructor"}', -32_601],
      ['{"id":1,"method":"blockchain.scripthash.subscribe"}', -32_602],
      ['{"id":1,"method":"blockchain.scripthash.subscribe","params":["xx"]}', -32_602],
      ['{"id":1,"method":"blockchain.block.header","params":[-1]}', -32_602],
      ['{"id":1,"method":"blockchain.block.header","params":[1,2,3]}', -32_602],
      ['{"id":1,"method":"blockchain.estimatefee","params":[0]}', -32_602],
    ])('%s gets an error', async (line, code) => {
      const answer = await client.send(line);
      expect(answer).toMatchObject(code === undefined ? [{ error: { code: -32_600 } }] : { error: { code } });
      expect(await client.result('server.ping')).toBeNull();
    });

    it('a line without end closes the connection, and that one alone', async () => {
      const other = await ElectrumClient.connect(server.endpoint);
      other.socket.write('x'.repeat(1024 * 1024 + 1));
      await other.ended();
      expect(await client.result('server.ping')).toBeNull();
    });

    it('a batch is answered together, notifications not at all', async () => {
      expect(
        await client.send(
          '[{"id":1,"method":"server.ping"},{"method":"server.ping"},{"id":"b","method":"nonsense"}]',
        ),
      ).toMatchObject([
        { id: 1, result: null },
        { id: 'b', error: { code: -32_601 } },
      ]);
      client.socket.write('{"method":"server.ping"}\n');
      expect(await client.result('server.ping')).toBeNull();
    });
  });
}
