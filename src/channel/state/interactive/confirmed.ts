import type { Fault } from '../step.ts';
import type { Constructed, Constructing } from './states.ts';

/**
 * The remote's inputs that are not confirmed: wrong where we have set `require_confirmed_inputs`. What the chain says of the
 * transaction with this id (as displayed) is for the caller to know; a shared input was agreed on.
 */
export const unconfirmedFaults = (
  { agreement, inputs }: Constructing | Constructed,
  isConfirmed: (txid: string) => boolean,
): readonly Fault[] =>
  inputs
    .filter(({ addedBy, isShared, txid }) => addedBy === 'remote' && !isShared && !isConfirmed(txid))
    .map(({ txid, vout }) => ({
      requirement: agreement.sharedInput ? 'bolt02-splice-tx-add-input-04' : 'bolt02-v2-tx-add-input-01',
      expected: 'an output of a confirmed transaction',
      got: `${txid}:${vout}`,
    }));
