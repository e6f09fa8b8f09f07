import type { Rules } from '../../../src/reference/rules.ts';
import { CONTROL_RULES } from '../../../src/reference/rules/control.ts';

/** Longer than the pongs of a barrier, which tells that the node serves at all. */
const LONG = 64;

/** Once something has struck it, the node's longer pongs are a byte short, whoever asks. */
export function shortPongsAfter(
  change: (strike: () => void) => (rules: Rules) => Rules,
): (rules: Rules) => Rules {
  return (rules) => {
    let struck = false;
    const strike = (): void => {
      struck = true;
    };
    const changed = change(strike)(rules);
    const ping: Rules['control']['ping'] = ({ num_pong_bytes, ignored }, situation) => {
      const missing = struck && num_pong_bytes >= LONG ? 1 : 0;
      return CONTROL_RULES.ping({ num_pong_bytes: num_pong_bytes - missing, ignored }, situation);
    };
    return { ...changed, control: { ...changed.control, ping } };
  };
}
