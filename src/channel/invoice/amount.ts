import { invoiceFault, type InvoiceFault } from './faults.ts';

/** BOLT 11, Human-Readable Part: millisatoshis in one unit of each multiplier, largest first; ten `p` are one. */
const MULTIPLIERS: readonly (readonly [string, bigint])[] = [
  ['', 100_000_000_000n],
  ['m', 100_000_000n],
  ['u', 100_000n],
  ['n', 100n],
];

const PICO_PER_MSAT = 10n;

/** The shortest way to write an amount. */
export function formatAmount(amount_msat: bigint): string {
  const exact = MULTIPLIERS.find(([, unit]) => amount_msat % unit === 0n);
  if (exact === undefined) return `${amount_msat * PICO_PER_MSAT}p`;
  const [letter, unit] = exact;
  return `${amount_msat / unit}${letter}`;
}

export interface ReadAmount {
  /** `undefined` where it is no whole number of millisatoshis. */
  readonly amount_msat?: bigint;
  readonly faults: readonly InvoiceFault[];
}

export function parseAmount(text: string): ReadAmount {
  const [, digits, multiplier] = /^(\d+)([munp]?)$/.exec(text) ?? [];
  if (digits === undefined)
    return { faults: [invoiceFault('invoice.amount', `the amount is ${text.slice(0, 40)}`)] };
  const count = BigInt(digits);
  if (multiplier === 'p' && count % PICO_PER_MSAT !== 0n) {
    return { faults: [invoiceFault('invoice.sub-millisatoshi', `the amount is ${text.slice(0, 40)}`)] };
  }
  const unit = MULTIPLIERS.find(([letter]) => letter === multiplier)?.[1];
  const amount_msat = unit === undefined ? count / PICO_PER_MSAT : count * unit;
  return { amount_msat, faults: formFaults(text, amount_msat) };
}

function formFaults(text: string, amount_msat: bigint): InvoiceFault[] {
  if (text.startsWith('0'))
    return [invoiceFault('invoice.amount-form', `the amount is ${text.slice(0, 40)}`)];
  const shortest = formatAmount(amount_msat);
  if (shortest === text) return [];
  return [invoiceFault('invoice.amount-length', `${text.slice(0, 40)} could be ${shortest.slice(0, 40)}`)];
}
