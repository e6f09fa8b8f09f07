import type { Funding } from '../transactions/types.ts';
import type { SharesMsat } from './ledger.ts';
import type { Side } from './update.ts';

/** A funding output whose commitments are signed with every change: a channel with a splice that is not locked has several. */
export interface LiveFunding {
  readonly funding: Funding;
  readonly shares: SharesMsat;
  /** What each side has to keep where a splice made it; else what the other side declared holds. */
  readonly channel_reserve_satoshis?: Readonly<Record<Side, bigint>>;
  readonly local_funding_privkey: Uint8Array;
  readonly remote_funding_pubkey: Uint8Array;
  /** Of our latest commitment, as the remote gave them; absent before the first. */
  readonly remoteSignatures?: RemoteSignatures;
}

/** 64 bytes each. */
interface RemoteSignatures {
  readonly signature: Uint8Array;
  readonly htlc_signature: readonly Uint8Array[];
}
