import type { Message } from '../../../src/channel/state/step.ts';
import type { Rules } from '../../../src/reference/rules.ts';
import { CHANNEL_RULES } from '../../../src/reference/rules/channels.ts';
import { channelRules } from './edits.ts';

/** It does not want a channel that the BOLTs give it no reason to refuse. */
export const refusing = <N extends 'open_channel' | 'accept_channel'>(
  name: N,
  isUnwanted: (fields: Message<N>['fields']) => boolean,
): ((rules: Rules) => Rules) =>
  channelRules({
    refusals: (message, channel, situation) =>
      message.name === name && isUnwanted(message.fields as Message<N>['fields'])
        ? ['not to our liking']
        : CHANNEL_RULES.refusals(message, channel, situation),
  });
