import type { Transaction } from '../../bitcoin/transaction.ts';
import { answerFee, type FeeProposal } from '../state/close/fee-rules.ts';
import type { AccepterChoices } from '../state/open/defaults.ts';
import { feeSat } from '../transactions/fees.ts';
import type { Channel, LiveChannel } from './channel.ts';
import { type Owed, owed } from './owed.ts';
import type { Command } from './perform.ts';

/** What a side that answers by itself has to choose. */
export interface Answers {
  readonly accept?: Partial<AccepterChoices>;
  /** Pays the `fundingOutput` of an `awaits_funding`; without it `funding_created` is left to the caller. */
  readonly fundingTransaction?: Transaction;
  /** Of the first `channel_ready`. */
  readonly alias?: string;
  readonly shutdownScript: Uint8Array;
  /** Of a closing transaction. */
  readonly feerate_per_kw: number;
  /** Of a closing transaction of ours with `option_simple_close`. */
  readonly locktime: number;
}

/** Of the largest usual closing transaction: one input, two P2WSH outputs. */
const CLOSING_WEIGHT = 772;
/** How far from our wish we go with a `fee_range`. */
const RANGE = 10n;

/** The next thing that BOLT 2 calls for, aside from `except`, with our choices; `undefined` where nothing is owed, or the caller has to choose. */
export function nextAnswer(
  channel: Channel,
  answers: Answers,
  except: readonly Owed[] = [],
): Command | undefined {
  for (const name of owed(channel)) {
    const command = except.includes(name) ? undefined : commandFor(channel, name, answers);
    if (command) return command;
  }
  return undefined;
}

function commandFor(channel: Channel, name: Owed, answers: Answers): Command | undefined {
  switch (name) {
    case 'accept_channel':
      return { do: name, ...(answers.accept && { choices: answers.accept }) };
    case 'funding_created': {
      const { fundingTransaction: transaction } = answers;
      return transaction && { do: name, transaction };
    }
    case 'channel_ready':
      return readyAgain(channel, answers);
    case 'shutdown':
      return { do: name, scriptpubkey: shutdownScriptOf(channel, answers) };
    case 'closing_signed':
      return closingSigned(channel, answers);
    case 'closing_complete':
      return {
        do: name,
        closing: { fee_satoshis: wishOf(answers).fee_satoshis, locktime: answers.locktime },
      };
    case 'funding_signed':
    case 'broadcast_funding':
    case 'commitment_signed':
    case 'revoke_and_ack':
    case 'channel_reestablish':
    case 'resend':
    case 'closing_sig':
    case 'stfu':
      return { do: name };
  }
}

/** A repeated one has the alias that was given before. */
function readyAgain(channel: Channel, answers: Answers): Command {
  const [given] = channel.name === 'live' ? channel.readying.aliases.local : [];
  const alias = given ?? answers.alias;
  return { do: 'channel_ready', ...(alias !== undefined && { alias }) };
}

/** What was declared upfront, or sent before, binds us (BOLT 2, Closing Initiation and Message Retransmission). */
function shutdownScriptOf(channel: Channel, { shutdownScript }: Answers): Uint8Array {
  if (channel.name === 'opening') return shutdownScript;
  const upfront = channel.readying.commitments.terms.local.upfront_shutdown_script;
  if (upfront && upfront.length > 0) return upfront;
  return channel.shutdown.scriptpubkeys.local ?? shutdownScript;
}

function closingSigned(channel: Channel, answers: Answers): Command | undefined {
  if (channel.name === 'opening' || channel.closing?.name !== 'closing_signed') return undefined;
  const proposal = answerFee('local', openerOf(channel), channel.closing.proposals, wishOf(answers));
  return proposal && { do: 'closing_signed', proposal };
}

function wishOf({ feerate_per_kw }: Answers): FeeProposal {
  const fee_satoshis = feeSat(CLOSING_WEIGHT, feerate_per_kw);
  return {
    fee_satoshis,
    fee_range: { min_fee_satoshis: fee_satoshis / RANGE, max_fee_satoshis: fee_satoshis * RANGE },
  };
}

const openerOf = ({ readying }: LiveChannel) => readying.commitments.terms.opener;
