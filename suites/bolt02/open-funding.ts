import {
  BoltgridError,
  commitmentOf,
  makeTransaction,
  p2wpkh,
  signCommitment,
  suite,
  toHex,
  type OpenOptions,
  type PeerChannel,
  type Transaction,
} from 'boltgrid';
import { expectAccepted, UNFUNDED } from './_open.ts';
import { WRONG_SIGNATURES } from './_signatures.ts';

/** Of a good signature of the node's commitment, and the channel that is being opened. */
type Spoil = (signature: Uint8Array, channel: PeerChannel) => Uint8Array;

/** BOLT 2, The funding_created and funding_signed Messages, the node as accepter. The engine judges what it signs. */
export default suite('bolt02/open-funding', { title: 'funding_created and funding_signed' }, ({ test }) => {
  const WRONG: Readonly<Record<string, Spoil>> = {
    ...WRONG_SIGNATURES,
    'by another key': (_, channel) => signatureOf(channel, 'remote', new Uint8Array(32).fill(1)),
    'of our own commitment': (_, channel) => signatureOf(channel, 'local'),
  };

  test(
    'wrong-signature',
    {
      title: 'refuses a funding_created whose signature is wrong or has a high S',
      ...UNFUNDED,
      requirements: ['bolt02-funding-created-08', 'bolt02-accept-channel-01'],
      each: WRONG,
    },
    async ({ connect }, spoil) => {
      const channel = await expectAccepted(await connect(), 'bolt02-accept-channel-01');
      await channel.fund({
        funding_created: (fields) => ({ ...fields, signature: spoil(fields.signature, channel) }),
      });
      await channel.expectRefused({ requirement: 'bolt02-funding-created-08' });
    },
  );

  test(
    'output-index',
    {
      title: 'makes the channel_id of funding_txid and funding_output_index',
      ...UNFUNDED,
      requirements: ['bolt02-funding-signed-02'],
      each: { first: 0, second: 1, 'past a byte': 256, 'two bytes': 0x1234, largest: 65_535 },
    },
    async ({ connect, secret }, index) => {
      const channel = await expectAccepted(await connect(), 'bolt02-funding-signed-02');
      const transaction = payingAt(channel, index, toHex(secret('coin')));
      await channel.do({ do: 'funding_created', transaction });
      await channel.expect('funding_signed', {}, { requirement: 'bolt02-funding-signed-02' });
    },
  );

  test(
    'first-commitment',
    {
      title: 'signs the first commitment of the opener, whatever the amounts in it',
      ...UNFUNDED,
      requirements: ['bolt02-funding-signed-03'],
      each: {
        'nothing pushed': {},
        'half pushed': { push_msat: 500_000_000n },
        'parts of a satoshi pushed': { push_msat: 300_000_999n },
        'under the dust limit': { push_msat: 353_999n },
        'at the dust limit': { push_msat: 354_000n },
        'under the dust limit of the opener only': { push_msat: 399_999n, dust_limit_satoshis: 400n },
        'at the dust limit of the opener': { push_msat: 400_000n, dust_limit_satoshis: 400n },
        'fee of uneven weight': { feerate_per_kw: 2503, push_msat: 100_000_001n },
        'opener with a delay of its own': { to_self_delay: 721, push_msat: 300_000_000n },
      },
    },
    async ({ connect }, options: OpenOptions) => {
      const channel = await expectAccepted(await connect(), 'bolt02-funding-signed-03', options);
      await channel.fund();
      await channel.expect('funding_signed', {}, { requirement: 'bolt02-funding-signed-03' });
    },
  );

  test(
    'push-not-yet-received',
    {
      title: 'does not count on what was pushed before the funding transaction is there',
      ...UNFUNDED,
      requirements: ['bolt02-open-channel-48', 'bolt02-funding-signed-03'],
      ops: ['channels'],
    },
    async ({ connect, node, check }) => {
      const peer = await connect();
      const channel = await expectAccepted(peer, 'bolt02-funding-signed-03', { push_msat: 400_000_000n });
      await channel.fund();
      await channel.expect('funding_signed', {}, { requirement: 'bolt02-funding-signed-03' });
      // Which the opener may say at any time.
      await channel.do({ do: 'channel_ready', alias: '16000000x1x1' });
      await peer.barrier();
      const { channels } = await node.call('channels', {});
      const known = channels.find(({ channelId }) => channelId === toHex(channel.id));
      check('bolt02-open-channel-48', known?.usable !== true, {
        expected: 'a channel that is not usable yet',
        got: known,
      });
    },
  );
});

/** Of the first commitment of either side, as the opener signs it: with its own funding key when no other is given. */
function signatureOf({ commitments }: PeerChannel, owner: 'local' | 'remote', key?: Uint8Array): Uint8Array {
  const [live] = commitments.fundings;
  return signCommitment(commitmentOf(commitments, owner, 'latest', live), key ?? live.local_funding_privkey);
}

/** From an output that is nowhere; the channel is at this index, others before it. */
function payingAt({ state }: PeerChannel, index: number, txid: string): Transaction {
  if (state.name !== 'opening' || state.opening.name !== 'awaits_funding')
    throw new BoltgridError('suite.wrong-state', 'harness', 'the channel does not wait for its funding');
  const other = { amountSat: 1000n, script: p2wpkh(state.opening.open.payment_basepoint) };
  return makeTransaction({
    version: 2,
    inputs: [{ txid, vout: 0, scriptSig: new Uint8Array(0), sequence: 0xffff_fffd, witness: [] }],
    outputs: [...Array.from({ length: index }, () => other), state.opening.fundingOutput],
    lockTime: 0,
  });
}
