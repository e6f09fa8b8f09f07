import { isNegotiated } from '../state/open/negotiation.ts';
import type { QuiescenceConditions } from '../state/quiescence.ts';
import type { LiveChannel } from './channel.ts';

export const quiescenceConditions = ({ readying, negotiation }: LiveChannel): QuiescenceConditions => ({
  commitments: readying.commitments,
  option_quiesce: isNegotiated(negotiation, 'option_quiesce'),
});
