import { LOCKTIME_THRESHOLD } from '../../bitcoin/interpreter.ts';
import type { Transaction } from '../../bitcoin/transaction.ts';

const SEQUENCE_FINAL = 0xffff_ffff;
const SEQUENCE_DISABLED = 0x8000_0000;
const SEQUENCE_TIME = 0x0040_0000;
const SEQUENCE_MASK = 0x0000_ffff;
const TIME_UNIT_SECONDS = 512;

/** Whether the absolute lock is over in a block at `height`; `medianTimePast` is that of its parent (BIP 113). */
export function isFinal(tx: Transaction, height: number, medianTimePast: number): boolean {
  const now = tx.lockTime < LOCKTIME_THRESHOLD ? height : medianTimePast;
  return (
    tx.lockTime === 0 || tx.lockTime < now || tx.inputs.every(({ sequence }) => sequence === SEQUENCE_FINAL)
  );
}

export interface SpentAge {
  /** Of the block with the output; the height that the spending block would have where it is unconfirmed. */
  readonly height: number;
  /** Median time past of the block before the one with the output. */
  readonly medianTimePast: number;
}

/** BIP 68: whether every relative lock is over in a block at `height`. `ages` are those of the spent outputs, in order. */
export function relativeLocksOver(
  tx: Transaction,
  ages: readonly SpentAge[],
  height: number,
  medianTimePast: number,
): boolean {
  if (tx.version < 2) return true;
  return tx.inputs.every(({ sequence }, i) => {
    const age = ages[i];
    if (!age || sequence >= SEQUENCE_DISABLED) return true;
    const lock = sequence & SEQUENCE_MASK;
    return (sequence & SEQUENCE_TIME) !== 0
      ? medianTimePast >= age.medianTimePast + lock * TIME_UNIT_SECONDS
      : height >= age.height + lock;
  });
}
