import { BoltgridError } from '../../core/error.ts';

/** A value that has no place in the form of an invoice. */
export const badValue = (message: string): BoltgridError =>
  new BoltgridError('channel.invoice-value', 'harness', message);
