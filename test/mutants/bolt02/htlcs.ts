import type { LiveChannel } from '../../../src/channel/engine/channel.ts';
import type { Message } from '../../../src/channel/state/step.ts';
import type { UpdateName } from '../../../src/channel/state/update.ts';
import { HTLC_RULES, type HtlcRules } from '../../../src/reference/rules/htlcs.ts';
import type { Rules } from '../../../src/reference/rules.ts';
import { changed } from '../mutant.ts';
import { channelRules, isLive, leavesOut, tolerates } from './messages.ts';

/** What mutants of HTLCs are made of. */

type Change = (rules: Rules) => Rules;
export type Add = Message<'update_add_htlc'>['fields'];

export const htlcRules = (entries: Partial<HtlcRules>): Change => changed('htlcs', entries);

/** Reads the onion of a payment to it as if it, the HTLC, the invoice or the height were other ones. */
export const final = (
  change: (...given: Parameters<HtlcRules['final']>) => Partial<{
    told: Parameters<HtlcRules['final']>[0];
    htlc: Parameters<HtlcRules['final']>[1];
    height: number;
  }>,
): Change =>
  htlcRules({
    final: (told, htlc, invoice, situation) => {
      const { height = situation.height, ...other } = change(told, htlc, invoice, situation);
      return HTLC_RULES.final(other.told ?? told, other.htlc ?? htlc, invoice, { ...situation, height });
    },
  });

/** Says that it does not know a payment that it should take. */
export const deniesPayment = (isDenied: (...given: Parameters<HtlcRules['final']>) => boolean): Change =>
  htlcRules({
    final: (told, htlc, invoice, situation) =>
      isDenied(told, htlc, invoice, situation)
        ? {
            name: 'incorrect_or_unknown_payment_details',
            fields: { htlc_msat: htlc.amount_msat, height: situation.height },
          }
        : HTLC_RULES.final(told, htlc, invoice, situation),
  });

/** Finds fault with an update that is right. */
export const refusesUpdate = <N extends UpdateName>(
  name: N,
  isUnwanted: (fields: Message<N>['fields'], channel: LiveChannel) => boolean,
): Change =>
  channelRules({
    judge: (faults, message, channel) =>
      message.name === name && isLive(channel) && isUnwanted(message.fields as Message<N>['fields'], channel)
        ? [
            ...faults,
            { requirement: 'bolt02-update-add-htlc-22', expected: 'another update', got: message.name },
          ]
        : faults,
  });

/** Does not know its own limits: what breaks them is passed over, and so is the signature for it. */
export const toleratesUpdates = tolerates(
  ({ name }) => name.startsWith('update_') || name === 'commitment_signed',
);

/** Never takes HTLCs away in this manner. */
export const neverSends = (name: UpdateName): Change =>
  leavesOut((command) => command.do === 'update' && command.update.name === name);
