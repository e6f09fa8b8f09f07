import { describe, expect, it } from 'vitest';
import { BoltgridError } from '../../../src/core/error.ts';
import type { ExecResult } from '../../../src/runtime/runtime.ts';
import { controlOf, failureOf, fakePlace, json, recipeOf, serve, SOON, stepsOf } from './program.ts';

const done = (stdout: string): ExecResult => ({ code: 0, stdout, stderr: '' });

describe('http', () => {
  it('sends method, path, query, headers and credentials', async () => {
    const server = await serve(() => json({ ok: true }));
    const control = controlOf({
      ports: { rest: server.port },
      access: {
        http: {
          port: 'rest',
          user: '{node.alias}',
          password: '{node.password}',
          headers: { 'Grpc-Metadata-macaroon': '{secrets.macaroon}' },
        },
      },
    });
    const recipe = recipeOf({
      steps: [
        { http: 'DELETE /v1/peers/{params.id}?x=1', query: "{'a': [1, 'b&'], 'none': $nothing, 'n': null}" },
      ],
      result: 'ok',
    });
    expect(await control.run(recipe, { id: '../a b' }, SOON)).toBe(true);
    expect(server.seen).toMatchObject([
      {
        method: 'DELETE',
        url: '/v1/peers/..%2Fa%20b?x=1&a=1&a=b%26',
        body: '',
        headers: {
          'grpc-metadata-macaroon': '0201036c6e64',
          authorization: `Basic ${Buffer.from('Alice:node-pass word').toString('base64')}`,
        },
      },
    ]);
  });

  it('sends a body as JSON and a form urlencoded', async () => {
    const server = await serve(() => json({}));
    const control = controlOf({ ports: { rest: server.port } });
    const recipe = recipeOf({
      steps: [
        { http: 'POST /a', body: "{'ä': $params.x, 'list': [$params.x]}" },
        { http: 'POST /b', form: "{'x': $params.x, 'n': 5, 'yes': true}" },
        { http: 'POST /c' },
      ],
    });
    expect(await control.run(recipe, { x: 'ü &' }, SOON)).toEqual({});
    expect(server.seen.map(({ body, headers }) => [headers['content-type'], body])).toEqual([
      ['application/json', '{"ä":"ü &","list":["ü &"]}'],
      ['application/x-www-form-urlencoded', 'x=%C3%BC+%26&n=5&yes=true'],
      [undefined, ''],
    ]);
  });

  it.each([
    [undefined, '{"a":12345678901234567890}', { a: '12345678901234567890' }],
    [undefined, '', 'nothing'],
    ['last-line', '{"n":1}\n{"n":2}\n\n', { n: 2 }],
    ['text', ' plain {', ' plain {'],
  ] as const)('reads an answer as %s', async (answer, text, value) => {
    const server = await serve(() => ({ text }));
    const control = controlOf({ ports: { rest: server.port } });
    const step = { http: 'GET /', ...(answer !== undefined && { answer }) };
    const recipe = recipeOf({ steps: [step], result: "$exists($) ? $ : 'nothing'" });
    expect(await control.run(recipe, {}, SOON)).toEqual(value);
  });

  it('takes the first line of a stream that does not end', async () => {
    const server = await serve((_, response) => {
      response.write('\n{"n"');
      setImmediate(() => response.write(':1}\n{"n":2}'));
      return undefined;
    });
    const control = controlOf({ ports: { rest: server.port } });
    const recipe = recipeOf({ steps: [{ http: 'GET /', answer: 'first-line' }], result: 'n' });
    expect(await control.run(recipe, {}, SOON)).toBe(1);
  });

  it('keeps its connection, and asks once more when that broke while it was idle', async () => {
    const server = await serve(() => json({ ok: true }));
    const control = controlOf({ ports: { rest: server.port } });
    const recipe = recipeOf({ steps: [{ http: 'GET /' }] });
    await control.run(recipe, {}, SOON);
    await control.run(recipe, {}, SOON);
    expect(server.connections()).toBe(1);
    server.reset();
    await control.run(recipe, {}, SOON);
    expect([server.connections(), server.seen.length]).toEqual([2, 3]);
  });

  it('accepts a certificate that the program made itself, only where the manifest says so', async () => {
    const server = await serve(() => json({ ok: true }), true);
    const ask = (tls: 'none' | 'self-signed'): Promise<unknown> =>
      controlOf({ ports: { rest: server.port }, access: { http: { port: 'rest', tls } } }).run(
        recipeOf({ steps: [{ http: 'GET /' }], result: 'ok' }),
        {},
        SOON,
      );
    expect(await ask('self-signed')).toBe(true);
    await failureOf(ask('none'));
  });

  it.each(['8.8.8.8', 'example.org', '172.32.0.1', '2001:db8::1'])('never from %s', async (host) => {
    const control = controlOf({
      place: { ...fakePlace({}), reached: { rest: { host, port: 1 } } },
      access: { http: { port: 'rest', tls: 'self-signed' } },
    });
    const error = await failureOf(control.run(recipeOf({ steps: [{ http: 'GET /' }] }), {}, SOON));
    expect(error.code).toBe('node.internal');
    expect(error.message).toContain(host);
  });

  it('an answer beyond 16 MiB', async () => {
    const half = 'x'.repeat(9 * 1024 * 1024);
    const server = await serve((_, response) => {
      response.write(half);
      response.end(half);
      return undefined;
    });
    const control = controlOf({ ports: { rest: server.port } });
    const error = await failureOf(
      control.run(recipeOf({ steps: [{ http: 'GET /', answer: 'text' }] }), {}, SOON),
    );
    expect([error.code, error.message]).toEqual(['node.internal', expect.stringContaining('16777216 bytes')]);
  });
});

describe('JSON-RPC', () => {
  const access = {
    rpc: { port: 'rpc', path: '/wallet/{node.name}', user: '{chain.user}', password: '{chain.password}' },
  };

  it('sends a call and unwraps its result', async () => {
    const server = await serve(() => json({ jsonrpc: '2.0', id: 1, result: { txid: 'ab' } }));
    const control = controlOf({ ports: { rpc: server.port }, access });
    const recipe = recipeOf({
      steps: [
        { rpc: 'first' },
        { rpc: 'send', params: '[$params.to, txid]' },
        { rpc: 'named', params: "{'a': 1}" },
      ],
      result: 'txid',
    });
    expect(await control.run(recipe, { to: 'x' }, SOON)).toBe('ab');
    expect(server.seen.map(({ body }) => JSON.parse(body) as object)).toEqual([
      { jsonrpc: '2.0', id: 1, method: 'first', params: [] },
      { jsonrpc: '2.0', id: 1, method: 'send', params: ['x', 'ab'] },
      { jsonrpc: '2.0', id: 1, method: 'named', params: { a: 1 } },
    ]);
    expect(server.seen[0]).toMatchObject({
      method: 'POST',
      url: '/wallet/n-1',
      headers: { authorization: `Basic ${Buffer.from('rpcuser:chain-password').toString('base64')}` },
    });
  });

  it.each([
    [500, { result: null, error: { code: -8, message: 'no such thing' } }, 'no such thing (code -8)'],
    [200, { error: { code: 1, message: 'refused' } }, 'refused (code 1)'],
    [
      200,
      { error: { code: 2, message: 'internal error', data: { exception: "Refused('why')" } } },
      "internal error: Refused('why') (code 2)",
    ],
    [200, { error: 'refused' }, 'refused'],
    [401, '', '(HTTP 401)'],
  ])('an error with status %i', async (status, body, message) => {
    const server = await serve(() => ({ status, text: body === '' ? '' : JSON.stringify(body) }));
    const control = controlOf({ ports: { rpc: server.port }, access });
    const error = await failureOf(control.run(recipeOf({ steps: [{ rpc: 'x' }] }), {}, SOON));
    expect([error.code, error.message]).toEqual(['node.rejected', message]);
  });

  it('a null result is an answer', async () => {
    const server = await serve(() => json({ result: null, error: null }));
    const control = controlOf({ ports: { rpc: server.port }, access });
    expect(await control.run(recipeOf({ steps: [{ rpc: 'x' }], result: '$ = null' }), {}, SOON)).toBe(true);
  });

  it.each(['[]', 'hello', '1'])('%s is no JSON-RPC', async (text) => {
    const server = await serve(() => ({ text }));
    const control = controlOf({ ports: { rpc: server.port }, access });
    expect((await failureOf(control.run(recipeOf({ steps: [{ rpc: 'x' }] }), {}, SOON))).code).toBe(
      'node.internal',
    );
  });
});

describe('exec', () => {
  it('runs the first words of access, then those of the step', async () => {
    const ran: (readonly string[])[] = [];
    const control = controlOf({
      access: { exec: ['/bin/cli', '--alias={node.alias}'] },
      exec: (argv) => {
        ran.push(argv);
        return done('{"id":1}');
      },
    });
    const recipe = recipeOf({
      steps: [
        { exec: ['pay', '{params.invoice}'] },
        { exec: { words: "['list', $string(id), 7, $params.absent, true]" } },
        { exec: { words: "'one'" } },
      ],
      result: 'id',
    });
    expect(await control.run(recipe, { invoice: '$(rm) ;' }, SOON)).toBe(1);
    expect(ran).toEqual([
      ['/bin/cli', '--alias=Alice', 'pay', '$(rm) ;'],
      ['/bin/cli', '--alias=Alice', 'list', '1', '7', 'true'],
      ['/bin/cli', '--alias=Alice', 'one'],
    ]);
  });

  it.each([
    [{ code: 1, stdout: '', stderr: '[cli] no route\n' }, '[cli] no route (exit code 1)'],
    [{ code: 2, stdout: '{"code":-1,"message":"no peer"}', stderr: ' ' }, 'no peer (exit code 2, code -1)'],
    [{ code: 3, stdout: '', stderr: '' }, '(exit code 3)'],
  ])('an exit code is a refusal: %j', async (result, message) => {
    const control = controlOf({ access: { exec: ['cli'] }, exec: () => result });
    const error = await failureOf(control.run(recipeOf({ steps: [{ exec: ['x'] }] }), {}, SOON));
    expect([error.code, error.message]).toEqual(['node.rejected', message]);
  });

  it('a program that does not run is not ready', async () => {
    const control = controlOf({ access: { exec: ['cli'] } });
    const error = await failureOf(control.run(recipeOf({ steps: [{ exec: ['x'] }] }), {}, SOON));
    expect(error.code).toBe('node.not-ready');
  });

  it('what the runtime met with is told as it is, without secrets', async () => {
    const control = controlOf({
      access: { exec: ['cli', '{secrets.macaroon}'] },
      exec: (argv) => {
        throw new BoltgridError('runtime.cannot-start', 'setup', `cannot start ${argv.join(' ')}`);
      },
    });
    const error = await failureOf(control.run(recipeOf({ steps: [{ exec: ['x'] }] }), {}, SOON));
    expect([error.code, error.blame, error.message]).toEqual([
      'runtime.cannot-start',
      'setup',
      'cannot start cli *** x',
    ]);
  });

  it('a program that does not end in time', async () => {
    const control = controlOf({
      access: { exec: ['cli'] },
      exec: () => {
        throw new BoltgridError('runtime.deadline', 'setup', 'cli: nothing within 5000 ms');
      },
    });
    const error = await failureOf(control.run(recipeOf({ steps: [{ exec: ['x'] }] }), {}, SOON));
    expect([error.code, error.blame]).toEqual(['node.timeout', 'node']);
  });

  it('waits for a program in a readiness step', async () => {
    let calls = 0;
    const control = controlOf({
      access: { exec: ['cli'] },
      exec: () => (++calls < 2 ? { code: 1, stdout: '', stderr: 'starting up' } : done('{}')),
    });
    await control.becomeReady(stepsOf({ exec: ['getinfo'] }), SOON);
    expect(calls).toBe(2);
  });
});

describe('ways that access does not give', () => {
  it.each([{ http: 'GET /' }, { rpc: 'x' }, { exec: [] }])('%j', async (step) => {
    const control = controlOf({ access: {} });
    expect((await failureOf(control.run(recipeOf({ steps: [step] }), {}, SOON))).code).toBe('node.internal');
  });

  it('nor a port that there is not', async () => {
    const control = controlOf({ access: { http: { port: 'constructor' } } });
    const error = await failureOf(control.run(recipeOf({ steps: [{ http: 'GET /' }] }), {}, SOON));
    expect(error.message).toContain('no port');
  });
});
