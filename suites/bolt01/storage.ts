import { EMPTY, equalBytes as same, suite, type Peer, type SubjectContext } from 'boltgrid';
import { expectPong } from './_peers.ts';

const LARGEST_BLOB = 65_531;

/**
 * The peer here has no channel, so a node MAY store or not (bolt01-peer-storage-07). What it gives back must be right; and it may
 * delay storing, so that for a minute an older blob is right too (bolt01-peer-storage-08).
 */
export default suite('bolt01/storage', { title: 'peer storage' }, ({ test }) => {
  test(
    'comes-back',
    {
      title: 'gives back the blob that it stored',
      chain: 'none',
      requirements: ['bolt01-peer-storage-11', 'bolt01-peer-storage-07'],
      features: ['option_provide_storage'],
      each: { short: 1, middle: 1_000, largest: LARGEST_BLOB },
    },
    async (context, length) => {
      const blob = new Uint8Array(length).fill(0xb1);
      const peer = await storing(context, blob);
      const [first, ...more] = await retrievals(await context.connect({ key: peer.key }));
      context.check('bolt01-peer-storage-07', first !== undefined, { note: 'stores without a channel' });
      context.check(
        'bolt01-peer-storage-11',
        first === undefined || (same(first, blob) && more.length === 0),
        {
          expected: blob.subarray(0, 32),
          got: first?.subarray(0, 32),
        },
      );
    },
  );

  test(
    'comes-back-again',
    {
      title: 'sends what it stored again after each reconnection',
      chain: 'none',
      requirements: ['bolt01-peer-storage-10'],
      features: ['option_provide_storage'],
    },
    async (context) => {
      const peer = await storing(context, new Uint8Array(100).fill(0xb2));
      const times: number[] = [];
      for (let i = 0; i < 3; i++) {
        const again = await context.connect({ key: peer.key });
        times.push((await retrievals(again)).length);
        await again.disconnect();
      }
      const stored = times.some((sent) => sent > 0);
      context.check('bolt01-peer-storage-10', !stored || times.every((sent) => sent === 1), {
        expected: [1, 1, 1],
        got: times,
      });
    },
  );

  test(
    'replaced',
    {
      title: 'replaces what it stored by what came last, or keeps it for a while as it was',
      chain: 'none',
      requirements: ['bolt01-peer-storage-09'],
      features: ['option_provide_storage'],
      each: {
        longer: [10, 20],
        shorter: [LARGEST_BLOB, 10],
        'of-one-length': [30, 30],
        'by-nothing': [30, 0],
      },
    },
    async (context, [before = 0, after = 0]) => {
      const older = new Uint8Array(before).fill(0xb3);
      const newer = new Uint8Array(after).fill(0xb4);
      const peer = await storing(context, older, newer);
      const [got] = await retrievals(await context.connect({ key: peer.key }));
      const right = got === undefined || same(got, newer) || same(got, older);
      context.check('bolt01-peer-storage-09', right, {
        expected: [newer.subarray(0, 32), older.subarray(0, 32)],
        got: got?.subarray(0, 64),
      });
    },
  );

  test(
    'of-each-peer',
    {
      title: 'gives each peer its own blob, and none to one that stored nothing',
      chain: 'none',
      requirements: ['bolt01-peer-storage-11'],
      features: ['option_provide_storage'],
    },
    async (context) => {
      const blobs = [1, 2, 3].map((number) => new Uint8Array(50).fill(number));
      const peers: Peer[] = [];
      for (const blob of blobs) peers.push(await storing(context, blob));
      for (const [i, { key }] of peers.entries()) {
        const [got] = await retrievals(await context.connect({ key }));
        const right = got === undefined || same(got, blobs[i] ?? EMPTY);
        context.check('bolt01-peer-storage-11', right, { expected: blobs[i], got });
      }
      const stranger = await retrievals(await context.connect());
      context.check('bolt01-peer-storage-11', stranger.length === 0, { expected: 'nothing', got: stranger });
    },
  );

  test(
    'irrelevant-retrieval',
    {
      title: 'serves a peer that returns a blob which was never entrusted to it',
      chain: 'none',
      requirements: ['bolt01-ping-08', 'bolt01-peer-storage-13'],
    },
    async (context) => {
      const peer = await context.connect();
      await peer.send('peer_storage_retrieval', { blob: new Uint8Array(200).fill(0xb5) });
      const said = await peer.barrier();
      context.check(
        'bolt01-peer-storage-13',
        said.some(({ name }) => name === 'warning'),
        { note: 'warns' },
      );
      await expectPong(context, peer, 'bolt01-ping-08');
    },
  );
});

/** A peer that has sent these blobs, and left. */
async function storing({ connect }: SubjectContext, ...blobs: readonly Uint8Array[]): Promise<Peer> {
  const peer = await connect();
  for (const blob of blobs) await peer.send('peer_storage', { blob });
  await peer.barrier();
  await peer.disconnect();
  return peer;
}

/** What the node sends back on this connection. */
async function retrievals(peer: Peer): Promise<Uint8Array[]> {
  const messages = await peer.barrier();
  return messages.flatMap((message) =>
    message.name === 'peer_storage_retrieval' ? [message.fields.blob] : [],
  );
}
