import { afterEach, describe, expect, test } from 'vitest';
import type { ManifestData } from '../../src/nodes/manifest.ts';
import type { RunningNode } from '../../src/nodes/node.ts';
import { startNode } from '../../src/nodes/start.ts';
import { asProcess, fixture, manifestData, temporaryFolder } from './drivers.ts';

/** What a driver that breaks the protocol comes to: a typed error, and no process. */

const cleanUp: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});

async function start(
  how: string,
  deadlineMs = 10_000,
  changes: Partial<ManifestData> = {},
): Promise<RunningNode> {
  const place = await temporaryFolder();
  cleanUp.push(() => place[Symbol.asyncDispose]());
  const data = manifestData(['{node}', fixture('drivers/misbehaving.mjs'), how], changes);
  const manifest = { file: 'node.json', folder: fixture('drivers'), data };
  const node = await startNode({ ...asProcess(manifest, place.folder), deadlineMs });
  cleanUp.push(() => node.stop());
  return node;
}

describe('at start', () => {
  test.each([
    ['exits-at-once', 'node.exited', 5000],
    ['hangs-at-start', 'node.timeout', 500],
    ['prints-at-start', 'driver.bad-line', 5000],
    ['bad-start-result', 'driver.bad-reply', 5000],
  ])('%s', async (how, code, deadlineMs) => {
    await expect(start(how, deadlineMs)).rejects.toMatchObject({
      code: 'node.did-not-start',
      blame: 'setup',
      hint: expect.stringContaining(`misbehaving: ${how}`) as string,
      details: expect.objectContaining({ code, node: 'fake@1.0' }) as object,
    });
  });

  test('a program that does not exist', async () => {
    await using place = await temporaryFolder();
    const manifest = {
      file: 'node.json',
      folder: place.folder,
      data: manifestData(['{here}/no-such-program']),
    };
    await expect(startNode(asProcess(manifest, place.folder))).rejects.toMatchObject({
      code: 'node.did-not-start',
      blame: 'setup',
    });
  });

  test('the caller gives up', async () => {
    await using place = await temporaryFolder();
    const manifest = {
      file: 'node.json',
      folder: place.folder,
      data: manifestData(['{node}', fixture('drivers/misbehaving.mjs'), 'hangs-at-start']),
    };
    const reason = new Error('enough');
    await expect(
      startNode({
        ...asProcess(manifest, place.folder),
        signal: AbortSignal.timeout(300),
      }),
    ).rejects.toMatchObject({ name: 'TimeoutError' });
    await expect(
      startNode({
        ...asProcess(manifest, place.folder),
        signal: AbortSignal.abort(reason),
      }),
    ).rejects.toBe(reason);
  });

  test('what the program says of itself is cleaned', async () => {
    const node = await start('silent');
    expect(node.identity).toMatchObject({ reported: 'fake 1.0', id: 'fake@1.0' });
    expect(node.identity.build).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(await node.logTail(5)).toEqual(['misbehaving: silent']);
  });
});

describe('in an answer', () => {
  test.each([
    ['garbage', 'driver.bad-line'],
    ['huge-line', 'driver.line-too-long'],
    ['wrong-shape', 'driver.bad-line'],
    ['unknown-id', 'driver.bad-line'],
    ['unknown-event', 'driver.bad-line'],
    ['unknown-error-code', 'driver.bad-line'],
  ])('%s ends the conversation and the program', async (how, code) => {
    const node = await start(how);
    await expect(node.call('balance', {})).rejects.toMatchObject({ code, blame: 'harness' });
    await expect(node.exited).resolves.toMatchObject({ expected: false, signal: 'SIGKILL' });
    await expect(node.call('balance', {})).rejects.toMatchObject({ code });
  });

  test('a result of another shape fails only this call', async () => {
    const node = await start('bad-result');
    await expect(node.call('balance', {})).rejects.toMatchObject({
      code: 'driver.bad-reply',
      blame: 'harness',
    });
    await expect(node.call('balance', {})).rejects.toMatchObject({ code: 'driver.bad-reply' });
  });

  test('a program that ends takes its waiting calls with it', async () => {
    const node = await start('exits');
    await expect(node.call('balance', {})).rejects.toMatchObject({
      code: 'node.exited',
      blame: 'node',
      details: expect.objectContaining({ code: 7 }) as object,
    });
    await expect(node.exited).resolves.toEqual({ code: 7, signal: null, expected: false });
  });

  test('silence is a timeout of that call', async () => {
    const node = await start('silent');
    await expect(node.call('balance', {}, { deadlineMs: 50 })).rejects.toMatchObject({
      code: 'node.timeout',
      blame: 'node',
    });
  });

  test('an answer after its deadline is passed over', async () => {
    const node = await start('answers-late-then-well');
    await expect(node.call('balance', {}, { deadlineMs: 20 })).rejects.toMatchObject({
      code: 'node.timeout',
    });
    await expect(node.call('utxos', {})).resolves.toEqual({ utxos: [] });
  });

  test("the node's refusal is the node's, its words cleaned", async () => {
    const node = await start('rejects');
    await expect(node.call('balance', {})).rejects.toMatchObject({
      code: 'node.rejected',
      blame: 'node',
      message: 'no funds',
    });
  });
});

describe('in a call', () => {
  test('a peer is dialled once at a time, others meanwhile', async () => {
    const node = await start('one-dial-at-a-time');
    const peer = (digit: string) => ({ publicKey: `02${digit.repeat(64)}`, host: '127.0.0.1', port: 1 });
    const dials = [
      node.call('connect', peer('a')),
      node.call('connect', peer('a')),
      node.call('connect', peer('b')),
    ];
    await expect(node.call('utxos', {})).resolves.toEqual({ utxos: [] });
    await expect(Promise.all(dials)).resolves.toEqual([{}, {}, {}]);
  });

  test('params of another shape never reach the driver', async () => {
    const node = await start('silent');
    await expect(node.call('connect', { publicKey: 'x', host: 'h', port: 1 })).rejects.toMatchObject({
      code: 'node.bad-params',
      blame: 'harness',
    });
  });

  test('an option that the manifest says is lacking never reaches the driver', async () => {
    const lacks = { 'sendOnchain.feeratePerKw': 'it has one feerate' };
    const node = await start('rejects', 10_000, { lacks });
    const params = { address: 'x', amountSat: 1n };
    await expect(node.call('sendOnchain', { ...params, feeratePerKw: 253 })).rejects.toMatchObject({
      code: 'node.not-offered',
      blame: 'harness',
      message: 'fake@1.0 lacks sendOnchain.feeratePerKw: it has one feerate',
    });
    for (const without of [params, { ...params, feeratePerKw: undefined }]) {
      await expect(node.call('sendOnchain', without)).rejects.toMatchObject({ code: 'node.rejected' });
    }
  });

  test('a stopped node says so', async () => {
    const node = await start('silent');
    await node.call('stop', {});
    await expect(node.call('balance', {})).rejects.toMatchObject({ code: 'node.not-ready' });
    await expect(node.call('restore', { name: 'none' })).rejects.toMatchObject({ code: 'node.rejected' });
    await node.call('start', {});
    await expect(node.call('start', {})).rejects.toMatchObject({ code: 'node.rejected' });
    await expect(node.call('snapshot', { name: 'x' })).rejects.toMatchObject({ code: 'node.not-ready' });
    await node.stop();
    await expect(node.exited).resolves.toMatchObject({ expected: true });
  });
});
