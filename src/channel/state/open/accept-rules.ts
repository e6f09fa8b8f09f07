import { equalBytes } from '../../../core/bytes.ts';
import type { Fault } from '../step.ts';
import { formatOf, typeHas } from './channel-type.ts';
import { firstBalances } from './first-balances.ts';
import type { AcceptFields, Negotiation, OpenFields } from './negotiation.ts';
import { reserveFaults, sideFaults, typeBitmap, typeBits } from './rules.ts';

/** Everything in an `accept_channel` that BOLT 2 forbids; `open`, which it answers, is right. */
export const acceptFaults = (accept: AcceptFields, open: OpenFields, negotiation: Negotiation): Fault[] => [
  ...answerFaults(accept, open),
  ...crossFaults(accept, open),
  ...sideFaults(accept, negotiation),
  ...balanceFaults(accept, open),
];

function answerFaults(accept: AcceptFields, open: OpenFields): Fault[] {
  const faults: Fault[] = [];
  if (!equalBytes(accept.temporary_channel_id, open.temporary_channel_id))
    faults.push({
      requirement: 'bolt02-accept-channel-01',
      expected: open.temporary_channel_id,
      got: accept.temporary_channel_id,
      note: 'temporary_channel_id',
    });
  const [offered, accepted] = [typeBitmap(open), typeBitmap(accept)];
  if (!offered || !accepted || !equalBytes(offered, accepted))
    faults.push({
      requirement: 'bolt02-accept-channel-06',
      expected: offered,
      got: accepted,
      note: 'channel_type',
    });
  if (typeHas(typeBits(open), 'option_zeroconf') && accept.minimum_depth !== 0)
    faults.push({
      requirement: 'bolt02-accept-channel-02',
      expected: 0,
      got: accept.minimum_depth,
      note: 'minimum_depth',
    });
  return faults;
}

/** Both reserves are above both dust limits. */
function crossFaults(accept: AcceptFields, open: OpenFields): Fault[] {
  const faults: Fault[] = [];
  if (accept.channel_reserve_satoshis < open.dust_limit_satoshis)
    faults.push({
      requirement: 'bolt02-accept-channel-04',
      expected: `channel_reserve_satoshis of at least the opener's dust_limit_satoshis, ${open.dust_limit_satoshis}`,
      got: accept.channel_reserve_satoshis,
    });
  if (accept.dust_limit_satoshis > open.channel_reserve_satoshis)
    faults.push({
      requirement: 'bolt02-accept-channel-05',
      expected: `dust_limit_satoshis of at most the opener's channel_reserve_satoshis, ${open.channel_reserve_satoshis}`,
      got: accept.dust_limit_satoshis,
    });
  return faults;
}

function balanceFaults(accept: AcceptFields, open: OpenFields): Fault[] {
  const format = formatOf(typeBits(open));
  return format ? reserveFaults(firstBalances(open, format), accept.channel_reserve_satoshis) : [];
}
