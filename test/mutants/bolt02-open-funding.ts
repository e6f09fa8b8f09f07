import { fromDisplayHash } from '../../src/bitcoin/hash.ts';
import type { Channel } from '../../src/channel/engine/channel.ts';
import { commitmentOf, type Commitments } from '../../src/channel/state/commitments.ts';
import { signCommitment } from '../../src/channel/transactions/signatures.ts';
import { CHANNEL_RULES } from '../../src/reference/rules/channels.ts';
import { withHighS } from '../../suites/bolt02/_signatures.ts';
import { channelRules, isLive, says, takes } from './bolt02/messages.ts';
import type { Mutant } from './mutant.ts';

const isHighS = (signature: Uint8Array): boolean => (signature[32] ?? 0) >= 0x80;

/** Signs the opener's first commitment as if the channel were another. */
const signsAnother = (another: (commitments: Commitments) => Commitments) =>
  says('funding_signed', (fields, channel) => {
    if (!isLive(channel)) return fields;
    const commitments = another(channel.readying.commitments);
    const [live] = commitments.fundings;
    const commitment = commitmentOf(commitments, 'remote', 'latest', live);
    return { ...fields, signature: signCommitment(commitment, live.local_funding_privkey) };
  });

function idWithout(channel: Channel, channel_id: Uint8Array, bytes: readonly number[]): Uint8Array {
  if (!isLive(channel)) return channel_id;
  const txid = fromDisplayHash(channel.readying.commitments.fundings[0].funding.txid);
  return channel_id.map((byte, i) => (bytes.includes(i) ? (txid[i] ?? 0) : byte));
}

/** Of bolt02/open-funding: what an accepter makes of funding_created. */
export const mutants: readonly Mutant[] = [
  {
    name: 'funding-created-with-a-wrong-signature-only-warned-of',
    breaks: 'bolt02-funding-created-08',
    kills: ['a bit of R', 'a bit of S', 'by another key', 'of our own commitment'].map(
      (entry) => `bolt02/open-funding#wrong-signature[${entry}]`,
    ),
    change: channelRules({
      reaction: (fault, message, channel, situation) =>
        message.name === 'funding_created'
          ? 'warn'
          : CHANNEL_RULES.reaction(fault, message, channel, situation),
    }),
  },
  {
    name: 'funding-created-with-a-high-s-taken',
    breaks: 'bolt02-funding-created-08',
    kills: ['bolt02/open-funding#wrong-signature[high S]'],
    change: takes('funding_created', (fields) =>
      isHighS(fields.signature) ? { ...fields, signature: withHighS(fields.signature) } : fields,
    ),
  },
  {
    name: 'channel-id-without-the-output-index',
    breaks: 'bolt02-funding-signed-02',
    kills: ['bolt02/open-funding#output-index[second]'],
    change: says('funding_signed', (fields, channel) => ({
      ...fields,
      channel_id: idWithout(channel, fields.channel_id, [30, 31]),
    })),
  },
  {
    name: 'channel-id-with-one-byte-of-the-output-index',
    breaks: 'bolt02-funding-signed-02',
    kills: ['past a byte', 'two bytes', 'largest'].map(
      (entry) => `bolt02/open-funding#output-index[${entry}]`,
    ),
    change: says('funding_signed', (fields, channel) => ({
      ...fields,
      channel_id: idWithout(channel, fields.channel_id, [30]),
    })),
  },
  {
    name: 'first-commitment-by-the-dust-limit-of-the-accepter',
    breaks: 'bolt02-funding-signed-03',
    kills: ['bolt02/open-funding#first-commitment[under the dust limit of the opener only]'],
    change: signsAnother((commitments) => {
      const { terms } = commitments;
      const { dust_limit_satoshis } = terms.local;
      return { ...commitments, terms: { ...terms, remote: { ...terms.remote, dust_limit_satoshis } } };
    }),
  },
  {
    name: 'first-commitment-by-the-delay-of-the-opener',
    breaks: 'bolt02-funding-signed-03',
    kills: ['bolt02/open-funding#first-commitment[opener with a delay of its own]'],
    change: signsAnother((commitments) => {
      const { terms } = commitments;
      const { to_self_delay } = terms.remote;
      return { ...commitments, terms: { ...terms, local: { ...terms.local, to_self_delay } } };
    }),
  },
  {
    name: 'funding-signed-with-a-high-s',
    breaks: 'bolt02-funding-signed-03',
    kills: ['bolt02/open-funding#first-commitment[nothing pushed]'],
    change: says('funding_signed', (fields) => ({ ...fields, signature: withHighS(fields.signature) })),
  },
  {
    name: 'push-received-before-it-is-funded',
    breaks: 'bolt02-open-channel-48',
    kills: ['bolt02/open-funding#push-not-yet-received'],
    change: channelRules({
      answers: (...context) => ({ ...CHANNEL_RULES.answers(...context), accept: { minimum_depth: 0 } }),
    }),
  },
];
