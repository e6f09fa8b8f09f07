import { fromHex } from '../core/bytes.ts';
import type { NodeLook } from './gossip.ts';
import type { Rules } from './rules.ts';
import { DEFAULT_RULES } from './rules.ts';

export interface ReferenceOptions {
  /** All of the node's keys follow from it. */
  readonly seed: string;
  readonly rules?: Rules;
  /** Feature bits that it offers and understands: `DEFAULT_FEATURES` when not given. */
  readonly features?: readonly number[];
  /** Loopback when not given. */
  readonly host?: string;
  /** A free one when not given. */
  readonly port?: number;
  /** As in messages, 32 bytes; regtest when not given. */
  readonly chainHash?: Uint8Array;
  readonly look?: NodeLook;
  /** How often it pings; never when not given. */
  readonly keepAliveMs?: number;
  /** UNIX seconds; of its first announcements. The system's time when not given. */
  readonly now?: () => number;
}

export type Settings = Required<Omit<ReferenceOptions, 'keepAliveMs'>> &
  Pick<ReferenceOptions, 'keepAliveMs'>;

/** What it does by now, all optional: `gossip_queries`, `option_provide_storage`, and all that is ASSUMED. */
const DEFAULT_FEATURES: readonly number[] = [1, 7, 9, 13, 15, 43, 45];

const REGTEST = fromHex('06226e46111a0b59caaf126043eb5bbf28c34f3a5e332a1fc7b2b73cf188910f');

const DEFAULT_LOOK: NodeLook = { alias: 'boltgrid reference', color: '49daaa' };

export const settingsOf = (options: ReferenceOptions): Settings => ({
  rules: DEFAULT_RULES,
  features: DEFAULT_FEATURES,
  host: '127.0.0.1',
  port: 0,
  chainHash: REGTEST,
  look: DEFAULT_LOOK,
  now: () => Math.floor(Date.now() / 1000),
  ...options,
});
