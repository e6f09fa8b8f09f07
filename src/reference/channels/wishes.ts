import { isTalking, type LiveChannel } from '../../channel/engine/channel.ts';
import type { Command } from '../../channel/engine/perform.ts';
import type { ChannelRules } from '../rules/channels.ts';
import type { ChannelSituation } from '../situation.ts';
import { isUsable } from './forwarding.ts';
import type { HeldChannel } from './state.ts';

/** What the node begins by itself, but for what is about HTLCs: a close that was asked for, and a new feerate. */
export function ownWish(
  held: HeldChannel,
  live: LiveChannel,
  rules: ChannelRules,
  situation: ChannelSituation,
): Command | undefined {
  const { commitments } = live.readying;
  if (held.closing.isAsked && isTalking(live) && !live.shutdown.isSent.local)
    return { do: 'shutdown', scriptpubkey: situation.closing.script };
  if (!isUsable(held) || commitments.missing.length > 0) return undefined;
  if (commitments.ledger.pending.some(({ update }) => update.name === 'update_fee')) return undefined;
  const feerate_per_kw = rules.feeUpdate(live, situation);
  if (feerate_per_kw === undefined) return undefined;
  return { do: 'update', update: { name: 'update_fee', fields: { feerate_per_kw } } };
}
