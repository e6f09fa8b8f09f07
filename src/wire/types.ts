import type { Bolts } from './bolts.ts';

/**
 * Fields in the order of the specification: name → type, both exactly as the BOLT writes them. A type is a fundamental type of
 * BOLT 1 (`u16`, `point`), a subtype, a TLV stream, or an array of those: `32*byte`, `len*byte` (as many as the field `len`
 * says), `...*byte` (up to the end of the TLV record).
 */
export type FieldDefinitions = Readonly<Record<string, string>>;

export interface MessageDefinition {
  readonly type: number;
  readonly data: FieldDefinitions;
}

/** Records by name, in order of their type. */
export type TlvStreamDefinition = Readonly<Record<string, MessageDefinition>>;

/** Everything a codec needs to know: plain data. The BOLTs' own is `bolts`. */
export interface MessageTable {
  readonly messages: Readonly<Record<string, MessageDefinition>>;
  readonly streams: Readonly<Record<string, TlvStreamDefinition>>;
  readonly subtypes: Readonly<Record<string, FieldDefinitions>>;
}

/** One half of `sciddir_or_pubkey` (BOLT 1): 0 is `node_id_1` of that channel's announcement, 1 is `node_id_2`. */
export interface ScidDirection {
  readonly direction: 0 | 1;
  readonly short_channel_id: string;
}

/** What the fundamental types of BOLT 1 are in TypeScript. */
export interface Fundamental {
  byte: number;
  u8: number;
  u16: number;
  u32: number;
  u64: bigint;
  s8: number;
  s16: number;
  s32: number;
  s64: bigint;
  tu16: number;
  tu32: number;
  tu64: bigint;
  bigsize: bigint;
  chain_hash: Uint8Array;
  channel_id: Uint8Array;
  sha256: Uint8Array;
  'sha256[..4]': Uint8Array;
  signature: Uint8Array;
  bip340sig: Uint8Array;
  point: Uint8Array;
  /** `539268x845x1`: block, transaction index, output index. */
  short_channel_id: string;
  /** 33 bytes where it is a point. */
  sciddir_or_pubkey: Uint8Array | ScidDirection;
}

/** A record whose type the table does not know. */
export interface TlvRecord {
  readonly type: bigint;
  readonly value: Uint8Array;
}

/** The extension of a message that has no TLV stream of its own (BOLT 1, Lightning Message Format). */
export interface UnknownRecords {
  readonly unknown?: readonly TlvRecord[];
}

type Single<T extends string, M extends MessageTable> = T extends keyof Fundamental
  ? Fundamental[T]
  : T extends keyof M['subtypes']
    ? StructValue<M['subtypes'][T], M>
    : T extends StreamName<M>
      ? TlvStream<M, T>
      : T extends `tlv_${infer S extends StreamName<M>}`
        ? TlvStream<M, S>
        : never;

type Repeated<T extends string, M extends MessageTable> = T extends 'byte'
  ? Uint8Array
  : T extends 'utf8'
    ? string
    : readonly Single<T, M>[];

type FieldValue<T extends string, M extends MessageTable> = string extends T
  ? unknown
  : T extends `${string}*${infer E}`
    ? Repeated<E, M>
    : Single<T, M>;

/** Names of the fields that only say how long another one is (`len` of `len*byte`). */
type LengthName<D extends FieldDefinitions> = {
  [K in keyof D]: D[K] extends `${infer L}*${string}` ? L : never;
}[keyof D];

/** The values of a list of fields. Length fields are derived from what they count, so they are not among the values. */
export type StructValue<D extends FieldDefinitions, M extends MessageTable> = {
  readonly [K in keyof D as K extends LengthName<D> ? never : K]: FieldValue<D[K], M>;
};

export type StreamName<M extends MessageTable> = keyof M['streams'] & string;

/**
 * The records of a stream: each known one under its name as an object of its fields (`{}` when it has none), absent ones left
 * out; records of unknown type, in order, under `unknown`, which is left out when there are none.
 */
export type TlvStream<M extends MessageTable, S extends StreamName<M>> = string extends S
  ? Readonly<Record<string, unknown>>
  : { readonly [K in keyof M['streams'][S]]?: StructValue<M['streams'][S][K]['data'], M> } & UnknownRecords;

export type MessageName<M extends MessageTable> = keyof M['messages'] & string;

type Extension<D extends FieldDefinitions> = string extends keyof D
  ? unknown
  : D extends { readonly tlvs: string }
    ? unknown
    : { readonly tlvs?: UnknownRecords };

/**
 * The fields of a message by the BOLT's names. Integers up to 32 bits are numbers, wider ones bigint, byte strings Uint8Array.
 * `tlvs` is required where the BOLT defines a stream for the message, and optional elsewhere, for unknown records. Of a table whose
 * definitions are not known to the compiler, any fields.
 */
export type MessageFields<M extends MessageTable, N extends MessageName<M>> = StructValue<
  M['messages'][N]['data'],
  M
> &
  Extension<M['messages'][N]['data']>;

/** The length fields of a message, which are not among its values. */
export type MessageLengths<M extends MessageTable, N extends MessageName<M>> = LengthName<
  M['messages'][N]['data']
> &
  keyof M['messages'][N]['data'];

export interface KnownMessage<M extends MessageTable, N extends MessageName<M>> {
  readonly name: N;
  readonly type: M['messages'][N]['type'];
  readonly fields: MessageFields<M, N>;
  /** Type and payload, as received. */
  readonly raw: Uint8Array;
}

/** A message whose type the table does not know. */
export interface UnknownMessage {
  readonly name: undefined;
  readonly type: number;
  readonly payload: Uint8Array;
  readonly raw: Uint8Array;
}

/** Narrow it by `name`. */
export type DecodedMessage<M extends MessageTable = Bolts> =
  { readonly [N in MessageName<M>]: KnownMessage<M, N> }[MessageName<M>] | UnknownMessage;
