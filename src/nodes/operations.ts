import { z } from 'zod';
import type * as v from './operation-values.ts';
import { chainOperations } from './operations/chain.ts';
import { channelsOperations } from './operations/channels.ts';
import { nodeOperations } from './operations/node.ts';
import { paymentsOperations } from './operations/payments.ts';
import { peersOperations } from './operations/peers.ts';
import type { OperationShape } from './operations/shape.ts';

/**
 * The control operations: everything that boltgrid can ask of a node, whatever the implementation.
 *
 * Each has a params schema, a result schema and a deadline; its comment says when it is complete and what a second call does.
 * Amounts are bigint in TypeScript and decimal strings on the wire. Every operation can fail with one of `OPERATION_ERRORS`.
 */

/**
 * - `rejected`: the node understood and refused (no route, no such channel, funds missing)
 * - `not-ready`: it would work later (the peer is not connected, the chain is not followed yet)
 * - `timeout`: not complete within the deadline
 * - `not-offered`: the node has no such option of the operation, or not with this value: a case that did not declare its need is
 *   at fault
 * - `internal`: the control path itself broke: never the node's departure from a BOLT
 */
export const OPERATION_ERRORS = ['rejected', 'not-ready', 'timeout', 'not-offered', 'internal'] as const;
export type OperationErrorCode = (typeof OPERATION_ERRORS)[number];

export const OPERATIONS = {
  ...nodeOperations,
  ...chainOperations,
  ...peersOperations,
  ...channelsOperations,
  ...paymentsOperations,
} as const satisfies Record<string, OperationShape>;

export type OperationName = keyof typeof OPERATIONS;

/** As TypeScript sees them: amounts are bigint. */
export type OperationParams<O extends OperationName> = z.output<(typeof OPERATIONS)[O]['params']>;
export type OperationResult<O extends OperationName> = z.output<(typeof OPERATIONS)[O]['result']>;

export const OPERATION_NAMES = Object.keys(OPERATIONS) as readonly OperationName[];

/** Operations that a manifest gives the control for. */
export type ControlOperation = {
  [O in OperationName]: (typeof OPERATIONS)[O]['by'] extends 'control' ? O : never;
}[OperationName];

export const isControlOperation = (name: OperationName): name is ControlOperation =>
  OPERATIONS[name].by === 'control';

/** What a call may leave out: `open.announce`. */
export type OperationOption = {
  [O in OperationName]: `${O}.${OptionalKey<OperationParams<O>>}`;
}[OperationName];

type OptionalKey<P> = { [K in keyof P]-?: undefined extends P[K] ? K : never }[keyof P] & string;

export const OPERATION_OPTIONS = OPERATION_NAMES.flatMap((operation) =>
  Object.entries(OPERATIONS[operation].params.shape as Readonly<Record<string, z.ZodType>>)
    .filter(([, type]) => type instanceof z.ZodOptional)
    .map(([option]) => `${operation}.${option}`),
) as readonly OperationOption[];

/** An operation, or an option of one (and with it the operation). */
export type OperationNeed = OperationName | OperationOption;

export const OPERATION_NEEDS: readonly OperationNeed[] = [...OPERATION_NAMES, ...OPERATION_OPTIONS];

/** The operation of `open.announce`, and of `open`. */
export const operationOf = (need: OperationNeed): OperationName => need.split('.', 1)[0] as OperationName;

export const isOperation = (name: string): name is OperationName => Object.hasOwn(OPERATIONS, name);

export type Channel = z.output<typeof v.channel>;
export type Payment = z.output<typeof v.payment>;
export type FinishedPayment = z.output<typeof v.finishedPayment>;
export type PendingHtlc = z.output<typeof v.pendingHtlc>;
export type Forward = z.output<typeof v.forward>;
export type Decoded = z.output<typeof v.decoded>;
