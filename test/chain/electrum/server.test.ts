import { describe, expect, it } from 'vitest';
import { startElectrumServer } from '../../../src/chain/electrum/server.ts';
import { startMemoryChain } from '../../../src/chain/memory.ts';
import { ElectrumClient } from './client.ts';
import { electrumProtocol } from './protocol.ts';

describe('the Electrum server over the memory chain', () => {
  electrumProtocol(() => startMemoryChain());

  it('closes its connections when it is closed', async () => {
    const chain = await startMemoryChain();
    const server = await startElectrumServer({ rpc: chain.rpc, host: '127.0.0.1' });
    const client = await ElectrumClient.connect(server.endpoint);
    await client.result('server.ping');
    await server.close();
    await client.ended();
    await chain.close();
  });

  it('rejects where there is no chain', async () => {
    const chain = await startMemoryChain();
    await chain.close();
    await expect(startElectrumServer({ rpc: chain.rpc, host: '127.0.0.1' })).rejects.toMatchObject({
      code: 'chain.rpc.unreachable',
    });
  });
});
