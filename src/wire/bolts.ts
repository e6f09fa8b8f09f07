import { bolt01 } from './bolt01.ts';
import { bolt02Close } from './bolt02-close.ts';
import { bolt02InteractiveTx } from './bolt02-interactive-tx.ts';
import { bolt02Open } from './bolt02-open.ts';
import { bolt02Operation } from './bolt02-operation.ts';
import { bolt02Splice } from './bolt02-splice.ts';
import { bolt04 } from './bolt04.ts';
import { bolt07 } from './bolt07.ts';
import { bolt12 } from './bolt12.ts';
import type { MessageTable } from './types.ts';

/** Every message, TLV stream and subtype of the BOLTs. */
export const bolts = {
  messages: {
    ...bolt01.messages,
    ...bolt02InteractiveTx.messages,
    ...bolt02Open.messages,
    ...bolt02Splice.messages,
    ...bolt02Close.messages,
    ...bolt02Operation.messages,
    ...bolt04.messages,
    ...bolt07.messages,
  },
  streams: {
    ...bolt01.streams,
    ...bolt02InteractiveTx.streams,
    ...bolt02Open.streams,
    ...bolt02Splice.streams,
    ...bolt02Close.streams,
    ...bolt02Operation.streams,
    ...bolt04.streams,
    ...bolt07.streams,
    ...bolt12.streams,
  },
  subtypes: {
    ...bolt02InteractiveTx.subtypes,
    ...bolt04.subtypes,
    ...bolt07.subtypes,
    ...bolt12.subtypes,
  },
} as const satisfies MessageTable;

export type Bolts = typeof bolts;
