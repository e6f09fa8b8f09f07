import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { aptMirror } from '../../../src/nodes/images/apt-sources.ts';
import { suiteOf } from '../../../src/nodes/images/base-image.ts';
import { hostAccess, toolEnvironment } from '../../../src/nodes/images/host-access.ts';
import { findTool } from '../../../src/nodes/images/run-tool.ts';
import { temporaryFolders } from '../../journal/folder.ts';

const folder = temporaryFolders();
const PEM = '-----BEGIN CERTIFICATE-----\n';

describe('how this machine reaches the internet', () => {
  it('is told by the usual variables, in either case', async () => {
    const path = await folder();
    await writeFile(join(path, 'ca.pem'), PEM);
    const env = { https_proxy: 'http://p:1', NO_PROXY: 'localhost', SSL_CERT_FILE: 'ca.pem', OTHER: 'x' };
    expect(hostAccess(env, path)).toEqual({
      caBundle: join(path, 'ca.pem'),
      proxy: { https_proxy: 'http://p:1', NO_PROXY: 'localhost' },
    });
    expect(hostAccess({}, path)).toEqual({ caBundle: undefined, proxy: {} });
  });

  it('goes by the bundle that is named before all others', async () => {
    const path = await folder();
    await writeFile(join(path, 'named.pem'), PEM);
    expect(hostAccess({ SSL_CERT_FILE: 'nowhere.pem' }, path, 'named.pem').caBundle).toBe(
      join(path, 'named.pem'),
    );
  });

  it.each([
    ['absent', 'nowhere.pem', 'cannot be read'],
    ['no PEM', 'text.pem', 'holds no certificate'],
    ['a folder', '.', 'cannot be read'],
  ])('refuses a bundle that is %s', async (_, name, message) => {
    const path = await folder();
    await writeFile(join(path, 'text.pem'), 'hello');
    expect(() => hostAccess({}, path, name)).toThrow(message);
    expect(() => hostAccess({ CURL_CA_BUNDLE: name }, path)).toThrow(message);
  });

  it('hands on what Go, Rust and TLS read, and no secrets of ours', () => {
    const env = { GOPROXY: 'p', CARGO_HOME: 'c', RUSTUP_HOME: 'r', GIT_SSL_CAINFO: 'g' };
    const secrets = {
      GOOGLE_APPLICATION_CREDENTIALS: 's',
      AWS_SECRET_ACCESS_KEY: 's',
      NPM_TOKEN: 's',
      GH_TOKEN: 's',
    };
    const given = toolEnvironment(
      { ...env, ...secrets },
      { caBundle: '/ca.pem', proxy: { http_proxy: 'x' } },
    );
    expect(given).toMatchObject({
      ...env,
      SSL_CERT_FILE: '/ca.pem',
      http_proxy: 'x',
      PATH: process.env.PATH,
    });
    for (const name of Object.keys(secrets)) expect(given).not.toHaveProperty(name);
  });
});

describe('the mirror of Debian that apt uses', () => {
  const mirrorOf = async (files: Readonly<Record<string, string>>): Promise<string | undefined> => {
    const path = await folder();
    await mkdir(join(path, 'sources.list.d'));
    for (const [name, text] of Object.entries(files)) await writeFile(join(path, name), text);
    return aptMirror(path);
  };

  it('is read from either form of its sources', async () => {
    const lines = `# deb http://commented.example/debian bookworm main
deb-src http://source.example/debian bookworm main
deb [signed-by=/x.gpg arch=amd64] https://mirror.example/debian bookworm main contrib # ours`;
    expect(await mirrorOf({ 'sources.list': lines })).toBe('https://mirror.example/debian');
    const stanza = `Types: deb deb-src\n# a remark\nURIs: http://mirror.example/debian\nSuites: trixie trixie-updates
Components: main\n contrib\nSigned-By: /x.gpg\n`;
    const off = `Enabled: no\nTypes: deb\nURIs: http://off.example\nSuites: sid\nComponents: main\n\n`;
    expect(await mirrorOf({ 'sources.list.d/debian.sources': off + stanza })).toBe(
      'http://mirror.example/debian',
    );
  });

  it.each([
    ['nothing', {}],
    ['another distribution', { 'sources.list': 'deb http://archive.example/ubuntu noble main' }],
    [
      'security updates alone',
      { 'sources.list': 'deb http://s.example/debian-security bookworm-security main' },
    ],
    ['a disc', { 'sources.list': 'deb cdrom:[x]/ bookworm main\ndeb file:/mnt bookworm main' }],
    ['others', { 'sources.list.d/node.list': 'deb https://node.example/node_20.x nodistro main' }],
  ])('is none where there is %s', async (_, files) => {
    expect(await mirrorOf(files)).toBeUndefined();
  });
});

describe('the suite of a public image', () => {
  it.each([
    ['debian:bookworm-slim', 'bookworm'],
    ['debian:sid', 'sid'],
    ['docker.io/library/debian:trixie-20250520-slim', 'trixie'],
    ['debian:12-slim', undefined],
    ['debian', undefined],
    ['golang:1.26-bookworm', undefined],
    ['example/debian:sid', undefined],
  ])('%s: %s', (reference, suite) => {
    expect(suiteOf(reference)).toBe(suite);
  });
});

describe('a tool', () => {
  it('is a program on the path', async () => {
    const path = await folder();
    await writeFile(join(path, 'tool'), '');
    await mkdir(join(path, 'folder'));
    expect(findTool('tool', `/nowhere::${path}`)).toBeUndefined();
    await chmod(join(path, 'tool'), 0o755);
    expect(findTool('tool', `/nowhere::${path}`)).toBe(join(path, 'tool'));
    expect(findTool('folder', path)).toBeUndefined();
  });
});
