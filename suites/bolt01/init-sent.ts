import { EMPTY, featureBits, suite, toHex, unknownBits } from 'boltgrid';
import { messageOfType, pingOf, REGTEST } from './_peers.ts';
import { describeAddress } from './_address.ts';
import { isAssignedElsewhere } from './_assigned.ts';

/** No frame under any key: what every node ends a connection for (BOLT 8). */
const UNREADABLE = new Uint8Array(34).fill(0x55);

/** What the node says of itself, and when. Whether its features fit together is a matter of bolt09/offered. */
export default suite('bolt01/init-sent', { title: 'the init that the node sends' }, ({ test }) => {
  test(
    'first',
    {
      title: 'sends init before any other message, unasked',
      chain: 'none',
      requirements: ['bolt01-init-02'],
    },
    async ({ connect, check }) => {
      const peer = await connect({ init: false });
      const [first] = peer.received;
      check('bolt01-init-02', first?.name === 'init', { expected: 'init', got: first });
    },
  );

  test(
    'first-again',
    {
      title: 'sends init first on every connection of a peer, however the last one ended',
      chain: 'none',
      requirements: ['bolt01-init-02'],
      each: { 'closed-by-us': 'close', 'closed-by-the-node': 'offend', 'before-our-init': 'early' } as const,
    },
    async ({ connect, check }, how: 'close' | 'offend' | 'early') => {
      const first = await connect(how === 'early' ? { init: false } : {});
      if (how === 'offend') {
        await first.writeFrames(UNREADABLE);
        await first.expectConnectionClosed();
      } else await first.disconnect();
      const second = await connect({ key: first.key, init: false });
      check('bolt01-init-02', second.received[0]?.name === 'init', {
        expected: 'init',
        got: second.received[0],
      });
    },
  );

  test(
    'waits-for-ours',
    {
      title: 'sends nothing but init before it has ours',
      chain: 'none',
      requirements: ['bolt01-init-11'],
    },
    async ({ connect, check }) => {
      const silent = await connect({ init: false });
      // Another peer is greeted and served meanwhile: the node has had its turns.
      const other = await connect();
      await other.barrier();
      const more = silent.received.slice(1);
      check('bolt01-init-11', more.length === 0, { expected: 'only init', got: more });
    },
  );

  test(
    'answers-nothing-before-ours',
    {
      title: 'answers no message that comes before our init',
      chain: 'none',
      requirements: ['bolt01-init-11'],
      each: {
        ping: pingOf(1),
        'query-channel-range': messageOfType(263, Uint8Array.of(...REGTEST, 0, 0, 0, 0, 0, 0, 1, 0)),
        'gossip-timestamp-filter': messageOfType(
          265,
          Uint8Array.of(...REGTEST, 0, 0, 0, 0, 255, 255, 255, 255),
        ),
        'unknown-odd': messageOfType(33_333),
      },
    },
    async ({ connect, check }, message) => {
      const early = await connect({ init: false });
      await early.sendRaw(message);
      const other = await connect();
      await other.barrier();
      // Whether it closes, and says why, is not what this sentence is about.
      const more = early.received.slice(1).filter(({ name }) => name !== 'error' && name !== 'warning');
      check('bolt01-init-11', more.length === 0, { expected: 'no answer', got: more });
    },
  );

  test(
    'undefined-bits',
    {
      title: 'sets no feature bit that nobody has defined',
      chain: 'none',
      requirements: ['bolt01-init-04'],
    },
    async ({ connect, check }) => {
      const { features } = await connect();
      const stray = unknownBits(features).filter((bit) => !isAssignedElsewhere(bit));
      check('bolt01-init-04', stray.length === 0, { expected: 'none', got: stray, note: 'bits in no table' });
    },
  );

  test(
    'globalfeatures',
    {
      title: 'sets nothing above bit 13 in globalfeatures',
      chain: 'none',
      requirements: ['bolt01-init-05'],
    },
    async ({ connect, check }) => {
      const { init } = await connect();
      const high = [...featureBits(init.fields.globalfeatures)].filter((bit) => bit > 13);
      check('bolt01-init-05', high.length === 0, {
        expected: 'none',
        got: high,
        note: 'bits above 13 in globalfeatures',
      });
    },
  );

  test(
    'shortest-features',
    {
      title: 'sends its features in as few bytes as they need',
      chain: 'none',
      requirements: ['bolt01-init-06'],
    },
    async ({ connect, check }) => {
      const { features } = (await connect()).init.fields;
      check('bolt01-init-06', features[0] !== 0, {
        note: 'features begins with no zero byte',
        got: features,
      });
    },
  );

  test(
    'networks',
    {
      title: 'names the chain that it is on in networks',
      chain: 'none',
      requirements: ['bolt01-init-07'],
    },
    async ({ connect, check }) => {
      const { tlvs } = (await connect()).init.fields;
      const chains = (tlvs.networks?.chains ?? []).map(toHex);
      check('bolt01-init-07', chains.includes(toHex(REGTEST)), { expected: toHex(REGTEST), got: chains });
    },
  );

  test(
    'remote-address',
    {
      title: 'tells us our own address as a valid, public descriptor, or not at all',
      chain: 'none',
      requirements: ['bolt01-init-09', 'bolt01-init-10'],
    },
    async ({ connect, check }) => {
      const data = (await connect()).init.fields.tlvs.remote_addr?.data;
      const address = describeAddress(data ?? EMPTY);
      check('bolt01-init-09', data === undefined || address !== undefined, {
        got: data,
        note: 'a descriptor of BOLT 7, if any',
      });
      check('bolt01-init-10', address?.isPrivate !== true, { got: data, note: 'not a private address' });
    },
  );
});
