import { expect, expectTypeOf, test } from 'vitest';
import { EMPTY } from '../../src/core/bytes.ts';
import { bolts, type Bolts } from '../../src/wire/bolts.ts';
import { decodeMessage, encodeMessage } from '../../src/wire/codec.ts';
import { defineMessages, mergeMessages } from '../../src/wire/define.ts';
import { malformed } from '../../src/wire/malformed.ts';
import type {
  DecodedMessage,
  MessageFields,
  MessageName,
  MessageTable,
  ScidDirection,
  StructValue,
  TlvRecord,
  TlvStream,
  UnknownMessage,
  UnknownRecords,
} from '../../src/wire/types.ts';

// What is said here about types is checked by `npm run check:types`; the bodies only have to run.

type Flat<T> = { [K in keyof T]: T[K] };

test('fields have the types of BOLT 1, and no length fields', () => {
  expectTypeOf<Flat<MessageFields<Bolts, 'ping'>>>().toEqualTypeOf<{
    readonly num_pong_bytes: number;
    readonly ignored: Uint8Array;
    readonly tlvs?: UnknownRecords;
  }>();
  expectTypeOf<Flat<MessageFields<Bolts, 'update_add_htlc'>>['amount_msat']>().toEqualTypeOf<bigint>();
  expectTypeOf<
    MessageFields<Bolts, 'splice_init'>['funding_contribution_satoshis']
  >().toEqualTypeOf<bigint>();
  expectTypeOf<MessageFields<Bolts, 'channel_update'>['short_channel_id']>().toEqualTypeOf<string>();
  expectTypeOf<MessageFields<Bolts, 'commitment_signed'>['htlc_signature']>().toEqualTypeOf<
    readonly Uint8Array[]
  >();
  expectTypeOf<MessageFields<Bolts, 'tx_signatures'>['witnesses']>().toEqualTypeOf<
    readonly { readonly witness_data: Uint8Array }[]
  >();
  expectTypeOf<
    'num_htlcs' extends keyof MessageFields<Bolts, 'commitment_signed'> ? 1 : 0
  >().toEqualTypeOf<0>();
});

test('TLV records are optional objects of their fields', () => {
  type Init = MessageFields<Bolts, 'init'>['tlvs'];
  expectTypeOf<Flat<Init>>().toEqualTypeOf<{
    readonly networks?: { readonly chains: readonly Uint8Array[] };
    readonly remote_addr?: { readonly data: Uint8Array };
    readonly unknown?: readonly TlvRecord[];
  }>();
  type Payload = TlvStream<Bolts, 'payload'>;
  expectTypeOf<NonNullable<Payload['payment_data']>>().toEqualTypeOf<{
    readonly payment_secret: Uint8Array;
    readonly total_msat: bigint;
  }>();
  expectTypeOf<NonNullable<Payload['outgoing_cltv_value']>['outgoing_cltv_value']>().toEqualTypeOf<number>();
  type Path = StructValue<Bolts['subtypes']['blinded_path'], Bolts>;
  expectTypeOf<Path['first_node_id']>().toEqualTypeOf<Uint8Array | ScidDirection>();
  expectTypeOf<NonNullable<TlvStream<Bolts, 'onionmsg_tlv'>['invoice']>['inv']>().toEqualTypeOf<
    TlvStream<Bolts, 'invoice'>
  >();
  expectTypeOf<NonNullable<TlvStream<Bolts, 'offer'>['offer_description']>>().toEqualTypeOf<{
    readonly description: string;
  }>();
});

test('a decoded message is narrowed by its name', () => {
  const message = decodeMessage(bolts, Uint8Array.of(0, 19, 0, 0));
  if (message.name === 'pong') {
    expectTypeOf(message.type).toEqualTypeOf<19>();
    expectTypeOf(message.fields.ignored).toEqualTypeOf<Uint8Array>();
  } else if (message.name === undefined) {
    expectTypeOf(message).toEqualTypeOf<UnknownMessage>();
  }
  expect(message.name).toBe('pong');
  expectTypeOf<DecodedMessage['name']>().toEqualTypeOf<MessageName<Bolts> | undefined>();
  // As the scripted peer narrows it.
  expectTypeOf<
    (DecodedMessage & { readonly name: 'init' })['fields']['features']
  >().toEqualTypeOf<Uint8Array>();
});

test('what is misspelt, missing or of another type does not compile', () => {
  const attempts = [
    // @ts-expect-error -- a field that is not there
    () => encodeMessage(bolts, 'pong', { ignored: EMPTY, ignord: EMPTY }),
    // @ts-expect-error -- a length field is derived
    () => encodeMessage(bolts, 'pong', { ignored: EMPTY, byteslen: 0 }),
    // @ts-expect-error -- a missing field
    () => encodeMessage(bolts, 'ping', { ignored: EMPTY }),
    // @ts-expect-error -- tlvs are asked for where the BOLT defines them
    () => encodeMessage(bolts, 'init', { globalfeatures: EMPTY, features: EMPTY }),
    // @ts-expect-error -- a record that is not there
    () => encodeMessage(bolts, 'init', { globalfeatures: EMPTY, features: EMPTY, tlvs: { network: {} } }),
    // @ts-expect-error -- a number where the field has 64 bits
    () => encodeMessage(bolts, 'tx_remove_input', { channel_id: new Uint8Array(32), serial_id: 1 }),
    // @ts-expect-error -- no such message
    () => encodeMessage(bolts, 'pingg', { ignored: EMPTY }),
    // @ts-expect-error -- no such length field
    () => malformed(bolts, 'pong', { ignored: EMPTY }, { lengths: { len: 1 } }),
  ];
  for (const attempt of attempts) expect(attempt).toThrow();
});

test('messages of one’s own are typed alike, alone and beside the BOLTs’', () => {
  const mine = defineMessages({
    messages: { greeting: { type: 32769, data: { len: 'u16', text: 'len*utf8', at: 'place' } } },
    subtypes: { place: { x: 's16', y: 's16' } },
  });
  expectTypeOf<MessageName<typeof mine>>().toEqualTypeOf<'greeting'>();
  const both = mergeMessages(bolts, mine);
  const fields = { text: 'grüezi', at: { x: -1, y: 1 } };
  expectTypeOf<Flat<MessageFields<typeof both, 'greeting'>>>().toEqualTypeOf<{
    readonly text: string;
    readonly at: { readonly x: number; readonly y: number };
    readonly tlvs?: UnknownRecords;
  }>();
  expectTypeOf<MessageFields<typeof both, 'ping'>>().toEqualTypeOf<MessageFields<Bolts, 'ping'>>();
  const decoded = decodeMessage(both, encodeMessage(both, 'greeting', fields));
  if (decoded.name === 'greeting') expectTypeOf(decoded.fields.at.x).toEqualTypeOf<number>();
  expect(decoded).toMatchObject({ name: 'greeting', fields });
});

test('generic code works on any table', () => {
  const again = <M extends MessageTable, N extends MessageName<M>>(
    table: M,
    name: N,
    fields: MessageFields<M, N>,
  ): DecodedMessage<M> => decodeMessage(table, encodeMessage(table, name, fields));
  expect(again(bolts, 'pong', { ignored: EMPTY })).toMatchObject({ name: 'pong' });
});
