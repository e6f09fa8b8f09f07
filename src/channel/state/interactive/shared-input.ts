import { segwitV0Sighash, SIGHASH_ALL } from '../../../bitcoin/sighash.ts';
import { EMPTY, equalBytes } from '../../../core/bytes.ts';
import { BoltgridError } from '../../../core/error.ts';
import { defaultCrypto } from '../../../crypto/crypto.ts';
import { witnessSignature } from '../../transactions/funding-spend.ts';
import { fundingWitnessScript, sortPubkeys } from '../../transactions/scripts.ts';
import type { Side } from '../update.ts';
import type { Constructed, SharedInput } from './states.ts';

/** The funding output that a splice spends: both sides sign it, beside their own inputs. */

/** 64 bytes. */
export const signSharedInput = (constructed: Constructed): Uint8Array =>
  defaultCrypto.curve.sign(sighash(constructed), sharedInputOf(constructed).local_funding_privkey);

/** Whether `signature`, 64 bytes, is the side's and has a low S. */
export const verifySharedInput = (constructed: Constructed, side: Side, signature: Uint8Array): boolean =>
  defaultCrypto.curve.verify(signature, sighash(constructed), pubkeyOf(sharedInputOf(constructed), side));

/** The stack that spends it. */
export function sharedWitness(
  constructed: Constructed,
  signatures: Readonly<Record<Side, Uint8Array>>,
): readonly Uint8Array[] {
  const sharedInput = sharedInputOf(constructed);
  const { funding_pubkeys } = sharedInput.funding;
  const [first] = sortPubkeys(funding_pubkeys);
  const order: readonly Side[] = equalBytes(first, pubkeyOf(sharedInput, 'local'))
    ? ['local', 'remote']
    : ['remote', 'local'];
  return [
    EMPTY,
    ...order.map((side) => witnessSignature(signatures[side], SIGHASH_ALL)),
    fundingWitnessScript(funding_pubkeys),
  ];
}

function sighash(constructed: Constructed): Uint8Array {
  const { funding_pubkeys, funding_satoshis } = sharedInputOf(constructed).funding;
  const index = constructed.inputs.findIndex(({ isShared }) => isShared);
  const script = fundingWitnessScript(funding_pubkeys);
  return segwitV0Sighash(constructed.transaction, index, script, funding_satoshis, SIGHASH_ALL);
}

const pubkeyOf = ({ local_funding_privkey, remote_funding_pubkey }: SharedInput, side: Side): Uint8Array =>
  side === 'local' ? defaultCrypto.curve.publicKey(local_funding_privkey) : remote_funding_pubkey;

function sharedInputOf({ agreement: { sharedInput } }: Constructed): SharedInput {
  if (sharedInput) return sharedInput;
  throw new BoltgridError('channel.no-shared-input', 'harness', 'only a splice spends a funding output');
}
