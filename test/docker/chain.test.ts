import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attachBitcoind } from '../../src/chain/bitcoind.ts';
import { chainContract } from '../chain/contract.ts';
import { electrumProtocol } from '../chain/electrum/protocol.ts';
import { startBitcoind, type TestBitcoind } from './bitcoind.ts';

let bitcoind: TestBitcoind;

beforeAll(async () => {
  bitcoind = await startBitcoind();
});

afterAll(() => bitcoind.remove());

describe('the chain of a bitcoind', () => {
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

describe('the Electrum server over a bitcoind', () => {
  electrumProtocol(() => attachBitcoind({ rpc: bitcoind.rpc }));
});
