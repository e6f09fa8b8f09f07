import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../../src/core/package.ts';
import { loadChainManifest, chainManifestSchema } from '../../../src/nodes/chain-manifest.ts';
import { faultsOfChainManifest, faultsOfManifest, refuseFaults } from '../../../src/nodes/control/check.ts';
import { loadManifest, manifestSchema, type ManifestData } from '../../../src/nodes/manifest.ts';

type Part = Readonly<Record<string, unknown>>;

interface Parts {
  readonly program?: Part;
  readonly access?: Part;
  readonly control?: Part;
  readonly more?: Part;
}

/** A manifest without faults, but for what is given. */
function manifest({ program, access, control, more }: Parts): ManifestData {
  return manifestSchema.parse({
    implementation: 'toy',
    title: 'Toy',
    bugTracker: 'https://example.org',
    versions: { '1.0': {} },
    profiles: { default: { about: 'as users run it' } },
    image: { pull: 'toy/toy:{version}' },
    needs: { chain: 'bitcoind' },
    timing: { startMs: 1, answerMs: 1, quietMs: 1, blockMs: 1, gossipMs: 1 },
    run: {
      program: {
        argv: ['toyd', '--alias={node.alias}', '--zmq={chain.zmqBlock}', '--port={listen.p2p.port}'],
        ports: { p2p: 9735, 'rest-api': 8080 },
        secrets: { token: { file: '{node.volume}/token', as: 'hex' } },
        access: {
          http: { port: 'rest-api', headers: { token: '{secrets.token}' } },
          rpc: { port: 'rest-api', user: '{node.name}', password: '{node.password}' },
          exec: ['toy-cli'],
          ...access,
        },
        ready: { log: '^listening', steps: [{ http: 'GET /info', until: 'synced', as: 'info' }] },
        ...program,
      },
    },
    control: { ...control, '*': { missing: 'it is a toy' } },
    ...more,
  });
}

const faults = (parts: Parts): string[] =>
  faultsOfManifest(manifest(parts)).map(({ path, message }) => `${path} ${message}`);

const connect = (step: Part, more: Part = {}): Parts => ({
  control: { connect: { steps: [step], ...more } },
});

describe('a manifest without faults', () => {
  it.each([
    {},
    connect({
      http: 'GET /{params.publicKey}/{got.kept}',
      as: 'kept',
      body: "{'a': $params.host, 'n': $nothing}",
    }),
    connect({ exec: ['a', '{{b', '{node.settings.any.thing}', '{listen.rest-api.host}'] }),
    connect({ http: 'GET /' }, { result: '($f := function($x, $y) { $x + $y }; $reduce([1, 2], $f))' }),
    connect({ http: 'GET /' }, { result: 'peers@$p#$i[$p.id = $result.id].{"at": $i, "v": $version}' }),
    connect({ http: 'GET /' }, { result: '$listen.`rest-api`.port & $secrets.token & $sat($params.port)' }),
    { control: { invoice: { steps: [{ http: 'GET /{params.amountMsat}', when: '$params.amountMsat' }] } } },
    { control: { payRoute: { steps: [{ http: 'POST /', body: '$params.route.{"k": publicKey}' }] } } },
    { more: { needs: { chain: 'bitcoind', wallet: true } }, program: { argv: ['{chain.wallet}'] } },
    { more: { needs: { chain: 'electrum' } }, program: { argv: ['{electrum.host}'] } },
    { more: { run: { driver: { argv: ['{here}/x', '{node}'] } } } },
  ])('%j', (parts) => {
    expect(faults(parts)).toEqual([]);
  });
});

describe('faults', () => {
  const at = '$.control.connect.steps[0]';

  it.each<[string, Parts]>([
    [`${at}.body the expression is at fault, line 2`, connect({ http: 'POST /', body: ['{', "'a': }"] })],
    [`${at}.until the expression is at fault`, connect({ http: 'GET /', until: 'a ==' })],
    [
      `${at}.take $got.kpet: nothing is called "kpet" here: did you mean "kept"?`,
      connect({ http: 'GET /', as: 'kept', take: '$got.kpet' }),
    ],
    [
      `${at}.when $parms: nothing is called "parms" here: did you mean "$params"?`,
      connect({ http: 'GET /', when: '$parms.x' }),
    ],
    [
      `${at}.fail $params.publickey: nothing is called "publickey" here: did you mean "publicKey"?`,
      connect({ http: 'GET /', fail: 'a[b = $params.publickey]' }),
    ],
    [
      `${at}.query $contians: nothing is called "contians" here: did you mean "$contains"?`,
      connect({ http: 'GET /', query: '$contians(a, b)' }),
    ],
    [`${at}.exec.words the expression is at fault`, connect({ exec: { words: '[' } })],
    [
      '$.control.connect.result $secrets.macaroon',
      connect({ http: 'GET /' }, { result: '$secrets.macaroon' }),
    ],
    [
      `${at}.http {params.publickey}: nothing is called "publickey" here`,
      connect({ http: 'GET /{params.publickey}' }),
    ],
    [`${at}.http {params} is no text`, connect({ http: 'GET /{params}' })],
    [`${at}.http a brace that opens no name`, connect({ http: 'GET /{ }' })],
    [
      `${at}.exec[1] {secret.token}: nothing is called "secret" here: did you mean "secrets"?`,
      connect({ exec: ['a', '{secret.token}'] }),
    ],
    [
      '$.control.invoice.steps[0].http {params.amountMsat} may be left out',
      { control: { invoice: { steps: [{ http: 'GET /{params.amountMsat}' }] } } },
    ],
    [`${at}.ignore not a regular expression`, connect({ http: 'GET /', ignore: '(' })],
    [
      '$.control.connect.errors[0].match not a regular',
      connect({ http: 'GET /' }, { errors: [{ match: '[', code: 'rejected' }] }),
    ],
    [`${at}.until nothing is asked here`, connect({ until: 'true' })],
    [`${at}.form a request has a body or a form`, connect({ http: 'POST /', body: '1', form: '{}' })],
    [`${at}.body this goes with "http"`, connect({ exec: ['a'], body: '1' })],
    [`${at}.params this goes with "rpc"`, connect({ http: 'GET /', params: '[1]' })],
    [`${at}.answer "first-line" goes with "http"`, connect({ exec: ['a'], answer: 'first-line' })],
    [
      `${at}.http "access" says nothing of http`,
      { ...connect({ http: 'GET /' }), program: { ready: {} }, access: { http: undefined } },
    ],
    [`${at}.rpc "access" says nothing of rpc`, { ...connect({ rpc: 'a' }), access: { rpc: undefined } }],
    ['$.run.program.access.http.port the program has no port "rest"', { access: { http: { port: 'rest' } } }],
    [
      '$.run.program.access.http.headers.token {secrets.tokens}',
      { access: { http: { port: 'rest-api', headers: { token: '{secrets.tokens}' } } } },
    ],
    [
      '$.run.program.access.errors[0].match not a regular',
      { access: { errors: [{ match: '*', code: 'rejected' }] } },
    ],
    [
      '$.run.program.argv[1] {secrets.token}: nothing is called "secrets" here',
      { program: { argv: ['a', '{secrets.token}'] } },
    ],
    ['$.run.program.argv[0] {chain.wallet}', { program: { argv: ['{chain.wallet}'] } }],
    [
      '$.run.program.argv[0] {chain.zmqTx}',
      { program: { argv: ['{chain.zmqTx}'] }, more: { needs: { chain: 'memory' } } },
    ],
    ['$.run.program.argv[0] {listen.rest.port}', { program: { argv: ['{listen.rest.port}'] } }],
    [
      '$.run.program.env.A {node.sed}: nothing is called "sed" here: did you mean "seed"?',
      { program: { env: { A: '{node.sed}' } } },
    ],
    ['$.run.program.files["a.conf"][1] a brace', { program: { files: { 'a.conf': ['ok', '{"a":1}'] } } }],
    [
      '$.run.program.secrets.token.file {node.volum}',
      { program: { secrets: { token: { file: '{node.volum}', as: 'hex' } } } },
    ],
    ['$.run.program.ready.log not a regular', { program: { ready: { log: '(' } } }],
    [
      '$.run.program.ready.steps[0].http {params.x}',
      { program: { ready: { steps: [{ http: 'GET /{params.x}' }] } } },
    ],
    [
      '$.run.program.ready.unlock[0].http {secrets.token}',
      { program: { ready: { unlock: [{ http: 'GET /{secrets.token}' }] } } },
    ],
    ['$.image.pull {node.alias}', { more: { image: { pull: 'a:{node.alias}' } } }],
    [
      '$.versions["1.0"].image.asserts.argv[0] {nope}',
      {
        more: { versions: { '1.0': { image: { pull: 'a', asserts: { argv: ['{nope}'], matches: 'a' } } } } },
      },
    ],
    ['$.versions["1.0"].argv[0] {nope}', { more: { versions: { '1.0': { argv: ['{nope}'] } } } }],
    [
      '$.versions["1.0"].control.peers.result the expression',
      { more: { versions: { '1.0': { control: { peers: { steps: [{ rpc: 'a' }], result: '(' } } } } } },
    ],
    [
      '$.profiles.default.env.B {nope}',
      { more: { profiles: { default: { about: 'x', env: { B: '{nope}' } } } } },
    ],
    ['$.otherVersions.match not a regular', { more: { otherVersions: { match: '(' } } }],
  ])('%s', (fault, parts) => {
    const found = faults(parts);
    expect(found).toHaveLength(1);
    expect(found[0]?.startsWith(fault), found[0]).toBe(true);
  });

  it('are refused all at once, with file and path', () => {
    const data = manifest({ program: { argv: ['{a}', '{b}'] } });
    expect(() => {
      refuseFaults('images/toy/node.json', faultsOfManifest(data));
    }).toThrow(
      expect.objectContaining({
        code: 'manifest.bad-expression',
        blame: 'user',
        message: 'images/toy/node.json: $.run.program.argv[0]: {a}: nothing is called "a" here',
        hint: 'And:\n$.run.program.argv[1]: {b}: nothing is called "b" here',
      }),
    );
    expect(() => {
      refuseFaults('images/toy/node.json', []);
    }).not.toThrow();
  });

  it('of a chain, too', () => {
    const data = chainManifestSchema.parse({
      name: 'bitcoind',
      title: 'x',
      versions: { '1': { argv: ['{chain.url}'] } },
      program: { argv: ['{chain.user}', '{secrets.a}'], ports: { rpc: 1 } },
      startMs: 1,
    });
    expect(faultsOfChainManifest(data).map(({ path }) => path)).toEqual([
      '$.program.argv[1]',
      '$.versions["1"].argv[0]',
    ]);
  });
});

describe('the manifests that come with boltgrid', () => {
  const folder = join(PACKAGE_ROOT, 'images');
  const having = (name: string): string[] =>
    readdirSync(folder)
      .map((entry) => join(folder, entry, name))
      .filter((file) => existsSync(file));

  it.each(having('node.json').map((file) => file.slice(PACKAGE_ROOT.length)))('%s has no fault', (file) => {
    expect(() => loadManifest(join(PACKAGE_ROOT, file))).not.toThrow();
  });

  it.each(having('chain.json').map((file) => file.slice(PACKAGE_ROOT.length)))('%s has no fault', (file) => {
    expect(() => loadChainManifest(join(PACKAGE_ROOT, file))).not.toThrow();
  });
});
