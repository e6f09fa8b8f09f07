import { BoltgridError } from '../core/error.ts';
import { WIRE_RULES, type WireErrorCode } from './errors.ts';

/**
 * Reads a message, or one TLV record of it, front to back. Every failure is a `BoltgridError` charged to the node, whose
 * `details` are the `path` of the field (`open_channel.tlvs.channel_type`), the `offset` in the message, and the `rule`.
 */
export class Reader {
  /** Where we are, for errors. Not unwound when something is thrown: then it says where that was. */
  readonly path: string[];
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #end: number;
  readonly #whenShort: WireErrorCode;
  #at: number;

  private constructor(
    path: string[],
    bytes: Uint8Array,
    view: DataView,
    at: number,
    end: number,
    whenShort: WireErrorCode,
  ) {
    this.path = path;
    this.#bytes = bytes;
    this.#view = view;
    this.#at = at;
    this.#end = end;
    this.#whenShort = whenShort;
  }

  static of(bytes: Uint8Array, name: string): Reader {
    // Never a Buffer, whose `slice` is no copy.
    const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return new Reader([name], plain, view, 0, bytes.length, 'wire.truncated');
  }

  get remaining(): number {
    return this.#end - this.#at;
  }

  get offset(): number {
    return this.#at;
  }

  /**
   * A reader of the next `length` bytes, which are stepped over here. To read past its end is `wire.tlv-length`, since it is the
   * record that is too short, not the message.
   */
  record(length: number): Reader {
    const at = this.#take(length);
    return new Reader(this.path, this.#bytes, this.#view, at, at + length, 'wire.tlv-length');
  }

  /** The next byte without stepping over it. */
  peek(): number {
    const byte = this.uint(1);
    this.#at--;
    return byte;
  }

  uint(width: 1 | 2 | 4): number {
    const at = this.#take(width);
    if (width === 1) return this.#view.getUint8(at);
    return width === 2 ? this.#view.getUint16(at) : this.#view.getUint32(at);
  }

  int(width: 1 | 2 | 4): number {
    const at = this.#take(width);
    if (width === 1) return this.#view.getInt8(at);
    return width === 2 ? this.#view.getInt16(at) : this.#view.getInt32(at);
  }

  uint64(): bigint {
    return this.#view.getBigUint64(this.#take(8));
  }

  int64(): bigint {
    return this.#view.getBigInt64(this.#take(8));
  }

  /** A copy, so that what is decoded does not change with the buffer it came from. */
  bytes(length: number): Uint8Array {
    const at = this.#take(length);
    return this.#bytes.slice(at, at + length);
  }

  fail(code: WireErrorCode, message: string, offset = this.#at): never {
    const path = this.path.join('.');
    throw new BoltgridError(code, 'node', `${path} at byte ${offset}: ${message}`, {
      details: { path, offset, rule: WIRE_RULES[code] },
    });
  }

  #take(length: number): number {
    const at = this.#at;
    if (length > this.#end - at) {
      this.fail(this.#whenShort, `${length} bytes are needed, ${this.#end - at} are left`);
    }
    this.#at = at + length;
    return at;
  }
}
