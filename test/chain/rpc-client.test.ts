import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startMemoryChain } from '../../src/chain/memory.ts';
import { Amount, RpcClient, satOf } from '../../src/chain/rpc-client.ts';

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function clientOf(listener: RequestListener): Promise<RpcClient> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve();
    });
  });
  const { port } = server.address() as AddressInfo;
  return new RpcClient({ url: `http://127.0.0.1:${port}/`, user: 'user', password: 'pass:word' });
}

const answering = (body: string, status = 200) =>
  clientOf((_, response) => {
    response.writeHead(status).end(body);
  });

describe('a call', () => {
  it('sends method, parameters and credentials', async () => {
    let seen: unknown;
    const client = await clientOf((request, response) => {
      void (async () => {
        const chunks: Buffer[] = [];
        for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
        seen = [request.method, request.headers.authorization, Buffer.concat(chunks).toString()];
        response.end('{"result":1,"error":null,"id":"x"}');
      })();
    });
    expect(await client.call('settxfee', [new Amount(254n), 'a', null, { b: [true] }], z.literal(1))).toBe(1);
    expect(seen).toEqual([
      'POST',
      `Basic ${Buffer.from('user:pass:word').toString('base64')}`,
      '{"jsonrpc":"1.0","id":"settxfee","method":"settxfee","params":[0.00000254,"a",null,{"b":[true]}]}',
    ]);
  });

  it('reads amounts as text, so that no satoshi is lost', async () => {
    const client = await answering('{"result":{"amount":20999999.97690000},"error":null}');
    const { amount } = await client.call('x', [], z.object({ amount: z.string() }));
    expect(satOf(amount)).toBe(2_099_999_997_690_000n);
  });

  it('throws what bitcoind answers, with code and method', async () => {
    const client = await answering(
      '{"result":null,"error":{"code":-26,"message":"dust\\u001b[31m"},"id":1}',
      500,
    );
    await expect(client.call('sendrawtransaction', ['00'], z.string())).rejects.toMatchObject({
      code: 'chain.rpc.error',
      message: "bitcoind's sendrawtransaction: dust",
      details: { method: 'sendrawtransaction', code: -26 },
    });
  });

  it('says what to do when bitcoind is still starting', async () => {
    const client = await answering(
      '{"result":null,"error":{"code":-28,"message":"Loading block index…"}}',
      500,
    );
    await expect(client.call('uptime', [], z.number())).rejects.toMatchObject({
      hint: expect.stringContaining('starting') as string,
    });
  });

  it.each([
    ['no JSON', '<html>'],
    ['no object', '5'],
    ['nothing', ''],
    ['another type', '{"result":"text","error":null}'],
  ])('refuses an answer with %s', async (_, body) => {
    const client = await answering(body);
    await expect(client.call('uptime', [], z.number())).rejects.toMatchObject({
      code: 'chain.rpc.bad-answer',
    });
  });

  it('refuses an answer without end', async () => {
    const client = await clientOf((_, response) => {
      const chunk = Buffer.alloc(1024 * 1024, 0x20);
      const write = (): void => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on('drain', write);
      write();
    });
    await expect(client.call('uptime', [], z.number())).rejects.toMatchObject({
      code: 'chain.rpc.bad-answer',
    });
  });

  it.each([401, 403])('says that the password is wrong: status %d', async (status) => {
    const client = await answering('', status);
    await expect(client.call('uptime', [], z.number())).rejects.toMatchObject({
      code: 'chain.rpc.unauthorized',
      blame: 'setup',
    });
  });

  it('says that nobody is there', async () => {
    const client = await answering('');
    for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
    await expect(client.call('uptime', [], z.number())).rejects.toMatchObject({
      code: 'chain.rpc.unreachable',
      blame: 'setup',
    });
  });

  it('says that nobody is there when the connection is closed at once', async () => {
    const client = await clientOf(() => undefined);
    servers[0]?.on('connection', (socket) => socket.destroy());
    await expect(client.call('uptime', [], z.number())).rejects.toMatchObject({
      code: 'chain.rpc.unreachable',
    });
  });

  it('ends at its deadline, and when it is aborted', async () => {
    const client = await clientOf(() => undefined);
    await expect(client.call('uptime', [], z.number(), { deadlineMs: 1 })).rejects.toMatchObject({
      code: 'core.deadline',
    });
    const abort = new AbortController();
    const call = client.call('uptime', [], z.number(), { signal: abort.signal });
    abort.abort(new Error('enough'));
    await expect(call).rejects.toThrow('enough');
  });

  it('lets go of the connection when it is aborted', async () => {
    const hungUp: Promise<void>[] = [];
    const arrived = makeResolvers();
    const client = await clientOf((request) => {
      hungUp.push(
        new Promise((resolve) =>
          request.socket.once('close', () => {
            resolve();
          }),
        ),
      );
      arrived.resolve();
    });
    const abort = new AbortController();
    const call = client.call('waitfornewblock', [], z.unknown(), { signal: abort.signal });
    await arrived.promise;
    abort.abort(new Error('enough'));
    await expect(call).rejects.toThrow('enough');
    await Promise.all(hungUp);
  });
});

describe('with the memory chain', () => {
  it('speaks as with bitcoind', async () => {
    const chain = await startMemoryChain();
    try {
      const client = new RpcClient(chain.rpc);
      const { height, hash } = await chain.tip();
      expect(await client.call('getblockhash', [height], z.string())).toBe(hash);
      const waiting = client.call('waitfornewblock', [0, hash], z.object({ height: z.number() }));
      await chain.mine(1);
      expect(await waiting).toEqual({ height: height + 1 });
      await expect(client.call('getblockhash', [-1], z.string())).rejects.toMatchObject({
        details: { code: -8 },
      });
    } finally {
      await chain.close();
    }
  });
});

function makeResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
