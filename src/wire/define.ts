import { BoltgridError } from '../core/error.ts';
import { codecOf } from './compile.ts';
import type { MessageTable } from './types.ts';

/** Definitions of one's own; what is left out is empty. */
export type MessageDefinitions = Partial<MessageTable>;

/** A part that defines nothing. */
const NOTHING = {};

const EMPTY_TABLE: MessageTable = { messages: NOTHING, streams: NOTHING, subtypes: NOTHING };

type Part = keyof MessageTable;
type Given<D, P extends Part> = D extends Record<P, infer V extends MessageTable[P]> ? V : typeof NOTHING;

/** Definitions with every part. */
export type TableOf<D extends MessageDefinitions> = Record<'messages', Given<D, 'messages'>> &
  Record<'streams', Given<D, 'streams'>> &
  Record<'subtypes', Given<D, 'subtypes'>>;

/** Two tables as one. */
export type Merged<A extends MessageTable, B extends MessageDefinitions> = {
  readonly [P in Part]: A[P] & Given<B, P>;
};

/**
 * A table of its own, checked at once: throws `wire.bad-definition` (harness) where it makes no sense.
 *
 *     const mine = defineMessages({ messages: { hello: { type: 32769, data: { len: 'u16', text: 'len*byte' } } } });
 */
export function defineMessages<const D extends MessageDefinitions>(definitions: D): TableOf<D> {
  onlyParts(definitions);
  const table = { ...EMPTY_TABLE, ...definitions } as unknown as TableOf<D> & MessageTable;
  codecOf(table);
  return table;
}

/**
 * The messages of both, for a peer that speaks more than the BOLTs. The second may use the first's streams and subtypes. Throws
 * `wire.bad-definition` (harness) when a name or a type number is given twice.
 *
 *     const table = mergeMessages(bolts, mine);
 */
export function mergeMessages<A extends MessageTable, const B extends MessageDefinitions>(
  a: A,
  b: B,
): Merged<A, B> {
  onlyParts(b);
  const part = (name: Part): object => {
    const more = b[name] ?? NOTHING;
    const twice = Object.keys(more).find((key) => Object.hasOwn(a[name], key));
    if (twice !== undefined) {
      throw new BoltgridError(
        'wire.bad-definition',
        'harness',
        `${twice} is defined twice among the ${name}`,
      );
    }
    return { ...a[name], ...more };
  };
  const table = {
    messages: part('messages'),
    streams: part('streams'),
    subtypes: part('subtypes'),
  } as unknown as Merged<A, B> & MessageTable;
  codecOf(table);
  return table;
}

function onlyParts(definitions: MessageDefinitions): void {
  const stray = Object.keys(definitions).find((name) => !Object.hasOwn(EMPTY_TABLE, name));
  if (stray !== undefined) {
    const parts = Object.keys(EMPTY_TABLE).join(', ');
    throw new BoltgridError('wire.bad-definition', 'harness', `a table has ${parts}, not ${stray}`);
  }
}
