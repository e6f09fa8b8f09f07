import type { Transaction, TransactionParts } from '../../../bitcoin/transaction.ts';
import { concat, equalBytes, fromHex } from '../../../core/bytes.ts';
import { BoltgridError } from '../../../core/error.ts';
import { defaultCrypto } from '../../../crypto/crypto.ts';
import { ORDER, toBigInt } from '../../../crypto/scalar.ts';
import {
  completeFundingSpend,
  signFundingSpend,
  verifyFundingSpend,
} from '../../transactions/funding-spend.ts';
import type { Side } from '../update.ts';
import type { ClosingTerms } from './terms.ts';

export const signClosing = (
  tx: TransactionParts,
  { funding, local_funding_privkey }: ClosingTerms,
): Uint8Array => signFundingSpend(tx, funding, local_funding_privkey);

/** With the peer's signature, 64 bytes, and ours: to be broadcast. */
export function completeClosing(
  tx: TransactionParts,
  remoteSignature: Uint8Array,
  terms: ClosingTerms,
): Transaction {
  const localSignature = signClosing(tx, terms);
  const isFirst = equalBytes(terms.funding.funding_pubkeys[0], fundingPubkeys(terms).local);
  return completeFundingSpend(
    tx,
    terms.funding,
    isFirst ? [localSignature, remoteSignature] : [remoteSignature, localSignature],
  );
}

/** What a signature of a closing transaction can be; `high-s` is good but for the LOW-S rule. */
export type SignatureQuality = 'good' | 'high-s' | 'bad';

export function judgeSignature(
  tx: TransactionParts,
  by: Side,
  signature: Uint8Array,
  terms: ClosingTerms,
): SignatureQuality {
  const pubkey = fundingPubkeys(terms)[by];
  if (verifyFundingSpend(tx, terms.funding, pubkey, signature)) return 'good';
  const low = withOtherS(signature);
  return low && verifyFundingSpend(tx, terms.funding, pubkey, low) ? 'high-s' : 'bad';
}

function fundingPubkeys({
  funding,
  local_funding_privkey,
}: ClosingTerms): Readonly<Record<Side, Uint8Array>> {
  const local = defaultCrypto.curve.publicKey(local_funding_privkey);
  const [a, b] = funding.funding_pubkeys;
  if (equalBytes(a, local)) return { local, remote: b };
  if (equalBytes(b, local)) return { local, remote: a };
  throw new BoltgridError('channel.funding-pubkey', 'harness', "our private key is none of the funding's");
}

/** The signature that is valid for the same key and hash, with the other of its two values of S. */
function withOtherS(signature: Uint8Array): Uint8Array | undefined {
  const s = toBigInt(signature.subarray(32));
  if (s === 0n || s >= ORDER) return undefined;
  return concat(signature.subarray(0, 32), fromHex((ORDER - s).toString(16).padStart(64, '0')));
}
