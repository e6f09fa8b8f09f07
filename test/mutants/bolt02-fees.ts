import { toHex } from '../../src/core/bytes.ts';
import { CHANNEL_RULES } from '../../src/reference/rules/channels.ts';
import type { Rules } from '../../src/reference/rules.ts';
import type { Mutant } from './mutant.ts';
import { channelRules, isLive, leavesOut, tolerates } from './bolt02/messages.ts';

const feesTolerated = tolerates(({ name }) => name === 'update_fee' || name === 'commitment_signed');

/** A feerate that came once is what it expects to be signed, whatever became of the connection. */
function remembersUncommitted(rules: Rules): Rules {
  const changed = new Set<string>();
  return channelRules({
    judge: (faults, message, channel, situation) => {
      if (message.name === 'update_fee') changed.add(toHex(message.fields.channel_id));
      if (message.name !== 'commitment_signed' || !isLive(channel))
        return CHANNEL_RULES.judge(faults, message, channel, situation);
      const isPending = channel.readying.commitments.ledger.pending.some(
        ({ update }) => update.name === 'update_fee',
      );
      const isStale = !isPending && changed.has(toHex(message.fields.channel_id));
      const { signature: got } = message.fields;
      const fault = { requirement: 'bolt02-commitment-signed-12', expected: 'of the other feerate', got };
      return isStale ? [...faults, fault] : faults;
    },
  })(rules);
}

export const mutants: readonly Mutant[] = [
  {
    name: 'fees-never-revoked',
    breaks: 'bolt02-commitment-signed-23',
    kills: ['bolt02/fees#accepted', 'bolt02/fees#several', 'bolt02/fees#with-htlcs'],
    change: leavesOut(({ do: what }) => what === 'revoke_and_ack'),
  },
  {
    name: 'fees-uncommitted-are-remembered',
    breaks: 'bolt02-reestablish-06',
    kills: ['bolt02/fees#forgotten-on-reconnect'],
    change: remembersUncommitted,
  },
  {
    name: 'fees-of-the-accepter-are-let-pass',
    breaks: 'bolt02-update-fee-09',
    kills: ['bolt02/fees#by-the-accepter'],
    change: feesTolerated,
  },
  {
    name: 'fees-of-any-size-are-let-pass',
    breaks: 'bolt02-update-fee-08',
    kills: ['bolt02/fees#unreasonable'],
    change: feesTolerated,
  },
  {
    name: 'fees-that-cannot-be-paid-are-let-pass',
    breaks: 'bolt02-update-fee-10',
    kills: ['bolt02/fees#unaffordable'],
    change: feesTolerated,
  },
];
