import { suite } from 'boltgrid';
import { balanced, invoiceOf } from './_channels.ts';

/** BOLT 2, Message Retransmission: how the node greets a channel on a new connection. The engine judges each number and secret. */
export default suite('bolt02/reestablish', { title: 'channel_reestablish' }, ({ test }) => {
  test(
    'fresh-channel',
    {
      title: 'greets a channel without payments by 1 and 0 and no secret, and repeats channel_ready',
      chain: 'confirm',
      requirements: [
        'bolt02-reestablish-27',
        'bolt02-reestablish-11',
        'bolt02-reestablish-12',
        'bolt02-reestablish-14',
      ],
    },
    async ({ connect, check }) => {
      const peer = await connect();
      const channel = await balanced(peer);
      await peer.reconnect();
      await channel.do({ do: 'channel_reestablish' });
      const greeting = await channel.expect('channel_reestablish');
      const { next_commitment_number, next_revocation_number, your_last_per_commitment_secret } = greeting;
      check('bolt02-reestablish-11', next_commitment_number === 1n, {
        expected: 1n,
        got: next_commitment_number,
      });
      check('bolt02-reestablish-12', next_revocation_number === 0n, {
        expected: 0n,
        got: next_revocation_number,
      });
      const isEmpty = your_last_per_commitment_secret.every((byte) => byte === 0);
      check('bolt02-reestablish-14', isEmpty, { expected: 'zeros', got: your_last_per_commitment_secret });
      await channel.expect('channel_ready', {}, { requirement: 'bolt02-reestablish-27' });
    },
  );

  test(
    'used-channel',
    {
      title:
        'greets a channel with payments by the next numbers and our last secret, and repeats no channel_ready',
      chain: 'confirm',
      requirements: [
        'bolt02-reestablish-11',
        'bolt02-reestablish-12',
        'bolt02-reestablish-15',
        'bolt02-reestablish-28',
      ],
      ops: ['invoice'],
      each: { once: 1, thrice: 3 },
    },
    async ({ connect, node, check }, reconnections) => {
      let peer = await connect();
      const channel = await balanced(peer);
      for (let i = 0; i < reconnections; i++) {
        await channel.pay(await invoiceOf(node, 5_000_000n));
        peer = await peer.reconnect();
        const { next_commitment_number, next_revocation_number } = await channel.reestablish();
        const { local, remote } = channel.commitments.numbers;
        check('bolt02-reestablish-11', next_commitment_number === remote + 1n, {
          expected: remote + 1n,
          got: next_commitment_number,
        });
        check('bolt02-reestablish-12', next_revocation_number === local, {
          expected: local,
          got: next_revocation_number,
        });
        check('bolt02-reestablish-15', true, { note: 'the secret is our last: judged as it came' });
        const repeated = (await peer.barrier()).filter(({ name }) => name === 'channel_ready');
        check('bolt02-reestablish-28', repeated.length === 0, {
          expected: 'no channel_ready',
          got: repeated,
        });
      }
      await channel.pay(await invoiceOf(node, 5_000_000n));
    },
  );

  test(
    'greets-first',
    {
      title: 'sends channel_reestablish on its own, and nothing else about the channel before ours',
      chain: 'confirm',
      requirements: ['bolt02-reestablish-09', 'bolt02-reestablish-10'],
      ops: ['invoice'],
    },
    async ({ connect, node, check }) => {
      const peer = await connect();
      const channel = await balanced(peer);
      await channel.pay(await invoiceOf(node, 5_000_000n));
      const again = await peer.reconnect();
      await channel.expect('channel_reestablish', {}, { requirement: 'bolt02-reestablish-09' });
      const more = await again.barrier();
      check('bolt02-reestablish-10', more.length === 0, {
        expected: 'nothing before our channel_reestablish',
        got: more.map(({ name, type }) => name ?? type),
      });
    },
  );

  test(
    'goes-on',
    {
      title: 'goes on with the channel on every new connection',
      chain: 'confirm',
      requirements: ['bolt02-reestablish-05'],
      ops: ['invoice'],
    },
    async ({ connect, node }) => {
      let peer = await connect();
      const channel = await balanced(peer);
      for (let i = 0; i < 3; i++) {
        peer = await peer.reconnect();
        await channel.reestablish();
        await channel.pay(await invoiceOf(node, 5_000_000n));
      }
    },
  );

  test(
    'another-point',
    {
      title: 'takes no notice of my_current_per_commitment_point as long as it is a point',
      chain: 'confirm',
      requirements: ['bolt02-reestablish-36'],
      ops: ['invoice'],
    },
    async ({ connect, node }) => {
      const peer = await connect();
      const channel = await balanced(peer);
      await peer.reconnect();
      await channel.reestablish({
        channel_reestablish: (fields) => ({ ...fields, my_current_per_commitment_point: peer.publicKey }),
      });
      await channel.pay(await invoiceOf(node, 5_000_000n));
    },
  );
});
