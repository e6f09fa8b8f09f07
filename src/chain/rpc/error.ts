/** bitcoind's error codes (`src/rpc/protocol.h`), as far as they are used here. */
export const RPC = {
  invalidRequest: -32_600,
  methodNotFound: -32_601,
  parseError: -32_700,
  misc: -1,
  type: -3,
  invalidAddressOrKey: -5,
  invalidParameter: -8,
  walletNotFound: -18,
  deserialization: -22,
  verifyError: -25,
  verifyRejected: -26,
  alreadyInUtxoSet: -27,
  shuttingDown: -28,
} as const;

/** What a method answers instead of a result. */
export class RpcError extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}
