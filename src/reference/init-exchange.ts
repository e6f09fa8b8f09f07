import { bolts } from '../wire/bolts.ts';
import { encodeMessage } from '../wire/codec.ts';
import type { DecodedMessage } from '../wire/types.ts';
import type { Rules } from './rules.ts';
import type { InitFields } from './rules/init.ts';
import type { Action, Situation } from './situation.ts';
import { close } from './situation.ts';

const INIT_TYPE = 16;

/** What is sent once the handshake is over. */
export function greeting({ init }: Rules, situation: Situation): readonly Uint8Array[] {
  const fields = init.own(situation, init.remoteAddress(situation.peer));
  return init.greeting(encodeMessage(bolts, 'init', fields), situation);
}

/** What becomes of a message that arrives before init was accepted: the init itself, or what to do instead. */
export type FirstMessage =
  | { readonly accepted: InitFields; readonly features: ReadonlySet<number> }
  | { readonly accepted?: never; readonly actions: readonly Action[] };

export function readFirstMessage(rules: Rules, raw: Uint8Array, situation: Situation): FirstMessage {
  let message: DecodedMessage;
  try {
    message = rules.messages.decode(raw);
  } catch (error) {
    const type = ((raw[0] ?? 0) << 8) | (raw[1] ?? 0);
    if (type === INIT_TYPE) return { actions: rules.messages.malformed(error as Error, raw, situation) };
    message = { name: undefined, type, payload: raw.subarray(2), raw };
  }
  if (message.name !== 'init') return { actions: rules.init.beforeInit(message, situation) };
  const features = rules.init.combine(message.fields);
  const objection = objectionTo(rules, message.fields, features, situation);
  return objection === undefined ? { accepted: message.fields, features } : { actions: close(objection) };
}

function objectionTo(
  { init }: Rules,
  fields: InitFields,
  features: ReadonlySet<number>,
  situation: Situation,
): string | undefined {
  for (const bit of features) {
    if (init.knows(bit, situation)) continue;
    const judgement = init.isCompulsory(bit, features)
      ? init.unknownCompulsory(bit)
      : init.unknownOptional(bit);
    if (judgement === 'refuse') return `feature bit ${bit} is not understood`;
  }
  if (init.dependencies(features) === 'refuse') return 'a feature is offered without one that it depends on';
  if (init.networks(fields.tlvs.networks?.chains, situation) === 'refuse') return 'no chain in common';
  return undefined;
}
