import { toHex } from '../../core/bytes.ts';
import { bolts } from '../../wire/bolts.ts';
import type { Bolts } from '../../wire/bolts.ts';
import { encodeMessage } from '../../wire/codec.ts';
import type { MessageFields } from '../../wire/types.ts';
import type { Action, Situation } from '../situation.ts';
import { IGNORE, log, send } from '../situation.ts';

type Fields<N extends 'ping' | 'pong' | 'error' | 'warning'> = MessageFields<Bolts, N>;

/** BOLT 1, "The `ping` and `pong` Messages": from here on a ping asks for no answer. */
const NO_PONG = 65_532;

/** BOLT 1, "Control Messages" and "The `error` and `warning` Messages". */
export interface ControlRules {
  /** A pong of the asked length, of zeros; nothing where 65532 bytes or more are asked (bolt01-ping-01, -06 to -09). */
  ping(ping: Fields<'ping'>, situation: Situation): readonly Action[];
  /** One that answers none of our pings may close the connection (bolt01-ping-10); we go on. */
  pong(pong: Fields<'pong'>, situation: Situation): readonly Action[];
  /** Our own ping (bolt01-ping-02, -03). */
  ownPing(situation: Situation): Fields<'ping'>;
  /** We have no channel, so it is logged and ignored, whatever its channel_id (bolt01-error-warning-12, -13, -16). */
  error(error: Fields<'error'>, text: string, situation: Situation): readonly Action[];
  /** Logged, and nothing else (bolt01-error-warning-14, -16). */
  warning(warning: Fields<'warning'>, text: string, situation: Situation): readonly Action[];
  /** `data` of an error or warning as `text` for the log: verbatim only where all of it is printable ASCII (bolt01-error-warning-17). */
  printable(data: Uint8Array): string;
}

export const CONTROL_RULES: ControlRules = {
  ping: ({ num_pong_bytes }) =>
    num_pong_bytes < NO_PONG
      ? send(encodeMessage(bolts, 'pong', { ignored: new Uint8Array(num_pong_bytes) }))
      : IGNORE,
  pong: () => IGNORE,
  ownPing: () => ({ num_pong_bytes: 1, ignored: new Uint8Array(1) }),
  error: (_error, text) => log(`error from the peer: ${text}`),
  warning: (_warning, text) => log(`warning from the peer: ${text}`),
  printable: (data) =>
    data.every((byte) => byte >= 32 && byte <= 126)
      ? Buffer.from(data).toString('latin1')
      : `0x${toHex(data)}`,
};
