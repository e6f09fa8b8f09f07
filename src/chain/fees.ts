/** The feerate that the chain's users go by: what estimatesmartfee answers, and what the world's own payments pay. */
export interface FeeSource {
  satPerKvb: bigint;
}
