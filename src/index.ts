/** What a suite, in this repository or in another, may import. */
export { suite, type SuiteOptions, type SuiteVocabulary } from './suite/suite.ts';
export type {
  CaseOptions,
  ChainMode,
  ChainVerbs,
  Evidence,
  NodeControl,
  PairContext,
  SeenTransaction,
  SubjectContext,
  Suite,
  TestCase,
  WaitOptions,
} from './suite/types.ts';
export type {
  ClosedWith,
  FeatureChange,
  Listener,
  Peer,
  PeerOptions,
  RawLink,
  ReceivedMessage,
  StepOptions,
} from './peer/types.ts';
export type { Acceptance, BlockContents, ReorgOptions } from './chain/chain.ts';
export type {
  AcceptOptions,
  Changes,
  ChannelWatch,
  EstablishOptions,
  Forward,
  NewHtlc,
  OpenOptions,
  PayloadEdit,
  PayOptions,
  PeerChannel,
  Refused,
  RefusalOptions,
  Removed,
  ReturnedFailure,
  SettleOptions,
  WatchedChannel,
  WatchOptions,
} from './peer/channel/types.ts';
export type { Message } from './channel/state/step.ts';
export type { Command } from './channel/engine/perform.ts';
export { channelType } from './channel/state/open/channel-type.ts';
export { commitmentOf, type Commitments } from './channel/state/commitments.ts';
export { signCommitment, signHtlcs } from './channel/transactions/signatures.ts';
export { parseInvoice } from './channel/invoice/decode.ts';
export { encodeInvoice, signWith } from './channel/invoice/encode.ts';
export type { InvoiceField, UnsignedInvoice } from './channel/invoice/types.ts';
export { encodeFailure, FAILURE_FLAGS, failureCode } from './channel/onion/failure.ts';
export { makeOnion } from './channel/onion/make.ts';
export { decodePayload, encodePayload, type PaymentPayload } from './channel/onion/payload.ts';
export type { Peeled } from './channel/onion/peel.ts';
export { createFailure, readFailure } from './channel/onion/returned.ts';
export { makeTransaction } from './bitcoin/transaction.ts';
export { p2tr, p2wpkh, p2wsh } from './bitcoin/output.ts';
export type { Transaction, TransactionInput, TransactionOutput } from './bitcoin/transaction.ts';
export { concat, EMPTY, equalBytes, fromHex, toHex } from './core/bytes.ts';
export { BoltgridError } from './core/error.ts';
export type { OperationName, OperationNeed, OperationParams, OperationResult } from './nodes/operations.ts';
export type { OwnRequirement, OwnRequirements } from './spec/own.ts';
export type { Level, Verdict } from './core/verdict.ts';
export { defaultCrypto } from './crypto/crypto.ts';
export { encodeNonce, encryptFrame } from './noise/cipher.ts';
export { initiator, responder, type HandshakeDone } from './noise/handshake.ts';
export { withBadKey, withBadTag, withFlippedBit, withVersion } from './noise/malformed.ts';
export { bolts, type Bolts } from './wire/bolts.ts';
export { decodeMessage, encodeMessage } from './wire/codec.ts';
export { defineMessages, mergeMessages, type MessageDefinitions } from './wire/define.ts';
export {
  combineFeatures,
  encodeFeatures,
  featureBits,
  FEATURES,
  FEATURE_NAMES,
  hasFeature,
  missingDependencies,
  pairsWithBothBits,
  unknownBits,
  type FeatureName,
} from './wire/features.ts';
export type { Malformation, RawRecord } from './wire/malformed.ts';
export type {
  DecodedMessage,
  KnownMessage,
  MessageDefinition,
  MessageFields,
  MessageName,
  MessageTable,
} from './wire/types.ts';
