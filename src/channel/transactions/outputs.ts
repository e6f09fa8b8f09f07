import { p2wsh } from '../../bitcoin/output.ts';
import type { Transaction } from '../../bitcoin/transaction.ts';
import { equalBytes } from '../../core/bytes.ts';
import { BoltgridError } from '../../core/error.ts';
import {
  anchorWitnessScript,
  htlcWitnessScripts,
  paymentHash,
  toLocalWitnessScript,
  toRemoteScript,
  toRemoteWitnessScript,
} from './scripts.ts';
import type { CommitmentParameters, Htlc } from './types.ts';

/** Kinds have BOLT 3's names: `local` in them is the commitment's owner. */
interface PlainOutputScript {
  readonly kind: 'to_local' | 'to_remote' | 'to_local_anchor' | 'to_remote_anchor';
  readonly script: Uint8Array;
  /** `undefined` for the P2WPKH output that `to_remote` is without anchors. */
  readonly witnessScript: Uint8Array | undefined;
}

interface HtlcOutputScript {
  readonly kind: 'offered_htlc' | 'received_htlc';
  readonly script: Uint8Array;
  readonly witnessScript: Uint8Array;
  readonly htlc: Htlc;
}

export type CommitmentOutputScript = PlainOutputScript | HtlcOutputScript;

/** Where an output is, and what it holds. */
export interface Located {
  readonly txid: string;
  readonly vout: number;
  readonly amountSat: bigint;
}

export type HtlcOutput = HtlcOutputScript & Located;
export type CommitmentOutput = CommitmentOutputScript & Located;

/** An output of an HTLC transaction: its script is that of `to_local`. */
export interface SecondStageOutput extends Located {
  readonly kind: 'second_stage';
  readonly script: Uint8Array;
  readonly witnessScript: Uint8Array;
}

export const isHtlcOutput = (output: CommitmentOutput): output is HtlcOutput => 'htlc' in output;

/** What decides the scripts of a commitment's outputs. */
export type ScriptParameters = Pick<
  CommitmentParameters,
  'format' | 'keys' | 'to_self_delay' | 'funding' | 'owner_funding_pubkey'
>;

/** The outputs that a commitment can have besides HTLCs. */
export function commitmentScripts(
  parameters: ScriptParameters,
): Readonly<Record<PlainOutputScript['kind'], PlainOutputScript>> {
  const { format, keys, to_self_delay, owner_funding_pubkey } = parameters;
  const hashed = (kind: PlainOutputScript['kind'], witnessScript: Uint8Array): PlainOutputScript => ({
    kind,
    script: p2wsh(witnessScript),
    witnessScript,
  });
  return {
    to_local: hashed('to_local', toLocalWitnessScript(keys, to_self_delay)),
    to_remote: {
      kind: 'to_remote',
      script: toRemoteScript(format, keys.other_pubkey),
      witnessScript: format === 'option_anchors' ? toRemoteWitnessScript(keys.other_pubkey) : undefined,
    },
    to_local_anchor: hashed('to_local_anchor', anchorWitnessScript(owner_funding_pubkey)),
    to_remote_anchor: hashed('to_remote_anchor', anchorWitnessScript(otherFundingPubkey(parameters))),
  };
}

function otherFundingPubkey({ funding, owner_funding_pubkey }: ScriptParameters): Uint8Array {
  const [a, b] = funding.funding_pubkeys;
  if (equalBytes(a, owner_funding_pubkey)) return b;
  if (equalBytes(b, owner_funding_pubkey)) return a;
  throw new BoltgridError(
    'channel.funding-pubkey',
    'harness',
    "the owner's funding_pubkey is none of the funding's",
  );
}

/**
 * Which output of a commitment transaction is which, where its specification is not known: any of `htlcs` may be in it.
 * `undefined` for an output that is none of these. HTLCs whose outputs are alike are taken in the order of their expiry.
 */
export function recogniseOutputs(
  parameters: ScriptParameters,
  tx: Pick<Transaction, 'txid' | 'outputs'>,
  htlcs: readonly Htlc[],
): readonly (CommitmentOutput | undefined)[] {
  const scripts = commitmentScripts(parameters);
  const anchors = parameters.format === 'option_anchors';
  const plain = [
    scripts.to_local,
    scripts.to_remote,
    ...(anchors ? [scripts.to_local_anchor, scripts.to_remote_anchor] : []),
  ];
  const remaining = htlcScripts(parameters, htlcs);
  return tx.outputs.map(({ amountSat, script }, vout) => {
    const at = { txid: tx.txid, vout, amountSat };
    const known = plain.find((candidate) => equalBytes(candidate.script, script));
    if (known) return { ...known, ...at };
    const index = remaining.findIndex(
      (candidate) => candidate.htlc.amount_msat / 1000n === amountSat && equalBytes(candidate.script, script),
    );
    const [htlc] = index < 0 ? [] : remaining.splice(index, 1);
    return htlc && { ...htlc, ...at };
  });
}

function htlcScripts({ format, keys }: ScriptParameters, htlcs: readonly Htlc[]): HtlcOutputScript[] {
  const witnessScriptOf = htlcWitnessScripts(format, keys);
  return [...htlcs]
    .sort((a, b) => a.cltv_expiry - b.cltv_expiry)
    .map((htlc) => {
      const witnessScript = witnessScriptOf(htlc);
      const kind = htlc.offeredBy === 'owner' ? 'offered_htlc' : 'received_htlc';
      return { kind, script: p2wsh(witnessScript), witnessScript, htlc };
    });
}

/** The outputs of an HTLC transaction that its owner gets after the delay, and the other by penalty. */
export function secondStageOutputs(
  { keys, to_self_delay }: Pick<CommitmentParameters, 'keys' | 'to_self_delay'>,
  tx: Pick<Transaction, 'txid' | 'outputs'>,
): readonly SecondStageOutput[] {
  const witnessScript = toLocalWitnessScript(keys, to_self_delay);
  const script = p2wsh(witnessScript);
  return tx.outputs.flatMap((output, vout) =>
    equalBytes(output.script, script)
      ? [{ kind: 'second_stage', ...output, txid: tx.txid, vout, witnessScript }]
      : [],
  );
}

/** The preimage that a spend of an HTLC output reveals (BOLT 5); `undefined` where it reveals none. */
export const revealedPreimage = (
  witness: readonly Uint8Array[],
  payment_hash: Uint8Array,
): Uint8Array | undefined =>
  witness.find((element) => element.length === 32 && equalBytes(paymentHash(element), payment_hash));
