/** What can be wrong with received bytes, and the rule of the BOLTs that each kind breaks. */
export const WIRE_RULES = {
  'wire.truncated':
    'BOLT 1, Lightning Message Format and Type-Length-Value Format: contents end before their length',
  'wire.non-minimal':
    'BOLT 1, Type-Length-Value Format and Fundamental Types: integers are minimally encoded',
  'wire.tlv-order': 'BOLT 1, Type-Length-Value Format: record types are strictly increasing',
  'wire.tlv-length': 'BOLT 1, Type-Length-Value Format: a record is exactly as long as its type requires',
  'wire.unknown-even-tlv':
    'BOLT 1, Type-Length-Value Format: a stream with an unknown even type fails to parse',
  'wire.bad-value': 'BOLT 1, Fundamental Types: the bytes are no value of this type',
} as const;

export type WireErrorCode = keyof typeof WIRE_RULES;

/** BOLT 1: a message fits a two-byte length, its type included. */
export const MAX_MESSAGE_BYTES = 65535;
