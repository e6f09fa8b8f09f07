import * as ldk from 'ldk-0.1.2';
import { enumWord, keep } from './ldk.ts';

/** An onion error as LDK reads it, before it reduces it to an event that lacks the code. */
export interface OnionError {
  readonly erringNode: string;
  readonly failureCode: number;
}

/** From LDK's `onion_utils`: `Onion Error[from 02ab…: temporary_channel_failure(0x1007)] …`. */
const ONION_ERROR = /^Onion Error\[from ([0-9a-f]{66}): \w+\(0x([0-9a-f]+)\)/;

/** LDK's own log, from `debug` up, on standard error. */
export function makeLogger(onOnionError: (error: OnionError) => void): ldk.Logger {
  return keep(
    ldk.Logger.new_impl({
      log(record) {
        const level = record.get_level();
        if (level < ldk.Level.LDKLevel_Debug) return;
        const text = record.get_args();
        const [, erringNode, code] = ONION_ERROR.exec(text) ?? [];
        if (erringNode !== undefined && code !== undefined) {
          onOnionError({ erringNode, failureCode: parseInt(code, 16) });
        }
        const word = enumWord(ldk.Level, level).toUpperCase();
        console.error(`${word} ${record.get_module_path()}:${record.get_line()} ${text}`);
      },
    }),
  );
}
