import { sha256 } from '../../../bitcoin/hash.ts';
import { concat, toHex } from '../../../core/bytes.ts';

const NO_BASEPOINT = new Uint8Array(33);

/** BOLT 2, `channel_id`, v2: of both `revocation_basepoint`s, in whichever order they are given. */
export function channelIdOf(basepoints: readonly [Uint8Array, Uint8Array]): Uint8Array {
  const [a, b] = basepoints;
  return sha256(toHex(a) < toHex(b) ? concat(a, b) : concat(b, a));
}

/** Of `open_channel2`, whose sender does not know the other basepoint yet. */
export const temporaryChannelIdOf = (revocation_basepoint: Uint8Array): Uint8Array =>
  channelIdOf([NO_BASEPOINT, revocation_basepoint]);
