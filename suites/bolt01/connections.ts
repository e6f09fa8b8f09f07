import { suite } from 'boltgrid';
import { expectPong, initWith } from './_peers.ts';

export default suite('bolt01/connections', { title: 'one connection per peer' }, ({ test }) => {
  test(
    'second-connection',
    {
      title: 'keeps one connection of a peer: the older one, or the newer',
      chain: 'none',
      requirements: ['bolt01-connection-01'],
      each: { 'once-greeted': true, 'before-our-init': false },
    },
    async ({ connect }, greeted) => {
      const first = await connect(greeted ? {} : { init: false });
      const second = await connect({ key: first.key, awaitInit: false });
      if (greeted) {
        if (await second.expectPongOrClose()) await first.barrier();
        else await first.expectConnectionClosed();
        return;
      }
      // Either may wait until the other has been greeted or has ended; what counts is that one alone is left.
      await first.send('init', initWith());
      const [firstClosed, secondClosed] = await Promise.all([
        first.expectPongOrClose(),
        second.expectPongOrClose(),
      ]);
      if (firstClosed || secondClosed) return;
      const closes = [first, second].map((peer) => peer.expectConnectionClosed());
      await Promise.any(closes).catch(() => closes[1]);
    },
  );

  test(
    'after-a-second-connection',
    {
      title: 'serves the peer again once both of its connections have ended',
      chain: 'none',
      requirements: ['bolt01-ping-08'],
    },
    async (context) => {
      const first = await context.connect();
      const second = await context.connect({ key: first.key, awaitInit: false });
      await second.expectPongOrClose();
      const other = await context.connect();
      await Promise.all([first.disconnect(), second.disconnect()]);
      await expectPong(context, other, 'bolt01-ping-08');
      await expectPong(context, await context.connect({ key: first.key }), 'bolt01-ping-08');
    },
  );
});
