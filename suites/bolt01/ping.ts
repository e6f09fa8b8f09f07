import { EMPTY, suite } from 'boltgrid';

export default suite('bolt01/ping', { title: 'ping and pong' }, ({ test }) => {
  test(
    'asked-length',
    {
      title: 'answers with the asked length',
      chain: 'none',
      requirements: ['bolt01-ping-08'],
      each: { zero: 0, one: 1, largest: 65531 },
    },
    async ({ connect, check }, length) => {
      const peer = await connect();
      await peer.send('ping', { num_pong_bytes: length, ignored: EMPTY });
      const pong = await peer.expect('pong');
      check('bolt01-ping-08', pong.ignored.length === length, { expected: length, got: pong.ignored.length });
    },
  );
});
