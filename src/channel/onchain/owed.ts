import type { Transaction } from '../../bitcoin/transaction.ts';
import { derivePrivateKey } from '../keys/derivation.ts';
import type { Claim } from '../transactions/claims.ts';
import { feeSat } from '../transactions/fees.ts';
import {
  completeHtlcTransaction,
  fundHtlcTransactions,
  type HtlcSpend,
  sweep,
} from '../transactions/sweep.ts';
import { dutiesOf, type Duty } from './duties.ts';
import { followed } from './follow.ts';
import type { Onchain } from './onchain.ts';
import type { Close, CommitmentClose } from './recognise.ts';
import { claimOwn, takingOf } from './take.ts';
import { type Means, type OwedTransaction, owedClose } from './unilateral.ts';

export interface OwedOnchain {
  /** To be broadcast now, in this order. The same again until they are in a block: broadcasting one twice does no harm. */
  readonly transactions: readonly OwedTransaction[];
  /** What would be owed, but leaves no change above dust after the fee: coins are missing, or it is not worth it. */
  readonly unaffordable: readonly Duty[];
}

/** BOLT 5 recommends 18 blocks as `security_delay`. */
const SECURITY_DELAY_BLOCKS = 18;

/** Which transactions BOLT 5 calls for, with the latest block at the state's height. */
export function owedOnchain(onchain: Onchain, means: Means): OwedOnchain {
  const chain = followed(onchain);
  if (!chain) return { transactions: owedClose(onchain, means), unaffordable: [] };
  const due = upcoming(onchain, chain).filter(({ fromHeight }) => fromHeight <= onchain.height);
  const results = groups(due, onchain.height, means).map((duties) => ({
    duties,
    tx: makeTransaction(onchain, chain.close, duties, means),
  }));
  return {
    transactions: results.flatMap(({ tx, duties }) =>
      tx ? [{ tx, requirements: duties.map(({ requirement }) => requirement) }] : [],
    ),
    unaffordable: results.flatMap(({ tx, duties }) => (tx ? [] : duties)),
  };
}

/** All that is ours to take and not taken in a block, now or at a height to come. */
export const upcoming = (onchain: Onchain, chain = followed(onchain)): readonly Duty[] =>
  chain ? dutiesOf(chain, 'local', onchain) : [];

/** What one transaction takes. */
function groups(due: readonly Duty[], height: number, { penalties }: Means): readonly (readonly Duty[])[] {
  const canShare = ({ how, untilHeight = Infinity }: Duty): boolean =>
    penalties === 'together' && how === 'revocation' && height < untilHeight - SECURITY_DELAY_BLOCKS;
  const shared = due.filter(canShare);
  const single = due.filter((duty) => !canShare(duty)).map((duty) => [duty]);
  return shared.length > 0 ? [shared, ...single] : single;
}

function makeTransaction(
  { commitments: { terms } }: Onchain,
  close: Close,
  duties: readonly Duty[],
  means: Means,
): Transaction | undefined {
  const claims: Claim[] = [];
  for (const duty of duties) {
    if (close.kind !== 'commitment') {
      claims.push(claimOwn(duty, terms));
      continue;
    }
    const taking = takingOf(close, duty, terms);
    if (taking.kind === 'htlc_transaction')
      return htlcTransactionOf(close, taking.spend, terms.secrets.htlc, means);
    claims.push(taking.claim);
  }
  return sweep({ claims, script: means.script, feeOf: feeOf(means) });
}

/** Without anchors it pays its own fee (BOLT 5, Generation of HTLC Transactions). */
function htlcTransactionOf(
  { commitment }: CommitmentClose,
  spend: HtlcSpend,
  htlcBasepointSecret: Uint8Array,
  means: Means,
): Transaction | undefined {
  const { format, keys } = commitment.parameters;
  const ownerHtlcPrivateKey = derivePrivateKey(htlcBasepointSecret, keys.per_commitment_point);
  if (format !== 'option_anchors') return completeHtlcTransaction(commitment, spend, ownerHtlcPrivateKey);
  return fundHtlcTransactions({
    commitment,
    spends: [spend],
    ownerHtlcPrivateKey,
    coins: means.coinsFor(spend.output),
    changeScript: means.script,
    feeOf: feeOf(means),
  });
}

const feeOf =
  ({ feerate_per_kw }: Pick<Means, 'feerate_per_kw'>) =>
  (weight: number): bigint =>
    feeSat(weight, feerate_per_kw);
