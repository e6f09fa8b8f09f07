import { EMPTY, suite, type Peer } from 'boltgrid';
import { expectPong, LARGEST_MESSAGE, pingOf } from './_peers.ts';

/** Type, num_pong_bytes and byteslen come before what is ignored. */
const LARGEST_IGNORED = LARGEST_MESSAGE - 6;

export default suite('bolt01/ping', { title: 'ping and pong' }, ({ test }) => {
  test(
    'asked-length',
    {
      title: 'answers with the asked length',
      chain: 'none',
      requirements: ['bolt01-ping-08'],
      each: { zero: 0, one: 1, 'past-a-byte': 256, 'one-below-the-largest': 65_530, largest: 65_531 },
    },
    async (context, length) => {
      await expectPong(context, await context.connect(), 'bolt01-ping-08', length);
    },
  );

  test(
    'no-answer-asked',
    {
      title: 'ignores a ping that asks for 65532 bytes or more, and answers the next one',
      chain: 'none',
      requirements: ['bolt01-ping-09', 'bolt01-ping-08'],
      each: { 'one-too-many': 65_532, 'two-too-many': 65_533, 'before-the-last': 65_534, 'all-bits': 65_535 },
    },
    async (context, length) => {
      const peer = await context.connect();
      await peer.send('ping', { num_pong_bytes: length, ignored: EMPTY });
      await peer.expectIgnored();
      await expectPong(context, peer, 'bolt01-ping-08', 65_531);
    },
  );

  test(
    'zeros',
    {
      title: 'fills its pong with zeros',
      chain: 'none',
      requirements: ['bolt01-ping-06'],
      each: { 'one-byte': 1, 'a-block': 64, largest: 65_531 },
    },
    async (context, length) => {
      const peer = await context.connect();
      // What it heard before must not come back either.
      await peer.sendRaw(pingOf(0, new Uint8Array(length).fill(0xaa).subarray(0, LARGEST_IGNORED)));
      await peer.expect('pong', { ignored: EMPTY });
      await peer.send('ping', { num_pong_bytes: length, ignored: EMPTY });
      const { ignored } = await peer.expect('pong');
      const stray = ignored.findIndex((byte) => byte !== 0);
      context.check('bolt01-ping-06', stray < 0, {
        note: 'the pong’s bytes are all zero',
        got: ignored.subarray(0, 64),
      });
    },
  );

  test(
    'ignored-bytes',
    {
      title: 'answers whatever the ping’s ignored bytes are',
      chain: 'none',
      requirements: ['bolt01-ping-01'],
      each: { one: 1, 'like-a-message': 40, many: 1_000, 'to-the-end': LARGEST_IGNORED },
    },
    async ({ connect, check, secret }, length) => {
      const peer = await connect();
      const noise = secret('ignored bytes');
      await peer.sendRaw(
        pingOf(
          3,
          Uint8Array.from({ length }, (_, i) => noise[i % noise.length] ?? 0),
        ),
      );
      const { ignored } = await peer.expect('pong');
      check('bolt01-ping-01', ignored.length === 3, { expected: 3, got: ignored.length });
    },
  );

  test(
    'in-order',
    {
      title: 'answers each of many pings sent without waiting, in their order, unless it closes',
      chain: 'none',
      pings: 60,
      requirements: ['bolt01-ping-01'],
      each: {
        short: Array.from({ length: 60 }, (_, i) => i),
        'short-and-large': Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? i : 65_531 - i)),
        'every-other-without-answer': Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? i : 65_535)),
      },
    },
    async ({ connect, check }, lengths) => {
      const peer = await connect();
      for (const length of lengths) await peer.send('ping', { num_pong_bytes: length, ignored: EMPTY });
      for (const length of lengths.filter((asked) => asked < 65_532)) {
        const pong = await peer.expect('pong').catch(async (error: unknown) => {
          // "Limited precautions are recommended against ping flooding": a node may have had enough.
          if (await hasClosed(peer)) return undefined;
          throw error;
        });
        if (!pong) return;
        check('bolt01-ping-01', pong.ignored.length === length, {
          expected: length,
          got: pong.ignored.length,
        });
      }
    },
  );

  test(
    'stray-pong',
    {
      title: 'answers pings after a pong that it never asked for, unless it closes',
      chain: 'none',
      requirements: ['bolt01-ping-08', 'bolt01-ping-10'],
      each: { empty: 0, short: 7, largest: 65_531 },
    },
    async (context, length) => {
      const peer = await context.connect();
      await peer.send('pong', { ignored: new Uint8Array(length) });
      const closed = await peer.expectPongOrClose();
      context.check('bolt01-ping-10', closed !== undefined, { note: 'closes the connection' });
      await expectPong(context, closed ? await context.connect() : peer, 'bolt01-ping-08');
    },
  );
});

async function hasClosed(peer: Peer): Promise<boolean> {
  const end = await Promise.race([peer.transport.closed, Promise.resolve(undefined)]);
  return end?.by === 'remote';
}
