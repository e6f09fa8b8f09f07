import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Chain } from '../../src/chain/chain.ts';
import { startMemoryChain } from '../../src/chain/memory.ts';
import { RPC_METHODS } from '../../src/chain/rpc/methods.ts';
import { RpcUser } from './rpc-user.ts';

let chain: Chain;
let rpc: RpcUser;

beforeAll(async () => {
  chain = await startMemoryChain();
  rpc = new RpcUser(chain);
});

afterAll(() => chain.close());

describe('requests', () => {
  it('may name their parameters', async () => {
    const { hash } = await chain.tip();
    const { json } = await rpc.post(
      JSON.stringify({ id: 1, method: 'getblock', params: { verbosity: 0, blockhash: hash } }),
    );
    expect(json).toMatchObject({ error: null, id: 1, result: await rpc.result('getblock', hash, 0) });
    const unknown = await rpc.post(JSON.stringify({ id: 1, method: 'getblock', params: { hash } }));
    expect(unknown.json).toMatchObject({ error: { code: -8, message: 'Unknown named parameter hash' } });
  });

  it('come in batches, answered in order', async () => {
    const { status, json } = await rpc.post(
      JSON.stringify([{ id: 'a', method: 'getblockcount' }, { id: 'b', method: 'nonsense' }, 5]),
    );
    expect(status).toBe(200);
    expect(json).toMatchObject([
      { id: 'a', result: (await chain.tip()).height, error: null },
      { id: 'b', result: null, error: { code: -32_601 } },
      { id: null, error: { code: -32_600 } },
    ]);
    const many = await rpc.post(JSON.stringify(Array(1001).fill({ method: 'uptime' })));
    expect(many.json).toMatchObject({ error: { code: -32_600 } });
  });

  it('of JSON-RPC 2.0 are answered in its form', async () => {
    const good = await rpc.post('{"jsonrpc":"2.0","id":7,"method":"getblockcount"}');
    expect(good).toMatchObject({
      status: 200,
      json: { jsonrpc: '2.0', id: 7, result: expect.any(Number) as number },
    });
    expect(good.json).not.toHaveProperty('error');
    const bad = await rpc.post('{"jsonrpc":"2.0","id":7,"method":"nonsense"}');
    expect(bad).toMatchObject({ status: 200, json: { jsonrpc: '2.0', id: 7, error: { code: -32_601 } } });
    expect(bad.json).not.toHaveProperty('result');
  });

  it.each([
    ['no JSON', 'nonsense', 500, -32_700],
    ['nothing', '', 500, -32_700],
    ['a string', '"getblockcount"', 500, -32_700],
    ['null', 'null', 500, -32_700],
    ['no method', '{"id":1}', 400, -32_600],
    ['a number for a method', '{"id":1,"method":1}', 400, -32_600],
    ['an unknown method', '{"id":1,"method":"stop"}', 404, -32_601],
    ['a method of every object', '{"id":1,"method":"constructor"}', 404, -32_601],
    ['params that are text', '{"id":1,"method":"getblockcount","params":"x"}', 400, -32_600],
    ['too many params', '{"id":1,"method":"getblockcount","params":[1]}', 500, -1],
  ])('with %s get the error that bitcoind gives', async (_, body, status, code) => {
    expect(await rpc.post(body)).toMatchObject({ status, json: { result: null, error: { code } } });
  });

  it('to a wallet find none', async () => {
    expect(await rpc.post('{"id":1,"method":"getblockcount"}', { path: 'wallet/miner' })).toMatchObject({
      json: { error: { code: -18 } },
    });
  });

  it.each([
    ['nobody', ''],
    ['another password', `Basic ${Buffer.from('boltgrid:guess').toString('base64')}`],
    ['another scheme', 'Bearer token'],
    ['something very long', `Basic ${'A'.repeat(8000)}`],
  ])('by %s are refused before anything is read', async (_, authorization) => {
    const { status, text } = await rpc.post('{"id":1,"method":"getblockcount"}', { authorization });
    expect({ status, text }).toEqual({ status: 401, text: '' });
  });

  it('by GET are refused', async () => {
    expect((await rpc.post('', { method: 'GET' })).status).toBe(405);
  });

  it('that are too large are cut off, and the server goes on', async () => {
    const { status } = await sendOversized();
    expect(status).toMatch(/^HTTP\/1\.1 413 /);
    expect(await rpc.result('getblockcount')).toEqual(expect.any(Number));
  });

  it('that end in the middle do no harm', async () => {
    const { port } = new URL(chain.rpc.url);
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), '127.0.0.1', () => {
        socket.write(
          `POST / HTTP/1.1\r\nHost: x\r\nAuthorization: ${rpc.credentials}\r\nContent-Length: 1000\r\n\r\n{"id"`,
          () => {
            socket.destroy();
          },
        );
      });
      socket.on('close', () => {
        resolve();
      });
    });
    expect(await rpc.result('getblockcount')).toEqual(expect.any(Number));
  });

  /** The head announces nothing: only the body tells that it is too long. */
  function sendOversized(): Promise<{ status: string }> {
    const { port } = new URL(chain.rpc.url);
    return new Promise((resolve, reject) => {
      const socket = connect(Number(port), '127.0.0.1', () => {
        socket.write(
          `POST / HTTP/1.1\r\nHost: x\r\nAuthorization: ${rpc.credentials}\r\nTransfer-Encoding: chunked\r\n\r\n`,
        );
        for (let sent = 0; sent <= 4 * 1024 * 1024; sent += 0x10000)
          socket.write(`10000\r\n${' '.repeat(0x10000)}\r\n`);
      });
      let text = '';
      socket.on('data', (chunk) => {
        text += chunk.toString('latin1');
      });
      socket.on('error', (cause) => {
        if (text === '') reject(cause);
      });
      socket.on('close', () => {
        resolve({ status: text.split('\r\n')[0] ?? '' });
      });
    });
  }
});

describe('the documented subset', () => {
  it('is the one that is served', async () => {
    const page = await readFile(new URL('../../docs/chain.md', import.meta.url), 'utf8');
    const documented = [...page.matchAll(/^\| `([a-z]+)`/gm)].map(([, name]) => name);
    expect([...documented].sort()).toEqual([...RPC_METHODS.keys()].sort());
  });
});

describe('the server', () => {
  it('listens on loopback only, with a password of its own', async () => {
    const other = await startMemoryChain();
    try {
      expect(new URL(other.rpc.url).hostname).toBe('127.0.0.1');
      expect(other.rpc.password).not.toBe(chain.rpc.password);
      expect(other.rpc.password).toMatch(/^[0-9a-f]{48}$/);
    } finally {
      await other.close();
    }
  });

  it('ends the calls that wait when it is closed', async () => {
    const other = await startMemoryChain();
    const authorization = `Basic ${Buffer.from(`${other.rpc.user}:${other.rpc.password}`).toString('base64')}`;
    const answered = fetch(other.rpc.url, {
      method: 'POST',
      headers: { authorization },
      body: '{"id":1,"method":"waitfornewblock"}',
    });
    // Its connection comes in after that of the call that waits.
    await fetch(other.rpc.url, {
      method: 'POST',
      headers: { authorization },
      body: '{"id":1,"method":"uptime"}',
    });
    await other.close();
    expect(await (await answered).json()).toMatchObject({ error: { code: -28 } });
    await expect(other.tip()).rejects.toMatchObject({ code: 'chain.closed' });
    await other.close();
  });
});
