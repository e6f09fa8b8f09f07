import { toHex } from '../../src/core/bytes.ts';
import type { Rules } from '../../src/reference/rules.ts';
import { CONTROL_RULES } from '../../src/reference/rules/control.ts';
import type { ControlRules } from '../../src/reference/rules/control.ts';
import { encodeMessage } from '../../src/wire/codec.ts';
import { bolts } from '../../src/wire/bolts.ts';
import { IGNORE, send } from '../../src/reference/situation.ts';
import { shortPongsAfter } from './bolt01/aftermath.ts';
import { changed, type Mutant } from './mutant.ts';

type Ping = ControlRules['ping'];

const pongOf = (ignored: Uint8Array) => send(encodeMessage(bolts, 'pong', { ignored }));

const answering = (ping: Ping) => changed('control', { ping });

/** Answers all pings of a peer but every tenth. */
function forgetful(rules: Rules): Rules {
  const pings = new Map<string, number>();
  return answering((ping, situation) => {
    const key = toHex(situation.peer.publicKey);
    const number = (pings.get(key) ?? 0) + 1;
    pings.set(key, number);
    return number % 10 === 0 ? IGNORE : CONTROL_RULES.ping(ping, situation);
  })(rules);
}

/** Once a pong came that was not asked for, its own are a byte short. */
const thrownByPongs = shortPongsAfter((strike) =>
  changed('control', {
    pong: () => {
      strike();
      return IGNORE;
    },
  }),
);

export const mutants: readonly Mutant[] = [
  {
    name: 'pong-one-byte-short',
    breaks: 'bolt01-ping-08',
    kills: ['bolt01/ping#asked-length'],
    change: answering(({ num_pong_bytes, ignored }, situation) =>
      CONTROL_RULES.ping(
        { num_pong_bytes: num_pong_bytes === 65_531 ? 65_530 : num_pong_bytes, ignored },
        situation,
      ),
    ),
  },
  {
    name: 'pong-of-at-most-a-byte-of-length',
    breaks: 'bolt01-ping-08',
    kills: ['bolt01/ping#asked-length[past-a-byte]', 'bolt01/ping#asked-length[largest]'],
    change: answering(({ num_pong_bytes, ignored }, situation) =>
      CONTROL_RULES.ping({ num_pong_bytes: num_pong_bytes & 0xff, ignored }, situation),
    ),
  },
  {
    name: 'pong-where-none-is-asked',
    breaks: 'bolt01-ping-09',
    kills: ['bolt01/ping#no-answer-asked'],
    change: answering(({ num_pong_bytes }) => pongOf(new Uint8Array(Math.min(num_pong_bytes, 65_531)))),
  },
  {
    name: 'pong-from-used-memory',
    breaks: 'bolt01-ping-06',
    kills: ['bolt01/ping#zeros'],
    change: answering((ping, situation) =>
      ping.num_pong_bytes < 65_532
        ? pongOf(new Uint8Array(ping.num_pong_bytes).fill(0xaa))
        : CONTROL_RULES.ping(ping, situation),
    ),
  },
  {
    name: 'ping-with-bytes-unanswered',
    breaks: 'bolt01-ping-01',
    kills: ['bolt01/ping#ignored-bytes'],
    change: answering((ping, situation) =>
      ping.ignored.length > 30 ? IGNORE : CONTROL_RULES.ping(ping, situation),
    ),
  },
  {
    name: 'every-tenth-ping-unanswered',
    breaks: 'bolt01-ping-01',
    kills: ['bolt01/ping#in-order'],
    change: forgetful,
  },
  {
    name: 'thrown-by-a-stray-pong',
    breaks: 'bolt01-ping-08',
    kills: ['bolt01/ping#stray-pong'],
    change: thrownByPongs,
  },
];
