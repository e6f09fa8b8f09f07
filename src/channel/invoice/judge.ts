import { missingDependencies, unknownBits } from '../../wire/features.ts';
import { invoiceFault, type InvoiceFault } from './faults.ts';
import { fieldLetter } from './fields.ts';
import type { FieldName, InvoiceField } from './types.ts';

/** What is wrong with the fields of an invoice together. */
export function fieldFaults(fields: readonly InvoiceField[]): InvoiceFault[] {
  const count = (name: FieldName): number => fields.filter((field) => field.name === name).length;
  const faults: InvoiceFault[] = [];
  if (count('payment_hash') !== 1) {
    faults.push(invoiceFault('invoice.payment-hash', `${count('payment_hash')} valid p fields`));
  }
  if (count('payment_secret') === 0) faults.push(invoiceFault('invoice.payment-secret', 'no valid s field'));
  const [described, hashed] = [count('description') > 0, count('description_hash') > 0];
  if (described === hashed) {
    faults.push(
      invoiceFault(
        'invoice.description',
        described ? 'both a d and an h field' : 'neither a d nor an h field',
      ),
    );
  }
  for (const name of ONCE) {
    const message = `${count(name)} fields ${fieldLetter(name)}`;
    if (count(name) > 1) faults.push(invoiceFault('invoice.repeated-field', message));
  }
  const bits = fields.find((field) => field.name === 'features')?.value ?? [];
  return [...faults, ...featureFaults(new Set(bits))];
}

const ONCE: readonly FieldName[] = ['payment_secret', 'description', 'description_hash', 'expiry', 'payee'];

function featureFaults(bits: ReadonlySet<number>): InvoiceFault[] {
  const unknown = unknownBits(bits)
    .filter((bit) => bit % 2 === 0)
    .map((bit) => invoiceFault('invoice.unknown-even-feature', `feature bit ${bit} is unknown`));
  const missing = missingDependencies(bits).map(({ feature, dependency }) =>
    invoiceFault('invoice.feature-dependency', `${feature} without ${dependency}`),
  );
  return [...unknown, ...missing];
}
