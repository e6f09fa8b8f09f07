import * as ldk from 'ldk-0.1.2';
import { satOf, type RpcClient } from 'boltgrid/driver';
import { z } from 'zod';
import { keep } from './ldk.ts';

/** LDK's floor, a little more than 1 sat/vB. */
const FLOOR_PER_KW = 253;
/** What a peer's feerate may come to before dust is at stake: 50 sat/vB, as in LDK's sample node. */
const MAXIMUM_ESTIMATE_PER_KW = 12_500;

const estimate = z.object({ feerate: z.union([z.string(), z.number()]).optional() });

/** One feerate for what the node itself pays: the chain backend's estimate, or what `setFeerate` put in its place. */
export class Fees {
  readonly estimator: ldk.FeeEstimator;
  readonly #chain: RpcClient;
  #estimate = FLOOR_PER_KW;
  #override: number | undefined;

  constructor(chain: RpcClient) {
    this.#chain = chain;
    this.estimator = keep(
      ldk.FeeEstimator.new_impl({
        get_est_sat_per_1000_weight: (target) => {
          switch (target) {
            case ldk.ConfirmationTarget.LDKConfirmationTarget_MaximumFeeEstimate:
              return Math.max(this.perKw, MAXIMUM_ESTIMATE_PER_KW);
            // What a peer may come down to: its own estimate of the same regtest chain may be the floor.
            case ldk.ConfirmationTarget.LDKConfirmationTarget_MinAllowedAnchorChannelRemoteFee:
            case ldk.ConfirmationTarget.LDKConfirmationTarget_MinAllowedNonAnchorChannelRemoteFee:
              return FLOOR_PER_KW;
            default:
              return this.perKw;
          }
        },
      }),
    );
  }

  get perKw(): number {
    return Math.max(FLOOR_PER_KW, this.#override ?? this.#estimate);
  }

  set(perKw: number): void {
    this.#override = perKw;
  }

  async refresh(): Promise<void> {
    const { feerate } = await this.#chain.call('estimatesmartfee', [6], estimate);
    // Per 1000 vbytes; without a feerate bitcoind has no estimate yet.
    if (feerate !== undefined) this.#estimate = Math.round(Number(satOf(feerate)) / 4);
  }
}
