import type { Situation } from '../situation.ts';

/** A connection over which init has gone both ways, as the channels with its peer use it. */
export interface PeerLink {
  readonly publicKey: Uint8Array;
  /** Of its init, both bitmaps combined. */
  readonly features: ReadonlySet<number>;
  situation(): Situation;
  /** Queues a message: what is sent first goes out first. */
  post(message: Uint8Array): void;
  close(): Promise<void>;
}
