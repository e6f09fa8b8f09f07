import { expect, onTestFinished, test } from 'vitest';
import { toHex } from '../../src/core/bytes.ts';
import type { RunningNode } from '../../src/nodes/node.ts';
import { OPERATIONS, OPERATION_NAMES } from '../../src/nodes/operations.ts';
import type { OperationName } from '../../src/nodes/operations.ts';
import { startReferenceNode } from '../../src/nodes/reference.ts';

async function started(seed: string): Promise<RunningNode> {
  const node = await startReferenceNode({ seed, version: '1.2.3' });
  onTestFinished(() => node.stop());
  return node;
}

const endpoint = ({ host, port, publicKey }: RunningNode) => ({ host, port, publicKey: toHex(publicKey) });

test('what it answers has the shape of the operations table', async () => {
  const [a, b] = [await started('a'), await started('b')];
  await a.call('connect', endpoint(b));
  const info = await a.call('info', {});
  const peers = await a.call('peers', {});
  expect(OPERATIONS.info.result.parse(info)).toEqual(info);
  expect(OPERATIONS.peers.result.parse(peers)).toEqual(peers);
  expect(peers.peers).toMatchObject([{ ...endpoint(b), inbound: false }]);
  expect(a.identity).toMatchObject({ id: 'reference@1.2.3', publicKey: info.publicKey });
});

test('each operation is there, or its absence has a reason', async () => {
  const node = await started('a');
  for (const name of OPERATION_NAMES) expect(node.operations.has(name)).toBe(!node.missing.has(name));
  const absent: OperationName = 'newAddress';
  await expect(node.call(absent, {})).rejects.toMatchObject({ code: 'node.undrivable' });
});

test('it parts from a peer, and says so', async () => {
  const [a, b] = [await started('a'), await started('b')];
  await a.call('connect', endpoint(b));
  const gone = new Promise<void>((resolve) => {
    b.onChange(() => {
      resolve();
    });
  });
  await a.call('disconnect', { publicKey: toHex(b.publicKey) });
  await gone;
  expect(await a.call('peers', {})).toEqual({ peers: [] });
  expect((await a.call('logs', { lines: 10 })).lines.join('\n')).toContain('connection ended');
});

test('a message of its own reaches the peer, and an unknown odd one is ignored there', async () => {
  const [a, b] = [await started('a'), await started('b')];
  await a.call('connect', endpoint(b));
  const publicKey = toHex(b.publicKey);
  await a.call('customMessage', { publicKey, type: 40_001, payload: '00' });
  expect((await a.call('peers', {})).peers).toHaveLength(1);
  await expect(
    a.call('customMessage', { publicKey: toHex(a.publicKey), type: 40_001, payload: '' }),
  ).rejects.toMatchObject({
    code: 'node.not-ready',
  });
});

test('what is refused or impossible is told in the words of the operations', async () => {
  const [a, b] = [await started('a'), await started('b')];
  await expect(a.call('connect', { ...endpoint(b), publicKey: toHex(a.publicKey) })).rejects.toMatchObject({
    code: 'node.rejected',
    blame: 'node',
  });
  await expect(a.call('start', {})).rejects.toMatchObject({ code: 'node.rejected' });
  await expect(a.call('info', {}, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow(
    'enough',
  );
});

test('it stops and starts on the same port, and ends when told to', async () => {
  const [a, b] = [await started('a'), await started('b')];
  await b.call('stop', {});
  await expect(b.call('info', {})).rejects.toMatchObject({ code: 'node.not-ready' });
  await expect(a.call('connect', endpoint(b))).rejects.toMatchObject({ code: 'node.rejected' });
  await b.call('start', {});
  await a.call('connect', endpoint(b));
  await b.stop();
  expect(await b.exited).toEqual({ code: 0, signal: null, expected: true });
});

test('a new identity is announced', async () => {
  const node = await started('a');
  await node.call('setIdentity', { alias: 'somebody else', color: '102030' });
  expect(await node.call('info', {})).toMatchObject({ alias: 'somebody else' });
});
