import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attachBitcoind } from '../../src/chain/bitcoind.ts';
import { chainContract } from '../chain/contract.ts';
import { electrumProtocol } from '../chain/electrum/protocol.ts';
import { startTestBitcoind, type TestBitcoind } from './bitcoind.ts';
import { engine } from './engine.ts';
import { findChain } from './two-nodes.ts';

const image = engine && (await findChain(engine));

describe.skipIf(!engine || !image)('a bitcoind', () => {
  let bitcoind: TestBitcoind;

  beforeAll(async () => {
    bitcoind = await startTestBitcoind(engine!, image!);
  });

  afterAll(() => bitcoind.remove());

  describe('behind a chain', () => {
    chainContract(() => attachBitcoind({ rpc: bitcoind.rpc }));

    it('has no estimates to set', async () => {
      const chain = await attachBitcoind({ rpc: bitcoind.rpc });
      try {
        await expect(chain.setFeerate(10)).rejects.toMatchObject({ code: 'chain.not-offered' });
      } finally {
        await chain.close();
      }
    });
  });

  describe('behind an Electrum server', () => {
    electrumProtocol(() => attachBitcoind({ rpc: bitcoind.rpc }));
  });
});
