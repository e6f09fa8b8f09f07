import { toHex } from '../../../src/core/bytes.ts';
import type { Rules } from '../../../src/reference/rules.ts';
import { CONTROL_RULES } from '../../../src/reference/rules/control.ts';

/** Longer than the pongs of a barrier, which tells that the node serves at all. */
const LONG = 64;

/** Once something has struck the node, its longer pongs are a byte short for every peer that it knew by then. */
export function shortPongsAfter(
  change: (strike: () => void) => (rules: Rules) => Rules,
): (rules: Rules) => Rules {
  return (rules) => {
    const greeted = new Set<string>();
    const victims = new Set<string>();
    const { init, control, ...rest } = change(() => {
      for (const key of greeted) victims.add(key);
    })(rules);
    return {
      ...rest,
      init: {
        ...init,
        greeting: (message, situation) => {
          greeted.add(toHex(situation.peer.publicKey));
          return init.greeting(message, situation);
        },
      },
      control: {
        ...control,
        ping: ({ num_pong_bytes, ignored }, situation) => {
          const isShort = num_pong_bytes >= LONG && victims.has(toHex(situation.peer.publicKey));
          return CONTROL_RULES.ping(
            { num_pong_bytes: num_pong_bytes - (isShort ? 1 : 0), ignored },
            situation,
          );
        },
      },
    };
  };
}
