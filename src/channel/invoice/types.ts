/** One channel on the way to the payee: an entry of an `r` field. */
export interface RoutingHintHop {
  /** The node at the start of the channel. */
  readonly pubkey: Uint8Array;
  readonly short_channel_id: string;
  readonly fee_base_msat: number;
  readonly fee_proportional_millionths: number;
  readonly cltv_expiry_delta: number;
}

/** An `f` field: `version` is a witness version from 0 to 16, 17 for a public key hash, 18 for a script hash. */
export interface FallbackAddress {
  readonly version: number;
  /** The witness program or the hash. */
  readonly program: Uint8Array;
}

/** What the tagged fields hold, by the names of BOLT 11. */
export interface FieldValues {
  readonly payment_hash: Uint8Array;
  readonly payment_secret: Uint8Array;
  readonly description: string;
  readonly payment_metadata: Uint8Array;
  /** Public key of the payee node. */
  readonly payee: Uint8Array;
  /** SHA-256 of a description that is elsewhere. */
  readonly description_hash: Uint8Array;
  /** Seconds; the field has no upper bound. */
  readonly expiry: bigint;
  /** Blocks; the field has no upper bound. */
  readonly min_final_cltv_expiry_delta: bigint;
  readonly fallback_address: FallbackAddress;
  /** First hop first, the payee after the last. */
  readonly routing_hint: readonly RoutingHintHop[];
  /** Feature bits, lowest first. */
  readonly features: readonly number[];
}

export type FieldName = keyof FieldValues;

/** A field that BOLT 11 defines and that can be read. */
export type KnownField = {
  readonly [N in FieldName]: {
    readonly name: N;
    readonly value: FieldValues[N];
    /** The 5-bit words of its data, where they are not those that the value is written with. */
    readonly words?: readonly number[];
  };
}[FieldName];

/** A field as its data: of an unknown type, or one to be skipped. */
export interface RawField {
  readonly name: undefined;
  /** 0 to 31. */
  readonly type: number;
  /** 5 bits each, at most 1023. */
  readonly words: readonly number[];
}

export type InvoiceField = KnownField | RawField;

/** What is signed. */
export interface UnsignedInvoice {
  /** The currency prefix of BIP 173: `bc`, `tb`, `tbs` or `bcrt`. */
  readonly currency: string;
  /** Left out where any amount may be paid. */
  readonly amount_msat?: bigint;
  /** The amount as the human-readable part has it (`2500u`), where that is not the shortest way to write `amount_msat`. */
  readonly amount?: string;
  /** Seconds since 1970, 35 bits. */
  readonly timestamp: number;
  /** In their order. */
  readonly fields: readonly InvoiceField[];
}
