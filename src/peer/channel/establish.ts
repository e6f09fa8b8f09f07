import type { Transaction } from '../../bitcoin/transaction.ts';
import { nextAnswer } from '../../channel/engine/answers.ts';
import { awaitOpenChannel } from '../../channel/state/open/accepter.ts';
import { fundingOutputOf } from '../../channel/state/open/funded.ts';
import type { Negotiation } from '../../channel/state/open/negotiation.ts';
import { openChannel } from '../../channel/state/open/opener.ts';
import type { OpeningChannel } from '../../channel/engine/channel.ts';
import { channelSecrets } from '../../channel/keys/channel-secrets.ts';
import type { Message } from '../../channel/state/step.ts';
import { BoltgridError } from '../../core/error.ts';
import { defaultCrypto } from '../../crypto/crypto.ts';
import type { ScriptedChannel } from './scripted-channel.ts';
import { imaginaryFunding, REGTEST, type Talk } from './talk.ts';
import type { AcceptOptions, Changes, EstablishOptions, OpenOptions } from './types.ts';

const USUAL_FUNDING_SATOSHIS = 1_000_000n;
/** For what a node does when it sees a block, which may be a moment after it reports the height. */
const BLOCK_SEEN_MS = 30_000;

/** A channel that nobody has spoken of yet. */
export function newChannel(talk: Talk, label: string, channelIds: readonly Uint8Array[]): OpeningChannel {
  const negotiation: Negotiation = { chain_hash: REGTEST, features: talk.features, channelIds };
  const secrets = channelSecrets(talk.key, label);
  return { name: 'opening', negotiation, opening: awaitOpenChannel({ negotiation, secrets }) };
}

export async function open(
  channel: ScriptedChannel,
  { funding_satoshis = USUAL_FUNDING_SATOSHIS, ...choices }: OpenOptions = {},
  changes: Changes = {},
): Promise<void> {
  const { negotiation, opening } = inOpening(channel, 'awaits_open_channel');
  const temporary_channel_id = defaultCrypto.hashes.sha256(
    Buffer.from(`${channel.label} ${Buffer.from(channel.talk.key).toString('hex')}`),
  );
  const { state, send } = openChannel({
    negotiation,
    secrets: opening.secrets,
    temporary_channel_id,
    funding_satoshis,
    // Some nodes announce channels only on conditions that have nothing to do with a case.
    choices: { announce: false, ...choices },
  });
  const { open_channel: change } = changes;
  const said = send.flatMap((message) =>
    message.name === 'open_channel' && change ? [change(message.fields)].flat() : [message.fields],
  ) as Extract<Message, { name: 'open_channel' }>['fields'][];
  const [first] = said;
  channel.state = { name: 'opening', negotiation, opening: { ...state, open: first ?? state.open } };
  for (const fields of said) await channel.post({ name: 'open_channel', fields });
}

export async function accept(
  channel: ScriptedChannel,
  choices: AcceptOptions = {},
  changes: Changes = {},
): Promise<void> {
  const [message] = channel.prepare({ do: 'accept_channel', choices });
  if (message?.name !== 'accept_channel') return;
  const said = changes.accept_channel ? [changes.accept_channel(message.fields)].flat() : [message.fields];
  const { opening, negotiation } = inOpening(channel, 'awaits_funding_created');
  const [fields = message.fields] = said;
  const fundingOutput = fundingOutputOf(opening.open, fields);
  channel.state = { name: 'opening', negotiation, opening: { ...opening, accept: fields, fundingOutput } };
  await channel.post(...said.map((each) => ({ name: 'accept_channel', fields: each }) as const));
}

export async function fund(channel: ScriptedChannel, changes?: Changes): Promise<Transaction> {
  const { fundingOutput } = inOpening(channel, 'awaits_funding').opening;
  const { chain } = channel.talk.links;
  const transaction = chain
    ? await chain.fund(fundingOutput.script, fundingOutput.amountSat)
    : imaginaryFunding(fundingOutput, channel.talk.key, Number(channel.label));
  await channel.do({ do: 'funding_created', transaction }, changes);
  return transaction;
}

export async function bury(channel: ScriptedChannel, depth: number): Promise<void> {
  const { chain } = channel.talk.links;
  if (!chain)
    throw new BoltgridError('peer.no-chain', 'harness', 'this case touches no chain', {
      hint: "Declare chain: 'confirm'.",
    });
  if (depth > 0) await chain.confirm(channel.fundingTxid, depth);
  await channel.look();
}

export async function establish(
  channel: ScriptedChannel,
  { depth = 0, changes }: EstablishOptions = {},
): Promise<void> {
  while (channel.state.name === 'opening') {
    if (channel.state.opening.name === 'awaits_funding') await fund(channel, changes);
    else if (isOurTurn(channel)) await channel.settle(changes && { changes });
    else await channel.expectAny();
  }
  const least = channel.live.readying.minimum_depth;
  await channel.settle({ except: ['channel_ready'], ...(changes && { changes }) });
  await bury(channel, Math.max(depth, least));
  await channel.settle({ withinMs: BLOCK_SEEN_MS, ...(changes && { changes }) });
}

const isOurTurn = ({ state }: ScriptedChannel): boolean =>
  nextAnswer(state, { shutdownScript: new Uint8Array(0), feerate_per_kw: 0, locktime: 0 }) !== undefined;

type Named<N extends OpeningChannel['opening']['name']> = OpeningChannel & {
  readonly opening: Extract<OpeningChannel['opening'], { readonly name: N }>;
};

function inOpening<N extends OpeningChannel['opening']['name']>(
  { state }: ScriptedChannel,
  name: N,
): Named<N> {
  if (state.name === 'opening' && state.opening.name === name) return state as Named<N>;
  const where = state.name === 'opening' ? state.opening.name : state.readying.name;
  throw new BoltgridError('channel.wrong-state', 'harness', `the channel is in ${where}, not in ${name}`);
}
