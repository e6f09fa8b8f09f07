import type { Chain } from '../chain/chain.ts';
import { fromHex } from '../core/bytes.ts';
import { FEATURES } from '../wire/features.ts';
import type { NodeLook } from './gossip.ts';
import type { Rules } from './rules.ts';
import { DEFAULT_RULES } from './rules.ts';

export interface ReferenceOptions {
  /** All of the node's keys follow from it. */
  readonly seed: string;
  readonly rules?: Rules;
  /** Where its channels are funded. Without one it has no channels, and refuses those that peers open. */
  readonly chain?: Chain;
  /** Feature bits that it offers and understands: all that it can do when not given. */
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

export type Settings = Required<Omit<ReferenceOptions, 'keepAliveMs' | 'chain'>> &
  Pick<ReferenceOptions, 'keepAliveMs' | 'chain'>;

/** All optional: `gossip_queries`, `option_provide_storage`, and all that is ASSUMED. */
const FEATURES_WITHOUT_CHAIN: readonly number[] = [1, 7, 9, 13, 15, 43, 45];

/** And what channels and payments need, but for zeroconf, which calls for trust. */
const FEATURES_WITH_CHAIN: readonly number[] = [
  ...FEATURES_WITHOUT_CHAIN,
  ...(
    [
      'option_upfront_shutdown_script',
      'basic_mpp',
      'option_support_large_channel',
      'option_anchors',
      'option_shutdown_anysegwit',
      'option_scid_alias',
      'option_simple_close',
    ] as const
  ).map((name) => FEATURES[name].even + 1),
];

const REGTEST = fromHex('06226e46111a0b59caaf126043eb5bbf28c34f3a5e332a1fc7b2b73cf188910f');

const DEFAULT_LOOK: NodeLook = { alias: 'boltgrid reference', color: '49daaa' };

export const settingsOf = (options: ReferenceOptions): Settings => ({
  rules: DEFAULT_RULES,
  features: options.chain ? FEATURES_WITH_CHAIN : FEATURES_WITHOUT_CHAIN,
  host: '127.0.0.1',
  port: 0,
  chainHash: REGTEST,
  look: DEFAULT_LOOK,
  now: () => Math.floor(Date.now() / 1000),
  ...options,
});
