import { BoltgridError } from '../core/error.ts';
import { codecOf } from './compile.ts';
import type { MessageTable } from './types.ts';

/** Definitions of one's own; what is left out is empty. */
export type MessageDefinitions = Partial<MessageTable>;

type Part = keyof MessageTable;
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- a part that defines nothing
interface Nothing {}
type Given<D, P extends Part> = D extends Record<P, infer V extends MessageTable[P]> ? V : Nothing;

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
  const table = { messages: {}, streams: {}, subtypes: {}, ...definitions } as unknown as TableOf<D> &
    MessageTable;
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
  const part = (name: Part): object => {
    const more = b[name] ?? {};
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
