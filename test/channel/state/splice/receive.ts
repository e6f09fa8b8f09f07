import { quiescenceFaults, receiveStfu } from '../../../../src/channel/state/quiescence.ts';
import { receiveTxAbort } from '../../../../src/channel/state/splice/abort.ts';
import { receiveSpliceConstruction } from '../../../../src/channel/state/splice/construction.ts';
import { receiveSpliceLocked } from '../../../../src/channel/state/splice/locked.ts';
import {
  receiveSpliceAck,
  receiveSpliceInit,
  receiveTxAckRbf,
  receiveTxInitRbf,
} from '../../../../src/channel/state/splice/request.ts';
import {
  isForSplice,
  receiveSpliceCommitmentSigned,
  receiveSpliceTxSignatures,
} from '../../../../src/channel/state/splice/signing.ts';
import type { SpliceConditions, Splicing } from '../../../../src/channel/state/splice/states.ts';
import type { Message, Received } from '../../../../src/channel/state/step.ts';
import { receive } from '../pair.ts';

export const quiesceable = ({ commitments }: Splicing) => ({ commitments, option_quiesce: true });

/** What the receiver of one message, or of one batch, makes of it. */
export function receiveMessages(
  state: Splicing,
  conditions: SpliceConditions,
  messages: readonly Message[],
): Received<Splicing> {
  const [message] = messages;
  switch (message?.name) {
    case 'stfu': {
      const { state: quiescence, faults } = receiveStfu(state.quiescence, quiesceable(state), message.fields);
      return { state: faults.length > 0 ? state : { ...state, quiescence }, faults };
    }
    case 'splice_init':
      return receiveSpliceInit(state, conditions, message.fields);
    case 'splice_ack':
      return receiveSpliceAck(state, conditions, message.fields);
    case 'tx_init_rbf':
      return receiveTxInitRbf(state, conditions, message.fields);
    case 'tx_ack_rbf':
      return receiveTxAckRbf(state, conditions, message.fields);
    case 'tx_add_input':
    case 'tx_add_output':
    case 'tx_remove_input':
    case 'tx_remove_output':
    case 'tx_complete':
      return receiveSpliceConstruction(state, message);
    case 'tx_signatures':
      return receiveSpliceTxSignatures(state, message.fields);
    case 'tx_abort':
      return receiveTxAbort(state);
    case 'splice_locked':
      return receiveSpliceLocked(state, message.fields);
    case 'commitment_signed':
      if (isForSplice(state, message.fields)) return receiveSpliceCommitmentSigned(state, message.fields);
      break;
    case 'update_add_htlc':
    case 'update_fee': {
      const faults = quiescenceFaults(state.quiescence, 'remote', message.name);
      if (faults.length > 0) return { state, faults };
      break;
    }
    default:
  }
  const { state: commitments, faults } = receive(state.commitments, messages);
  return { state: faults.length > 0 ? state : { ...state, commitments }, faults };
}
