import { BoltgridError, type Blame, type ErrorDetails } from '../core/error.ts';
import type { OperationErrorCode } from './operations.ts';

const BLAME: Readonly<Record<OperationErrorCode, Blame>> = {
  rejected: 'node',
  'not-ready': 'node',
  timeout: 'node',
  'not-offered': 'harness',
  internal: 'harness',
};

/** `node.<code>`, charged to whom that code charges, however the node is asked. */
export const operationError = (
  code: OperationErrorCode,
  message: string,
  more?: ErrorDetails,
): BoltgridError => new BoltgridError(`node.${code}`, BLAME[code], message, more);
