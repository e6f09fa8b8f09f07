import { beforeEach, describe, expect, it } from 'vitest';
import { RPC_METHODS, type RpcContext } from '../../src/chain/rpc/methods.ts';
import { RpcParams } from '../../src/chain/rpc/params.ts';
import { makeWorld, NOW, type World } from './world.ts';

/** Without HTTP between: the call waits before anything happens. */
let world: World;
let hangUp: AbortController;

beforeEach(() => {
  world = makeWorld();
  hangUp = new AbortController();
});

function wait(name: string, ...given: readonly unknown[]): Promise<unknown> {
  const method = RPC_METHODS.get(name)!;
  const context: RpcContext = {
    regtest: world.regtest,
    fees: { satPerKvb: 2000n },
    startedAt: NOW,
    signal: hangUp.signal,
  };
  return Promise.resolve(method.run(new RpcParams(method.params, given), context));
}

describe('a call that waits', () => {
  it('for a new block hears of one', async () => {
    const waiting = wait('waitfornewblock');
    const { hash, height } = world.regtest.mine();
    expect(await waiting).toEqual({ hash, height });
  });

  it('for a new block hears of a reorg to a shorter chain', async () => {
    const waiting = wait('waitfornewblock');
    world.regtest.disconnect(1);
    const { hash, height } = world.regtest.ledger.tip;
    expect(await waiting).toEqual({ hash, height });
  });

  it('for a height does not hear of blocks below it', async () => {
    const { height } = world.regtest.ledger.tip;
    const waiting = wait('waitforblockheight', height + 2);
    for (let i = 0; i < 3; i++) world.regtest.mine();
    expect(await waiting).toMatchObject({ height: height + 2 });
  });

  it('for a block hears when it is the tip', async () => {
    const { hash } = world.regtest.ledger.tip;
    world.regtest.mine();
    const waiting = wait('waitforblock', hash);
    world.regtest.disconnect(1);
    expect(await waiting).toMatchObject({ hash });
  });

  it('ends when its caller hangs up', async () => {
    const waiting = wait('waitfornewblock');
    hangUp.abort();
    await expect(waiting).rejects.toMatchObject({ code: -28 });
    await expect(wait('waitfornewblock')).rejects.toMatchObject({ code: -28 });
  });
});
