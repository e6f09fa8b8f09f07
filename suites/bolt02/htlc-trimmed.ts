import { channelType, suite, type Peer, type PeerChannel, type SubjectContext } from 'boltgrid';
import { invoiceOf } from './_channels.ts';
import { HTLC_CASE_MS } from './_htlcs.ts';
import { nodePays, PAYER_OPS, usable } from './_payments.ts';

/** No node has the same, so that an HTLC between the two is dust for one side alone. */
const OUR_DUST_SAT = 450n;
const HTLC_TIMEOUT_WEIGHT = 663n;
const HTLC_SUCCESS_WEIGHT = 703n;

type Format = 'option_static_remotekey' | 'option_anchors';
/** Whose commitment, and how far from where its HTLC output begins to be. */
type Limit = ['ours' | 'its', bigint, Format];

const LIMITS = {
  'at ours, anchors': ['ours', 0n, 'option_anchors'],
  'below ours, anchors': ['ours', -1n, 'option_anchors'],
  'at its, anchors': ['its', 0n, 'option_anchors'],
  'below its, anchors': ['its', -1n, 'option_anchors'],
  'at ours, static_remotekey': ['ours', 0n, 'option_static_remotekey'],
  'below ours, static_remotekey': ['ours', -1n, 'option_static_remotekey'],
  'at its, static_remotekey': ['its', 0n, 'option_static_remotekey'],
  'below its, static_remotekey': ['its', -1n, 'option_static_remotekey'],
} satisfies Record<string, Limit>;

/** BOLT 3, Trimmed Outputs: an HTLC exactly at the limit of either commitment, and a satoshi below. */
export default suite('bolt02/htlc-trimmed', { title: 'HTLCs at the trim limit' }, ({ test }) => {
  test(
    'received',
    {
      title: 'takes our signature, and signs our commitment, for an HTLC of ours at either trim limit',
      chain: 'confirm',
      requirements: ['bolt03-trimmed-outputs-06', 'bolt03-trimmed-outputs-07'],
      ops: ['invoice', 'channels'],
      deadlineMs: HTLC_CASE_MS,
      each: LIMITS,
    },
    async (context, [whose, above, format]) => {
      const { connect, node, check } = context;
      const peer = await connect();
      const channel = await opened(context, peer, format);
      const limitSat =
        whose === 'ours' ? limitOf(channel, 'local', 'timeout') : limitOf(channel, 'remote', 'success');
      const amountSat = limitSat + above;
      await channel.addHtlcFor(await invoiceOf(node, amountSat * 1000n));
      await channel.do({ do: 'commitment_signed' });
      await channel.expect('revoke_and_ack', {}, { requirement: 'bolt03-trimmed-outputs-07' });
      const { htlc_signature } = await peer.expect('commitment_signed');
      const isTrimmed = amountSat < limitOf(channel, 'local', 'timeout');
      const id = isTrimmed ? 'bolt03-trimmed-outputs-06' : 'bolt03-trimmed-outputs-07';
      check(id, htlc_signature.length === (isTrimmed ? 0 : 1), {
        expected: isTrimmed ? 0 : 1,
        got: htlc_signature.length,
        note: `signatures for an HTLC of ${amountSat} sat`,
      });
    },
  );

  test(
    'offered',
    {
      title: 'signs our commitment for an HTLC of its own at either trim limit',
      chain: 'confirm',
      requirements: ['bolt03-trimmed-outputs-08', 'bolt03-trimmed-outputs-09', 'bolt02-commitment-signed-23'],
      ops: [...PAYER_OPS],
      deadlineMs: HTLC_CASE_MS,
      each: LIMITS,
    },
    async (context, [whose, above, format]) => {
      const { connect, check } = context;
      const peer = await connect();
      const channel = await opened(context, peer, format);
      const limitSat =
        whose === 'ours' ? limitOf(channel, 'local', 'success') : limitOf(channel, 'remote', 'timeout');
      const amountSat = limitSat + above;
      nodePays(context, peer, amountSat * 1000n);
      const { amount_msat } = await channel.expect('update_add_htlc');
      const { htlc_signature } = await peer.expect('commitment_signed');
      const isTrimmed = amount_msat / 1000n < limitOf(channel, 'local', 'success');
      const id = isTrimmed ? 'bolt03-trimmed-outputs-08' : 'bolt03-trimmed-outputs-09';
      check(id, htlc_signature.length === (isTrimmed ? 0 : 1), {
        expected: isTrimmed ? 0 : 1,
        got: htlc_signature.length,
        note: `signatures for an HTLC of ${amountSat} sat`,
      });
    },
  );
});

async function opened(
  context: Pick<SubjectContext, 'node' | 'eventually'>,
  peer: Peer,
  format: Format,
): Promise<PeerChannel> {
  const channel = await peer.openChannel({
    dust_limit_satoshis: OUR_DUST_SAT,
    channel_type: channelType(format),
    push_msat: 400_000_000n,
  });
  await usable(context, channel);
  return channel;
}

/** From this amount on an HTLC has an output in a side's commitment (BOLT 3, Trimmed Outputs). */
function limitOf(
  { commitments }: PeerChannel,
  owner: 'local' | 'remote',
  kind: 'timeout' | 'success',
): bigint {
  const { terms, ledger } = commitments;
  const weight = kind === 'timeout' ? HTLC_TIMEOUT_WEIGHT : HTLC_SUCCESS_WEIGHT;
  const feeSat = terms.format === 'option_anchors' ? 0n : (weight * BigInt(ledger.feerate_per_kw)) / 1000n;
  return terms[owner].dust_limit_satoshis + feeSat;
}
