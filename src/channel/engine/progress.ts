import type { Transaction } from '../../bitcoin/transaction.ts';
import { agreedClosing, beginLegacy } from '../state/close/closing-signed.ts';
import { negotiationScripts } from '../state/close/shutdown.ts';
import { beginSimple } from '../state/close/simple-close.ts';
import { type Closing, type LiveChannel, shutdownTerms } from './channel.ts';

/** What follows from a step without a message: the negotiation of the closing begins once nothing is in its way, and is kept when it ends. */
export const progressed = (live: LiveChannel): LiveChannel => withClosings(withNegotiation(live));

function withNegotiation(live: LiveChannel): LiveChannel {
  if (live.closing) return live;
  const scripts = negotiationScripts(live.shutdown, live.readying.commitments.ledger);
  if (!scripts) return live;
  const { option_simple_close } = shutdownTerms(live).features;
  return { ...live, closing: option_simple_close ? beginSimple(scripts) : beginLegacy(scripts) };
}

function withClosings(live: LiveChannel): LiveChannel {
  const { closing, closings } = live;
  if (!closing) return live;
  const agreed = agreedIn(closing).filter(({ txid }) => !closings.some((known) => known.txid === txid));
  return agreed.length > 0 ? { ...live, closings: [...closings, ...agreed] } : live;
}

function agreedIn(closing: Closing): readonly Transaction[] {
  if (closing.name === 'closing_complete') return closing.closings;
  const agreed = agreedClosing(closing);
  return agreed ? [agreed] : [];
}
