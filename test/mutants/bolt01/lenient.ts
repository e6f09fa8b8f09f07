import { isBoltgridError, type BoltgridError } from '../../../src/core/error.ts';
import type { Rules } from '../../../src/reference/rules.ts';
import { MESSAGE_RULES } from '../../../src/reference/rules/messages.ts';
import { bolts } from '../../../src/wire/bolts.ts';
import type { WireErrorCode } from '../../../src/wire/errors.ts';
import { encodeMessage, messageName } from '../../../src/wire/codec.ts';
import type { DecodedMessage } from '../../../src/wire/types.ts';
import { changed } from '../mutant.ts';

const LENGTH_BYTES = 2;

/** Of an init whose records are wrong, the part before them. */
function withoutRecords(init: Uint8Array): Uint8Array {
  const lengthAt = (at: number): number => ((init[at] ?? 0) << 8) | (init[at + 1] ?? 0);
  const features = 2 + LENGTH_BYTES + lengthAt(2);
  return init.slice(0, features + LENGTH_BYTES + lengthAt(features));
}

export const typeOf = (message: Uint8Array): number => ((message[0] ?? 0) << 8) | (message[1] ?? 0);

/** Where in a message it does not decode: `init.tlvs.networks`. */
export const pathOf = ({ details }: BoltgridError): string => String(details.path);

/** Reads an init in which the records, or the one named, break this rule as if it had none. */
export const forgivingInit = (code: WireErrorCode, record = ''): ((rules: Rules) => Rules) =>
  changed('messages', {
    decode: (message) => {
      try {
        return MESSAGE_RULES.decode(message);
      } catch (error) {
        const ofInit = messageName(bolts, typeOf(message)) === 'init';
        if (!ofInit || !isBoltgridError(error) || error.code !== code || !pathOf(error).includes(record))
          throw error;
        return MESSAGE_RULES.decode(withoutRecords(message));
      }
    },
  });

/** Takes some messages for malformed ones. */
export const refusingMessages = (
  isRefused: (message: DecodedMessage) => boolean,
): ((rules: Rules) => Rules) =>
  changed('messages', {
    decode: (raw) => {
      const message = MESSAGE_RULES.decode(raw);
      return isRefused(message) ? MESSAGE_RULES.decode(bogus) : message;
    },
  });

/** An error message cut short: fails to decode. */
const bogus = encodeMessage(bolts, 'error', {
  channel_id: new Uint8Array(32),
  data: new Uint8Array(1),
}).slice(0, 9);
