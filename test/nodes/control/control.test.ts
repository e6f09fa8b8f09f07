import { describe, expect, it } from 'vitest';
import { pauses } from '../../../src/nodes/control/steps.ts';
import {
  controlOf,
  failureOf,
  json,
  recipeOf,
  serve,
  SOON,
  stepsOf,
  VALUES,
  type Answer,
} from './program.ts';

/** Gives the answers one after the other, the last one for ever. */
const inTurn = (...answers: readonly Answer[]): (() => Answer) => {
  let at = 0;
  return () => answers[Math.min(at++, answers.length - 1)];
};

async function refused(answer: Answer, step: object, more: object = {}, access: object = {}) {
  const server = await serve(() => answer);
  const control = controlOf({
    ports: { rest: server.port },
    access: { http: { port: 'rest' }, ...access },
  });
  return control.run(recipeOf({ steps: [{ http: 'GET /', ...step }], ...more }), {}, SOON);
}

describe('steps', () => {
  it('keep answers, are left out, and see the latest answer', async () => {
    const server = await serve(({ url }) => json({ url }));
    const control = controlOf({ ports: { rest: server.port } });
    const recipe = recipeOf({
      steps: [
        { http: 'GET /one', as: 'first' },
        { http: 'GET /left-out', as: 'never', when: '$params.absent' },
        { http: 'GET /two{got.first.url}', when: "url = '/one'" },
        { as: 'both', when: '$exists($got.first)' },
      ],
      result:
        "{'first': $got.first.url, 'last': url, 'result': $result.url, 'never': $got.never, 'both': $got.both.url}",
    });
    expect(await control.run(recipe, {}, SOON)).toEqual({
      first: '/one',
      last: '/two%2Fone',
      result: '/two%2Fone',
      both: '/two%2Fone',
    });
    expect(server.seen.map(({ url }) => url)).toEqual(['/one', '/two%2Fone']);
  });

  it('"take" goes on in place of the answer', async () => {
    const server = await serve(() =>
      json({
        channels: [
          { id: 'a', peer: 'x' },
          { id: 'b', peer: 'y' },
        ],
      }),
    );
    const control = controlOf({ ports: { rest: server.port } });
    const recipe = recipeOf({
      steps: [
        { http: 'GET /', until: 'channels', take: 'channels[peer = $params.peer]', as: 'channel' },
        { http: 'GET /{got.channel.id}' },
      ],
    });
    expect(await control.run(recipe, { peer: 'y' }, SOON)).toEqual({});
    expect(server.seen.map(({ url }) => url)).toEqual(['/', '/b']);
  });

  it('are asked again until it is true', async () => {
    const server = await serve(inTurn(json({ n: 1 }), json({ n: 2 }), json({ n: 3 })));
    const control = controlOf({ ports: { rest: server.port } });
    const recipe = recipeOf({ steps: [{ http: 'GET /', until: 'n = $params.n', everyMs: 10 }], result: 'n' });
    expect(await control.run(recipe, { n: 3 }, SOON)).toBe(3);
    expect(server.seen).toHaveLength(3);
  });

  it('at a growing distance, unless the manifest gives one', () => {
    const first = (count: number, everyMs?: number): number[] => {
      const source = pauses(everyMs);
      return Array.from({ length: count }, () => source.next().value);
    };
    const grown = first(20);
    expect(grown[0]).toBe(100);
    expect(grown.slice(1).every((pause, index) => pause >= grown[index]!)).toBe(true);
    expect(grown.at(-1)).toBe(500);
    expect(first(3, 20)).toEqual([20, 20, 20]);
  });

  it('a result that is nothing is a fault of the manifest', async () => {
    expect((await failureOf(refused(json({}), {}, { result: 'absent' }))).code).toBe('node.internal');
  });
});

describe('refusals', () => {
  it.each([
    [{ status: 500, text: '{"code":2,"message":"no route","details":[]}' }, 'no route (HTTP 500, code 2)'],
    [{ status: 400, text: '{"error":"bad thing"}' }, 'bad thing (HTTP 400)'],
    [{ status: 400, text: '{"error":{"code":-3,"message":"deep"}}' }, 'deep (HTTP 400)'],
    [{ status: 404, text: 'not found\n' }, 'not found (HTTP 404)'],
    [{ status: 503, text: '' }, '(HTTP 503)'],
    [{ status: 302, text: '{"other":1}' }, '{"other":1} (HTTP 302)'],
  ])('%j', async (answer, message) => {
    const error = await failureOf(refused(answer, {}));
    expect([error.code, error.blame, error.message]).toEqual(['node.rejected', 'node', message]);
    expect(error.details).toEqual({ step: 'GET /' });
  });

  const answer = { status: 500, text: '{"code":2,"message":"Peer is not Connected"}' };
  const access = {
    errors: [
      { match: 'code 2\\b', code: 'not-ready' },
      { match: 'peer', code: 'internal' },
    ],
  };

  it('are told apart by the rules of access, in order and in any case', async () => {
    expect((await failureOf(refused(answer, {}, {}, access))).code).toBe('node.not-ready');
  });

  it('by those of the recipe first', async () => {
    const errors = [{ match: 'IS NOT connected', code: 'not-offered' }];
    expect(await failureOf(refused(answer, {}, { errors }, access))).toMatchObject({
      code: 'node.not-offered',
      blame: 'harness',
    });
  });

  it('or passed over', async () => {
    const recipe = { result: "$exists($) ? 'something' : 'nothing'" };
    expect(await refused(answer, { ignore: '^peer.*connected' }, recipe, access)).toBe('nothing');
    expect((await failureOf(refused(answer, { ignore: '^connected' }, {}, access))).code).toBe(
      'node.not-ready',
    );
  });

  it.each([
    ["error ? {'code': 'not-ready', 'message': error}", 'node.not-ready'],
    ["error ? {'message': error}", 'node.timeout'],
    ['error', 'node.timeout'],
    ["error ? {'code': 'oops', 'message': error}", 'node.internal'],
    ["error ? {'code': 'rejected'}", 'node.internal'],
    ["$fail('not-offered', error)", 'node.not-offered'],
  ])('an answer that is one: %s', async (fail, code) => {
    const rules = { errors: [{ match: 'slow', code: 'timeout' }] };
    const error = await failureOf(refused(json({ error: 'too slow' }), { fail }, {}, rules));
    expect(error.code).toBe(code);
    expect(error.message).toContain('too slow'.slice(0, code === 'node.internal' ? 0 : undefined));
  });

  it('an answer that is none', async () => {
    expect(await refused(json({ ok: 1 }), { fail: "error ? {'message': error}" }, { result: 'ok' })).toBe(1);
  });

  it('of an answer may be passed over, too', async () => {
    expect(await refused(json({ error: 'already there' }), { fail: 'error', ignore: 'already' })).toEqual({});
  });

  it('end the waiting for something else', async () => {
    const server = await serve(inTurn(json({ state: 'pending' }), json({ state: 'failed' })));
    const control = controlOf({ ports: { rest: server.port } });
    const fail = "state = 'failed' ? 'it failed'";
    const recipe = recipeOf({ steps: [{ http: 'GET /', until: "state = 'open'", fail, everyMs: 10 }] });
    expect((await failureOf(control.run(recipe, {}, SOON))).message).toBe('it failed');
  });
});

describe('texts of errors', () => {
  it('never hold a password or secret', async () => {
    const { node, chain, secrets } = VALUES;
    const told = [node.password, chain.password, secrets.macaroon, encodeURIComponent(node.password)].join(
      '|',
    );
    const error = await failureOf(refused({ status: 500, text: told }, {}));
    expect(error.message).toBe('***|***|***|*** (HTTP 500)');
  });

  it('nor does what is told of an answer that is not JSON, or was waited for', async () => {
    const { password } = VALUES.node;
    expect((await failureOf(refused({ text: `no JSON: ${password}` }, {}))).message).toContain(
      'no JSON: ***',
    );
    const server = await serve(() => json({ password }));
    const control = controlOf({ ports: { rest: server.port } });
    const recipe = recipeOf({ steps: [{ http: 'GET /', until: 'ok', everyMs: 10 }] });
    const error = await failureOf(control.run(recipe, {}, { deadlineMs: 100 }));
    expect(error.message).toContain('"password":"***"');
    expect(JSON.stringify([error.details, error.cause])).not.toContain(password);
  });

  it('are cleaned and short', async () => {
    const error = await failureOf(
      refused({ status: 500, text: `\u001b[31mred\u0007${'x'.repeat(10_000)}` }, {}),
    );
    expect(error.message).toMatch(/^red\ufffdx+… \(\d+ more characters\)$/);
    expect(error.message.length).toBeLessThan(2100);
  });

  it.each(['{', '<html>', '{"a":1} {"b":2}'])('%j is no JSON: the control path is at fault', async (text) => {
    const error = await failureOf(refused({ text }, {}));
    expect([error.code, error.blame]).toEqual(['node.internal', 'harness']);
    expect(error.message).toMatch(/^GET \/: the answer is no JSON/);
  });

  it('a template that names nothing is the manifest’s fault', async () => {
    const control = controlOf({});
    const recipe = recipeOf({ steps: [{ http: 'GET /{params.publickey}' }] });
    const error = await failureOf(control.run(recipe, { publicKey: 'ab' }, SOON));
    expect([error.code, error.blame]).toEqual(['manifest.unknown-value', 'user']);
    expect(error.hint).toContain('{params.publicKey}');
  });
});

describe('a program that is not there', () => {
  it('is not ready when nobody listens', async () => {
    const server = await serve(() => json({}));
    await server.close();
    const control = controlOf({ ports: { rest: server.port } });
    const error = await failureOf(control.run(recipeOf({ steps: [{ http: 'GET /' }] }), {}, SOON));
    expect([error.code, error.blame]).toEqual(['node.not-ready', 'node']);
  });

  it('nor when the connection breaks, before an answer or within one', async () => {
    const broken = await serve((_, response) => {
      response.socket?.resetAndDestroy();
      return undefined;
    });
    const torn = await serve((_, response) => {
      response.write('{"a":', () => response.socket?.resetAndDestroy());
      return undefined;
    });
    for (const { port } of [broken, torn]) {
      const control = controlOf({ ports: { rest: port } });
      const error = await failureOf(control.run(recipeOf({ steps: [{ http: 'GET /' }] }), {}, SOON));
      expect(error.code).toBe('node.not-ready');
    }
    expect(broken.seen).toHaveLength(1);
  });

  it('nor once the control was closed', async () => {
    const server = await serve(() => {
      setImmediate(() => {
        control.close();
      });
      return undefined;
    });
    const control = controlOf({ ports: { rest: server.port } });
    const error = await failureOf(control.run(recipeOf({ steps: [{ http: 'GET /' }] }), {}, SOON));
    expect(error.code).toBe('node.not-ready');
  });
});

describe('limits', () => {
  it('a deadline tells the step and what it met with', async () => {
    const silent = await serve(() => undefined);
    const control = controlOf({ ports: { rest: silent.port } });
    const recipe = recipeOf({ steps: [{ http: 'POST /v1/open' }] });
    const error = await failureOf(control.run(recipe, {}, { deadlineMs: 50 }));
    expect([error.code, error.blame, error.message]).toEqual([
      'node.timeout',
      'node',
      'POST /v1/open: not complete within 50 ms',
    ]);
  });

  it('a deadline ends waiting', async () => {
    const server = await serve(() => json({ peers: [] }));
    const control = controlOf({ ports: { rest: server.port } });
    const recipe = recipeOf({ steps: [{ http: 'GET /v1/peers', until: '$count(peers) = 1', everyMs: 10 }] });
    const error = await failureOf(control.run(recipe, {}, { deadlineMs: 100 }));
    expect(error.code).toBe('node.timeout');
    expect(error.message).toContain('{"peers":[]}');
  });

  it('a deadline ends what is under way', async () => {
    const signals: (AbortSignal | undefined)[] = [];
    const control = controlOf({
      access: { exec: ['cli'] },
      exec: (_, { signal }) => {
        signals.push(signal);
        return new Promise(() => undefined);
      },
    });
    const error = await failureOf(
      control.run(recipeOf({ steps: [{ exec: ['x'] }] }), {}, { deadlineMs: 50 }),
    );
    expect([error.code, signals.map((signal) => signal?.aborted)]).toEqual(['node.timeout', [true]]);
  });

  it('an abort comes through as it is', async () => {
    const reason = new Error('cancelled by the user');
    const abort = new AbortController();
    const server = await serve(() => {
      abort.abort(reason);
      return undefined;
    });
    const control = controlOf({ ports: { rest: server.port } });
    const recipe = recipeOf({ steps: [{ http: 'GET /' }] });
    const limits = { ...SOON, signal: abort.signal };
    await expect(control.run(recipe, {}, limits)).rejects.toBe(reason);
    await expect(control.becomeReady(stepsOf({ http: 'GET /' }), limits)).rejects.toBe(reason);
    expect(server.seen).toHaveLength(1);
  });
});

describe('readiness', () => {
  it('is each step in turn, again while it errs', async () => {
    const server = await serve(
      inTurn(
        { status: 503, text: 'starting' },
        { text: 'not JSON yet' },
        json({ synced: false }),
        json({ synced: true }),
        json({ second: true }),
      ),
    );
    const control = controlOf({ ports: { rest: server.port } });
    await control.becomeReady(
      stepsOf({ http: 'GET /info', until: 'synced', everyMs: 10 }, { http: 'GET /second' }),
      SOON,
    );
    expect(server.seen.map(({ url }) => url)).toEqual(['/info', '/info', '/info', '/info', '/second']);
  });

  it('tells the last error when it does not come', async () => {
    const server = await serve(() => ({ status: 503, text: `locked ${VALUES.node.password}` }));
    const control = controlOf({ ports: { rest: server.port } });
    const error = await failureOf(control.becomeReady(stepsOf({ http: 'GET /info' }), { deadlineMs: 150 }));
    expect([error.code, error.message]).toEqual([
      'node.timeout',
      'GET /info: not complete within 150 ms: locked *** (HTTP 503)',
    ]);
  });

  it('does not wait for a manifest to mend', async () => {
    const control = controlOf({ ports: { rest: 1 } });
    const error = await failureOf(control.becomeReady(stepsOf({ http: 'GET /{node.alais}' }), SOON));
    expect(error.code).toBe('manifest.unknown-value');
  });

  it('without steps is there', async () => {
    await expect(controlOf({}).becomeReady([], SOON)).resolves.toBeUndefined();
  });
});
