import type { ShutdownFeatures } from '../../transactions/shutdown-script.ts';
import type { Funding } from '../../transactions/types.ts';
import type { ChannelTerms } from '../terms.ts';
import type { Side } from '../update.ts';

export interface ShutdownTerms {
  readonly terms: ChannelTerms;
  /** Negotiated by both sides. */
  readonly features: ShutdownFeatures;
}

/** Of a channel whose HTLCs are gone. */
export interface ClosingTerms extends ShutdownTerms {
  /** The one that is live: no splice is going on. */
  readonly funding: Funding;
  /** Of our `funding_pubkey` in it: 32 bytes. */
  readonly local_funding_privkey: Uint8Array;
  /** Before fees and anchors, as in a commitment's specification. */
  readonly balanceMsat: Readonly<Record<Side, bigint>>;
}

/** Where each side wants to be paid. */
export type ClosingScripts = Readonly<Record<Side, Uint8Array>>;
