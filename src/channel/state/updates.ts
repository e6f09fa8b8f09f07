import type { Commitments } from './commitments.ts';
import { type AddHtlc, offer } from './ledger.ts';
import { assertNothingMissing } from './missing.ts';
import { assertRight } from './right.ts';
import type { Message, Performed, Received } from './step.ts';
import type { Update, UpdateName, UpdateOf } from './update.ts';
import type { ChannelTerms } from './terms.ts';
import { updateFaults } from './update-rules.ts';

/** An update of ours: an HTLC that is added gets the next id. */
export type NewUpdate =
  | Exclude<Update, UpdateOf<'update_add_htlc'>>
  | { readonly name: 'update_add_htlc'; readonly fields: Omit<AddHtlc, 'id'> };

/** Sends an update. Throws `channel.wrong-message` where the BOLT does not allow it now, and it is not sent `anyway`. */
export function offerUpdate(
  commitments: Commitments,
  newUpdate: NewUpdate,
  anyway = false,
): Performed<Commitments> {
  assertNothingMissing(commitments);
  const { ledger } = commitments;
  const update: Update =
    newUpdate.name === 'update_add_htlc'
      ? { name: newUpdate.name, fields: { ...newUpdate.fields, id: ledger.nextHtlcId.local } }
      : newUpdate;
  if (!anyway) assertRight(update.name, updateFaults(commitments, 'local', update));
  return {
    state: {
      ...commitments,
      ledger: offer(ledger, 'local', update),
      sent: [...commitments.sent, update],
    },
    send: [updateMessage(commitments.terms, update)],
    broadcast: [],
  };
}

/** `update_add_htlc`, `update_fulfill_htlc`, `update_fail_htlc`, `update_fail_malformed_htlc`, `update_fee`. */
export function receiveUpdate(commitments: Commitments, update: Update): Received<Commitments> {
  const faults = updateFaults(commitments, 'remote', update);
  if (faults.length > 0) return { state: commitments, faults };
  return { state: { ...commitments, ledger: offer(commitments.ledger, 'remote', update) }, faults };
}

export function updateMessage({ channel_id }: ChannelTerms, update: Update): Message<UpdateName> {
  switch (update.name) {
    case 'update_add_htlc':
      return { name: update.name, fields: { ...update.fields, channel_id } };
    case 'update_fulfill_htlc':
      return { name: update.name, fields: { ...update.fields, channel_id } };
    case 'update_fail_htlc':
      return { name: update.name, fields: { ...update.fields, channel_id } };
    case 'update_fail_malformed_htlc':
      return { name: update.name, fields: { ...update.fields, channel_id } };
    case 'update_fee':
      return { name: update.name, fields: { ...update.fields, channel_id } };
  }
}
