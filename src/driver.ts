/**
 * For driver programs: speaks the driver protocol on standard input and output, so that a driver is a table of operations.
 * docs/decisions/0002-driver-protocol.md describes the protocol for other languages.
 */
import { z } from 'zod';
import { messageOf } from './core/error.ts';
import {
  MAX_LINE_BYTES,
  request,
  START,
  startParams,
  startResult,
  type DriverLine,
  type DriverRequest,
  type StartParams,
  type StartResult,
} from './nodes/driver-protocol.ts';
import {
  isOperation,
  OPERATIONS,
  type ControlOperation,
  type OperationErrorCode,
  type OperationParams,
  type OperationResult,
} from './nodes/operations.ts';
import { LineSplitter } from './runtime/lines.ts';

export type { StartParams, StartResult } from './nodes/driver-protocol.ts';
export type {
  Channel,
  ControlOperation,
  Decoded,
  FinishedPayment,
  Forward,
  OperationParams,
  OperationResult,
  Payment,
  PendingHtlc,
} from './nodes/operations.ts';

// What a driver needs that has to be a wallet, or to follow the chain, for its node.
export { fromHex, toHex } from './core/bytes.ts';
export { messageOf } from './core/error.ts';
export { nobleCurve as curve } from './crypto/curve-noble.ts';
export { hash160, sha256 } from './bitcoin/hash.ts';
export { RpcClient, satOf } from './chain/rpc-client.ts';
export { addressOfScript, scriptOfAddress } from './bitcoin/output.ts';
export { SIGHASH_ALL, segwitV0Sighash } from './bitcoin/sighash.ts';
export { isCoinbase, makeTransaction, outpoint, parseTransaction } from './bitcoin/transaction.ts';
export type {
  Transaction,
  TransactionInput,
  TransactionOutput,
  TransactionParts,
} from './bitcoin/transaction.ts';

export type Handler<O extends ControlOperation> = (params: OperationParams<O>) => Promise<OperationResult<O>>;
export type Handlers = { readonly [O in ControlOperation]?: Handler<O> };

export interface DriverNode extends StartResult {
  readonly operations: Handlers;
  /** The input has ended: put the state on disk. The process is ended when it resolves, or after three seconds. */
  stop(): Promise<void>;
}

/** Thrown by a handler; anything else that it throws is told as `internal`. */
export class OperationError extends Error {
  override readonly name = 'OperationError';
  readonly code: OperationErrorCode;

  constructor(code: OperationErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

const STOP_MS = 3000;

/**
 * Serves one node until the input ends. `start` is called once, with a function to call whenever the node's state may have
 * changed. Standard output belongs to the protocol from here on: whatever else the process prints goes to standard error.
 */
export function runDriver(start: (params: StartParams, changed: () => void) => Promise<DriverNode>): void {
  const write = takeOutput();
  const send = (line: DriverLine): void => {
    write(`${JSON.stringify(line)}\n`);
  };
  let node: DriverNode | undefined;
  const answer = async ({ op, params }: DriverRequest): Promise<unknown> => {
    if (op !== START) return perform(node, op, params);
    if (node) throw new OperationError('rejected', 'already started');
    const changed = oncePerTurn(() => {
      send({ event: 'changed' });
    });
    node = await start(startParams.parse(params), changed);
    return startResult.parse({
      publicKey: node.publicKey,
      host: node.host,
      port: node.port,
      reported: node.reported,
    });
  };
  const input = new LineSplitter(
    MAX_LINE_BYTES,
    (line) => {
      const message = request.parse(JSON.parse(line));
      answer(message).then(
        (result) => {
          send({ id: message.id, result });
        },
        (error: unknown) => {
          send({ id: message.id, error: toWire(error) });
        },
      );
    },
    () => {
      process.exit(64);
    },
  );
  process.stdin.on('data', (chunk: Buffer) => {
    input.push(chunk);
  });
  // The parent closed it, or died: a node never outlives the run that started it.
  process.stdin.on('close', () => {
    setTimeout(() => process.exit(1), STOP_MS);
    void (node?.stop() ?? Promise.resolve()).then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(`stopping failed: ${messageOf(error)}`);
        process.exit(1);
      },
    );
  });
}

async function perform(node: DriverNode | undefined, op: string, params: unknown): Promise<unknown> {
  if (!node) throw new OperationError('not-ready', 'not started');
  const handler =
    isOperation(op) && OPERATIONS[op].by === 'control' ? node.operations[op as ControlOperation] : undefined;
  if (!isOperation(op) || !handler) throw new OperationError('internal', `the driver has no operation ${op}`);
  const decoded = z.decode(OPERATIONS[op].params, params as never);
  const result = await (handler as (params: unknown) => Promise<unknown>)(decoded);
  return z.encode(OPERATIONS[op].result as z.ZodType, result);
}

function toWire(error: unknown): { code: OperationErrorCode; message: string } {
  if (error instanceof OperationError) return { code: error.code, message: error.message };
  console.error(error instanceof Error ? error.stack : messageOf(error));
  return { code: 'internal', message: messageOf(error) };
}

/** Keeps standard output for the protocol and sends everything else that is printed to standard error. */
function takeOutput(): (text: string) => void {
  const { stdout, stderr } = process;
  const write = stdout.write.bind(stdout);
  stdout.write = stderr.write.bind(stderr);
  console.log = console.error;
  console.info = console.error;
  console.debug = console.error;
  stdout.on('error', () => process.exit(1)); // Nobody reads any more.
  return (text) => {
    write(text);
  };
}

/** Many changes in one turn of the event loop are one notification. */
function oncePerTurn(notify: () => void): () => void {
  let due = false;
  return () => {
    if (due) return;
    due = true;
    setImmediate(() => {
      due = false;
      notify();
    });
  };
}
