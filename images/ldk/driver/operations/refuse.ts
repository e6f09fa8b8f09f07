import { OperationError } from 'boltgrid/driver';

/** No option is passed over in silence: what node.json does not declare in `lacks`, and a handler does not read, is refused here. */
export function refuse(options: object): void {
  const given = Object.entries(options).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  if (given.length > 0)
    throw new OperationError('not-offered', `nothing is done here with ${given.join(', ')}`);
}
