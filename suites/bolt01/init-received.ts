import { concat, EMPTY, encodeFeatures, fromHex, suite, type Bolts, type Malformation } from 'boltgrid';
import {
  expectPong,
  greetWith,
  initWith,
  MAINNET,
  REGTEST,
  USUAL_FEATURES,
  type InitFields,
} from './_peers.ts';

type BadInit = Malformation<Bolts, 'init'>;

const USUAL = encodeFeatures(USUAL_FEATURES);
const UNKNOWN_CHAIN = new Uint8Array(32).fill(0x5a);
const NETWORKS = 1n;
const REMOTE_ADDR = 3n;

const ipv4 = fromHex('01cb0071072607');
const ipv6 = concat(Uint8Array.of(2), fromHex('20010db8000000000000000000000001'), fromHex('2607'));
const torV3 = concat(Uint8Array.of(4), new Uint8Array(35).fill(0x33), fromHex('2607'));
const dns = concat(Uint8Array.of(5, 11), Buffer.from('example.org'), fromHex('2607'));

/** How the node takes the form of our init. BOLT 1, Appendix C, has the same examples for an init without features. */
export default suite(
  'bolt01/init-received',
  { title: 'the form of the init that the node gets' },
  ({ test }) => {
    test(
      'networks',
      {
        title: 'finds its own chain in networks, wherever it stands there',
        chain: 'none',
        requirements: ['bolt01-tlv-11'],
        each: {
          alone: [REGTEST],
          first: [REGTEST, MAINNET, UNKNOWN_CHAIN],
          last: [MAINNET, UNKNOWN_CHAIN, REGTEST],
          'after-a-thousand': [...Array<Uint8Array>(1_000).fill(UNKNOWN_CHAIN), REGTEST],
        },
      },
      async (context, chains) => {
        const peer = await context.connect({ init: { tlvs: { networks: { chains } } } });
        await expectPong(context, peer, 'bolt01-tlv-11');
      },
    );

    test(
      'other-networks',
      {
        title: 'closes when networks has no common chain, or else serves the peer like any other',
        chain: 'none',
        requirements: ['bolt01-ping-08', 'bolt01-init-16'],
        each: { mainnet: [MAINNET], 'unknown-chains': [UNKNOWN_CHAIN, MAINNET], none: [] },
      },
      async (context, chains) => {
        const peer = await greetWith(context, { tlvs: { networks: { chains } } });
        const closed = await peer.expectPongOrClose();
        context.check('bolt01-init-16', closed !== undefined, { note: 'closes the connection' });
        await expectPong(context, closed ? await context.connect() : peer, 'bolt01-ping-08');
      },
    );

    test(
      'remote-address',
      {
        title: 'reads every kind of address in remote_addr',
        chain: 'none',
        requirements: ['bolt01-tlv-11'],
        each: { ipv4, ipv6, 'tor-v3': torV3, dns },
      },
      async (context, data) => {
        const peer = await context.connect({ init: { tlvs: { remote_addr: { data } } } });
        await expectPong(context, peer, 'bolt01-tlv-11');
      },
    );

    test(
      'odd-records',
      {
        title: 'passes over unknown odd records in init',
        chain: 'none',
        requirements: ['bolt01-tlv-15'],
        each: {
          one: [{ type: 201n, value: Uint8Array.of(42) }],
          'two-as-in-appendix-c': [
            { type: 201n, value: Uint8Array.of(42) },
            { type: 203n, value: Uint8Array.of(4) },
          ],
          empty: [{ type: 5n, value: EMPTY }],
          'between-known-ones': [
            { type: NETWORKS, value: REGTEST },
            { type: REMOTE_ADDR, value: ipv4 },
            { type: 65_537n, value: new Uint8Array(300) },
          ],
          'highest-type': [{ type: 0xffff_ffff_ffff_ffffn, value: Uint8Array.of(1) }],
          large: [{ type: 201n, value: new Uint8Array(60_000) }],
        } satisfies Record<string, BadInit['records']>,
      },
      async (context, records) => {
        const peer = await context.connect({ init: false });
        await peer.sendMalformed('init', initWith(), { records });
        await expectPong(context, peer, 'bolt01-tlv-15');
      },
    );

    const refused = (
      slug: string,
      requirement: string,
      title: string,
      each: Readonly<Record<string, BadInit>>,
    ): void => {
      test(slug, { title, chain: 'none', requirements: [requirement], each }, async ({ connect }, change) => {
        const peer = await connect({ init: false });
        await peer.sendMalformed('init', initWith(), change);
        await peer.expectConnectionClosed();
      });
    };

    refused('even-record', 'bolt01-tlv-14', 'closes when init has an unknown even record', {
      low: { records: [{ type: 2n, value: EMPTY }] },
      'as-in-appendix-c': { records: [{ type: 202n, value: Uint8Array.of(42) }] },
      'after-a-known-one': {
        records: [
          { type: NETWORKS, value: REGTEST },
          { type: 65_536n, value: Uint8Array.of(1) },
        ],
      },
      'after-an-odd-one': {
        records: [
          { type: 201n, value: Uint8Array.of(42) },
          { type: 0xffff_ffff_ffff_fffen, value: EMPTY },
        ],
      },
    });

    refused(
      'record-order',
      'bolt01-tlv-09',
      'closes when the records of init are not in strictly increasing order',
      {
        'unknown-twice-as-in-appendix-c': {
          records: [
            { type: 201n, value: Uint8Array.of(1) },
            { type: 201n, value: Uint8Array.of(2) },
          ],
        },
        'networks-twice': {
          records: [
            { type: NETWORKS, value: REGTEST },
            { type: NETWORKS, value: REGTEST },
          ],
        },
        'known-after-unknown': {
          records: [
            { type: 201n, value: EMPTY },
            { type: NETWORKS, value: REGTEST },
          ],
        },
        'unknown-descending': {
          records: [
            { type: 203n, value: EMPTY },
            { type: 201n, value: EMPTY },
          ],
        },
      },
    );

    refused(
      'record-not-minimal',
      'bolt01-tlv-08',
      'closes when the type or length of a record is not minimally encoded',
      {
        'type-in-three-bytes': { records: [{ type: 201n, value: EMPTY, typeWidth: 3 }] },
        'type-in-nine-bytes': { records: [{ type: 201n, value: EMPTY, typeWidth: 9 }] },
        'known-type-in-three-bytes': { records: [{ type: NETWORKS, value: REGTEST, typeWidth: 3 }] },
        'length-in-three-bytes': { records: [{ type: 201n, value: Uint8Array.of(1), lengthWidth: 3 }] },
        'length-in-five-bytes': { records: [{ type: NETWORKS, value: REGTEST, lengthWidth: 5 }] },
      },
    );

    refused(
      'record-past-the-end',
      'bolt01-tlv-10',
      'closes when a record is longer than what is left of init',
      {
        'one-byte-short': { records: [{ type: 201n, value: new Uint8Array(9), length: 10n }] },
        'nothing-left': { records: [{ type: 201n, value: EMPTY, length: 1n }] },
        'networks-cut': { records: [{ type: NETWORKS, value: REGTEST.subarray(0, 31), length: 32n }] },
        'largest-length': { records: [{ type: 201n, value: EMPTY, length: 0xffff_ffff_ffff_ffffn }] },
        'type-alone-as-in-appendix-c': { append: Uint8Array.of(1) },
        'type-cut': { append: Uint8Array.of(0xfd, 0x01) },
        'length-cut': { append: Uint8Array.of(201, 0xfe, 0, 0) },
      },
    );

    test(
      'networks-length',
      {
        title: 'closes when networks, where it knows it, is not a whole number of chains',
        chain: 'none',
        requirements: ['bolt01-tlv-12'],
        each: {
          'one-byte': REGTEST.subarray(0, 1),
          'one-byte-less': REGTEST.subarray(0, 31),
          'one-byte-more': concat(REGTEST, Uint8Array.of(0)),
        },
      },
      async ({ connect }, value) => {
        const peer = await connect({ init: false });
        await peer.sendMalformed('init', initWith(), { records: [{ type: NETWORKS, value }] });
        // Who names no chains itself need not know the record, and passes over an odd one that it does not know.
        if (peer.init.fields.tlvs.networks) await peer.expectConnectionClosed();
        else await peer.expectPongOrClose();
      },
    );

    refused('too-short', 'bolt01-message-format-12', 'closes when init is too short for its contents', {
      'type-alone': { truncateTo: 2 },
      'half-a-length': { truncateTo: 3 },
      'without-flen': { truncateTo: 4 },
      'without-features': { truncateTo: 6 },
      'one-byte-short': { truncateTo: 5 + USUAL.length },
      'flen-one-too-many': { lengths: { flen: USUAL.length + 1 } },
      'gflen-beyond-the-end': { lengths: { gflen: 0xffff } },
    });

    test(
      'one-common-init',
      {
        title:
          'reads an init that has all of it: both bitmaps, networks, remote_addr and unknown odd records',
        chain: 'none',
        requirements: ['bolt01-init-13'],
      },
      async (context) => {
        const init: InitFields = initWith({
          globalfeatures: encodeFeatures([1, 13]),
          tlvs: {
            networks: { chains: [REGTEST] },
            remote_addr: { data: ipv4 },
            unknown: [
              { type: 65_537n, value: new Uint8Array(5) },
              { type: 65_539n, value: EMPTY },
            ],
          },
        });
        await expectPong(context, await context.connect({ init }), 'bolt01-init-13');
      },
    );
  },
);
