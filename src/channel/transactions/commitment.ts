import { p2wsh } from '../../bitcoin/output.ts';
import { makeTransaction, type Transaction } from '../../bitcoin/transaction.ts';
import { ANCHOR_SAT, feePayerCostSat, untrimmedHtlcs } from './fees.ts';
import { fundingInput } from './funding-spend.ts';
import { obscureCommitmentNumber } from './obscured-number.ts';
import { compareOutputs } from './output-order.ts';
import {
  commitmentScripts,
  type CommitmentOutput,
  type CommitmentOutputScript,
  type HtlcOutput,
  isHtlcOutput,
} from './outputs.ts';
import { htlcWitnessScripts } from './scripts.ts';
import type { CommitmentParameters, CommitmentSpecification } from './types.ts';

export interface Commitment {
  readonly parameters: CommitmentParameters;
  readonly specification: CommitmentSpecification;
  /** Without witness; its txid is final. */
  readonly transaction: Transaction;
  /** As in the transaction. */
  readonly outputs: readonly CommitmentOutput[];
  /** Those of HTLCs, in the order of `htlc_signature`. */
  readonly htlcOutputs: readonly HtlcOutput[];
  /** What HTLC transactions pay to, and `to_local` does. */
  readonly delayedScript: Uint8Array;
  /** What the transaction pays: the base fee, and what is trimmed and rounded. */
  readonly feeSat: bigint;
}

/** BOLT 3, Commitment Transaction Construction. A fee payer that cannot pay is left with nothing. */
export function buildCommitment(
  parameters: CommitmentParameters,
  specification: CommitmentSpecification,
): Commitment {
  const { funding } = parameters;
  const scripts = commitmentScripts(parameters);
  const wanted = wantedOutputs(parameters, specification, scripts).sort((a, b) =>
    compareOutputs(
      { ...a, ...('htlc' in a && { cltv_expiry: a.htlc.cltv_expiry }) },
      { ...b, ...('htlc' in b && { cltv_expiry: b.htlc.cltv_expiry }) },
    ),
  );
  const { lockTime, sequence } = obscureCommitmentNumber(
    parameters.commitmentNumber,
    parameters.obscuringFactor,
  );
  const transaction = makeTransaction({
    version: 2,
    inputs: [fundingInput(funding, sequence)],
    outputs: wanted.map(({ amountSat, script }) => ({ amountSat, script })),
    lockTime,
  });
  const outputs = wanted.map((output, vout) => ({ ...output, txid: transaction.txid, vout }));
  return {
    parameters,
    specification,
    transaction,
    outputs,
    htlcOutputs: outputs.filter(isHtlcOutput),
    delayedScript: scripts.to_local.script,
    feeSat: wanted.reduce((rest, { amountSat }) => rest - amountSat, funding.funding_satoshis),
  };
}

type WantedOutput = CommitmentOutputScript & { readonly amountSat: bigint };

function wantedOutputs(
  parameters: CommitmentParameters,
  specification: CommitmentSpecification,
  scripts: ReturnType<typeof commitmentScripts>,
): WantedOutput[] {
  const { format, feePayer, dust_limit_satoshis, keys } = parameters;
  const htlcs = untrimmedHtlcs(parameters, specification);
  const costSat = feePayerCostSat(parameters, specification);
  const ownerSat = payable(specification.ownerBalanceMsat, feePayer === 'owner' ? costSat : 0n);
  const otherSat = payable(specification.otherBalanceMsat, feePayer === 'other' ? costSat : 0n);
  const witnessScriptOf = htlcWitnessScripts(format, keys);
  const outputs: WantedOutput[] = htlcs.map((htlc) => {
    const witnessScript = witnessScriptOf(htlc);
    return {
      kind: htlc.offeredBy === 'owner' ? 'offered_htlc' : 'received_htlc',
      amountSat: htlc.amount_msat / 1000n,
      script: p2wsh(witnessScript),
      witnessScript,
      htlc,
    };
  });
  const toLocal = ownerSat >= dust_limit_satoshis;
  const toRemote = otherSat >= dust_limit_satoshis;
  if (toLocal) outputs.push({ ...scripts.to_local, amountSat: ownerSat });
  if (toRemote) outputs.push({ ...scripts.to_remote, amountSat: otherSat });
  if (format === 'option_anchors') {
    if (toLocal || htlcs.length > 0) outputs.push({ ...scripts.to_local_anchor, amountSat: ANCHOR_SAT });
    if (toRemote || htlcs.length > 0) outputs.push({ ...scripts.to_remote_anchor, amountSat: ANCHOR_SAT });
  }
  return outputs;
}

/** In whole satoshis; the cost is taken before rounding down, and not beyond zero. */
function payable(balanceMsat: bigint, costSat: bigint): bigint {
  const rest = balanceMsat - costSat * 1000n;
  return rest < 0n ? 0n : rest / 1000n;
}
