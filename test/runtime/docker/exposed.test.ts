import type Dockerode from 'dockerode';
import { expect, test } from 'vitest';
import { publishedPorts } from '../../../src/runtime/docker/container.ts';
import type { Run } from '../../../src/runtime/docker/run.ts';

const run = { data: { network: { id: 'x', name: 'boltgrid-x-net' } } } as Run;
const place = { name: 'node', ports: { p2p: 9735 }, folder: '' };
const safe = {
  HostConfig: { Privileged: false },
  NetworkSettings: {
    Networks: { 'boltgrid-x-net': {} },
    Ports: { '9735/tcp': [{ HostIp: '127.0.0.1', HostPort: '32768' }], '80/tcp': null },
  },
};

const inspected = (changes: {
  HostConfig?: object;
  NetworkSettings?: object;
}): Dockerode.ContainerInspectInfo =>
  ({
    HostConfig: { ...safe.HostConfig, ...changes.HostConfig },
    NetworkSettings: { ...safe.NetworkSettings, ...changes.NetworkSettings },
  }) as unknown as Dockerode.ContainerInspectInfo;

test('ports on loopback are where it is reached', () => {
  expect(publishedPorts(run, place, inspected({}))).toEqual({ p2p: { host: '127.0.0.1', port: 32768 } });
});

test.each([
  ['another address', { NetworkSettings: { Ports: { '9735/tcp': [{ HostIp: '0.0.0.0', HostPort: '1' }] } } }],
  [
    'another address as well',
    {
      NetworkSettings: {
        Ports: {
          '9735/tcp': [
            { HostIp: '127.0.0.1', HostPort: '1' },
            { HostIp: '::', HostPort: '1' },
          ],
        },
      },
    },
  ],
  ['another port', { NetworkSettings: { Ports: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '1' }] } } }],
  ['another network', { NetworkSettings: { Networks: { bridge: {} } } }],
  ['a second network', { NetworkSettings: { Networks: { 'boltgrid-x-net': {}, bridge: {} } } }],
  ['no network', { NetworkSettings: { Networks: {} } }],
  ['all privileges', { HostConfig: { Privileged: true } }],
])('a container with %s is not left running', (_, changes) => {
  expect(() => publishedPorts(run, place, inspected(changes))).toThrow(
    expect.objectContaining({ code: 'runtime.exposed', blame: 'setup' }) as Error,
  );
});
