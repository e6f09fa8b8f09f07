import { BoltgridError } from '../core/error.ts';
import { nearest } from '../core/text.ts';
import { arrayOf, BYTES, countedField, fixedArray, restOf, TEXT, type Sequence } from './array.ts';
import { FUNDAMENTAL, type Codec } from './fundamental.ts';
import { structCodec, type CountedField, type Field, type StructCodec } from './struct.ts';
import { streamCodec } from './tlv.ts';
import type { FieldDefinitions, MessageTable, TlvStreamDefinition } from './types.ts';

export interface MessageCodec {
  readonly name: string;
  readonly type: number;
  readonly fields: StructCodec;
}

export interface TableCodec {
  readonly byName: ReadonlyMap<string, MessageCodec>;
  readonly byType: ReadonlyMap<number, MessageCodec>;
  readonly streams: ReadonlyMap<string, Codec>;
}

const compiled = new WeakMap<MessageTable, TableCodec>();

/** The codec of a table, made once. Throws `wire.bad-definition` (harness) where the definitions make no sense. */
export function codecOf(table: MessageTable): TableCodec {
  let codec = compiled.get(table);
  if (codec === undefined) {
    codec = new Compiler(table).compile();
    compiled.set(table, codec);
  }
  return codec;
}

/** Types of which a length field can be. */
const LENGTH_TYPES: readonly string[] = ['byte', 'u8', 'u16', 'u32'];

/** Where fields stand: it decides whether the last one may take all that is left, and whether an extension follows. */
type Place = 'message' | 'record' | 'subtype';

class Compiler {
  readonly #table: MessageTable;
  readonly #streams = new Map<string, Codec>();
  readonly #subtypes = new Map<string, Codec>();
  /** What is being compiled, outermost first: a type within itself has no end. */
  readonly #open: string[] = [];

  constructor(table: MessageTable) {
    this.#table = table;
  }

  compile(): TableCodec {
    for (const name of Object.keys(this.#table.subtypes)) this.#named(name);
    for (const name of Object.keys(this.#table.streams)) this.#named(name);
    const messages = Object.entries(this.#table.messages).map(([name, { type, data }]) => {
      if (!Number.isInteger(type) || type < 0 || type > 0xffff) bad(name, `${type} is no message type`);
      return { name, type, fields: structCodec(this.#fields(name, data, 'message')) };
    });
    return {
      byName: new Map(messages.map((message) => [message.name, message])),
      byType: unique(messages, 'messages'),
      streams: this.#streams,
    };
  }

  #fields(owner: string, data: FieldDefinitions, place: Place): Field[] {
    const fields: Field[] = [];
    const names = Object.keys(data);
    for (const [i, [name, type]] of Object.entries(data).entries()) {
      const where = `${owner}.${name}`;
      if (/^\d+$/.test(name)) bad(where, 'a number as a name would change the order of the fields');
      const field = this.#field(where, name, type);
      if (field.kind === 'counted') replaceLength(where, fields, field);
      const unbounded = field.kind === 'plain' && field.codec.unbounded === true;
      const allowed =
        i === names.length - 1 && (place === 'record' || (place === 'message' && name === 'tlvs'));
      if (unbounded && !allowed)
        bad(where, `nothing can follow ${type}, and only a TLV record tells where it ends`);
      if (place === 'message' && name === 'tlvs' && !this.#isStream(type))
        bad(where, 'tlvs are a TLV stream');
      fields.push(field);
    }
    // BOLT 1, Lightning Message Format: any message may end in an extension.
    if (place === 'message' && !names.includes('tlvs')) {
      fields.push({ kind: 'plain', name: 'tlvs', codec: streamCodec([]), optional: true });
    }
    return fields;
  }

  #field(where: string, name: string, type: string): Field {
    const [, count, element] = /^([^*]+)\*([^*]+)$/.exec(type) ?? [];
    if (count === undefined || element === undefined) {
      return { kind: 'plain', name, codec: this.#named(type, where), optional: false };
    }
    const sequence = this.#sequence(where, element);
    if (count === '...') return { kind: 'plain', name, codec: restOf(sequence), optional: false };
    if (!/^\d+$/.test(count)) return countedField(name, count, sequence);
    if (Number(count) === 0) bad(where, 'an array of nothing');
    return { kind: 'plain', name, codec: fixedArray(sequence, Number(count)), optional: false };
  }

  #sequence(where: string, element: string): Sequence {
    if (element === 'byte') return BYTES;
    if (element === 'utf8') return TEXT;
    const codec = this.#named(element, where);
    if (codec.unbounded === true) bad(where, `${element} has no end of its own, so it cannot be repeated`);
    return arrayOf(codec);
  }

  /** A type by its name: fundamental, subtype, stream, or `tlv_` and a stream's name (BOLT 4 writes `tlv_invoice`). */
  #named(type: string, where = type): Codec {
    if (Object.hasOwn(FUNDAMENTAL, type)) return FUNDAMENTAL[type as keyof typeof FUNDAMENTAL];
    const ready = this.#subtypes.get(type) ?? this.#streams.get(type);
    if (ready !== undefined) return ready;
    if (this.#open.includes(type)) bad(where, `${[...this.#open, type].join(' in ')}: a type within itself`);
    this.#open.push(type);
    const codec = this.#define(type, where);
    this.#open.pop();
    return codec;
  }

  #define(type: string, where: string): Codec {
    const { subtypes, streams } = this.#table;
    if (Object.hasOwn(subtypes, type)) {
      const fields = this.#fields(type, subtypes[type] ?? {}, 'subtype');
      if (fields.length === 0) bad(type, 'a subtype without fields');
      return remember(this.#subtypes, type, structCodec(fields));
    }
    if (Object.hasOwn(streams, type))
      return remember(this.#streams, type, this.#stream(type, streams[type] ?? {}));
    const plain = type.replace(/^tlv_/, '');
    if (plain !== type && Object.hasOwn(streams, plain)) return this.#named(plain, where);
    const known = [...Object.keys(FUNDAMENTAL), ...Object.keys(subtypes), ...Object.keys(streams)];
    const meant = nearest(type, known);
    return bad(where, `unknown type ${type}${meant === undefined ? '' : `; is ${meant} meant?`}`);
  }

  #stream(owner: string, records: TlvStreamDefinition): Codec {
    const known = Object.entries(records).map(([name, { type, data }]) => {
      if (name === 'unknown') bad(owner, 'the name `unknown` is taken by records of unknown type');
      if (!Number.isSafeInteger(type) || type < 0) bad(`${owner}.${name}`, `${type} is no record type`);
      const struct = structCodec(this.#fields(`${owner}.${name}`, data, 'record'));
      return { name, type: BigInt(type), struct };
    });
    unique(known, owner);
    return streamCodec(known);
  }

  #isStream(type: string): boolean {
    return Object.hasOwn(this.#table.streams, type);
  }
}

/** The field that gives the number of `counted` has been compiled as a value: make it a length field. */
function replaceLength(where: string, fields: Field[], counted: CountedField): void {
  const at = fields.findIndex(({ name }) => name === counted.length);
  const length = fields[at];
  if (length === undefined) bad(where, `its length field ${counted.length} does not come before it`);
  const isLengthType =
    length.kind === 'plain' && LENGTH_TYPES.some((type) => isFundamental(length.codec, type));
  if (!isLengthType)
    bad(where, `${counted.length} cannot be its length: lengths are ${LENGTH_TYPES.join(', ')}`);
  fields[at] = { kind: 'length', name: length.name, codec: length.codec, target: counted };
}

const isFundamental = (codec: Codec, type: string): boolean =>
  codec === FUNDAMENTAL[type as keyof typeof FUNDAMENTAL];

function remember(known: Map<string, Codec>, name: string, codec: Codec): Codec {
  known.set(name, codec);
  return codec;
}

function unique<T extends number | bigint, D extends { readonly name: string; readonly type: T }>(
  definitions: readonly D[],
  owner: string,
): Map<T, D> {
  const byType = new Map<T, D>();
  for (const definition of definitions) {
    const other = byType.get(definition.type);
    if (other)
      bad(owner, `${other.name} and ${definition.name} have the same type ${definition.type.toString()}`);
    byType.set(definition.type, definition);
  }
  return byType;
}

function bad(where: string, message: string): never {
  throw new BoltgridError('wire.bad-definition', 'harness', `${where}: ${message}`, {
    details: { path: where },
  });
}
