import { OperationError } from 'boltgrid/driver';

/** Says which options are not offered, instead of passing over them. */
export function refuse(options: object, why: string): void {
  const given = Object.entries(options).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  if (given.length > 0) throw new OperationError('not-offered', `${given.join(', ')}: ${why}`);
}
