import type { Transaction } from '../bitcoin/transaction.ts';
import type { Acceptance, BlockContents, ReorgOptions } from '../chain/chain.ts';
import type { CaseId, CellKind } from '../core/ids.ts';
import type { RunningNode } from '../nodes/node.ts';
import type { OperationName, OperationNeed, OperationParams, OperationResult } from '../nodes/operations.ts';
import type { OwnRequirements } from '../spec/own.ts';
import type { RequirementId } from '../spec/requirement.ts';
import type { Bolts } from '../wire/bolts.ts';
import type { FeatureName } from '../wire/features.ts';
import type { MessageTable } from '../wire/types.ts';
import type { Sighting } from '../peer/shared.ts';
import type { Peer, PeerOptions, RawLink, Listener } from '../peer/types.ts';

/** How a case treats the chain; decides what may run beside it. See docs/decisions/0001-architecture.md. */
export type ChainMode = 'none' | 'confirm' | 'owns';

/** What a case needs of the node; decided before the case starts, as `unsupported` or `undrivable`. */
export interface Needs {
  /** Features that the node must offer in its own init: names of BOLT 9, or a bit of those that it does not list. */
  readonly features?: readonly (FeatureName | number)[];
  /** Control operations that the case calls, and options of them that it gives: `open`, `open.announce`. In a pair, of either node. */
  readonly ops?: readonly OperationNeed[];
  /** In a pair, those that the case calls of one side only. */
  readonly opsOf?: Readonly<Partial<Record<'a' | 'b', readonly OperationNeed[]>>>;
  readonly profile?: string;
  /** Pings that one connection must have answered, where they are many: a node may bound how many it answers in a second. */
  readonly pings?: number;
  /**
   * That the node's wallet has coins, in a case that touches no chain: it may keep some in reserve for a channel with anchors, its own
   * or a peer's. Where the chain is touched, it always has.
   */
  readonly coins?: boolean;
}

export interface CaseOptions<P> extends Needs {
  /** A sentence in the third person: "answers with the asked length". */
  readonly title: string;
  readonly chain: ChainMode;
  /**
   * Every requirement that the case judges. The first one is the case's own: a step that fails without naming a requirement
   * (a missing answer, an unexpected close) is charged to it. The case's level is the strongest among them.
   */
  readonly requirements: readonly [RequirementId, ...RequirementId[]];
  /** One run per entry; the key goes into the case id: `slug[key]`. The case counts once. */
  readonly each?: Readonly<Record<string, P>>;
  /** Earlier ids of this case, so that `diff` follows a rename. */
  readonly formerly?: readonly CaseId[];
  /** For the whole case; 30 s when not given, 90 s with `chain: 'confirm'` and 120 s with `owns`. */
  readonly deadlineMs?: number;
}

export interface Evidence {
  readonly expected?: unknown;
  readonly got?: unknown;
  /** A few words on what was looked at, where expected and got do not say it. */
  readonly note?: string;
}

/** What every case body gets, whatever its kind. */
export interface CommonContext {
  /**
   * Judges one requirement. A broken `must` ends the case; a broken `should` is noted and the case goes on; for a `may` it
   * only notes what was observed. Throws `suite.undeclared-requirement` (harness) when the case did not declare the id.
   */
  readonly check: (requirement: RequirementId, ok: boolean, evidence?: Evidence) => void;
  /** Waits until `read` gives a value that `until` accepts; looks again whenever a node says that something changed. */
  readonly eventually: <T>(
    what: string,
    read: () => Promise<T>,
    until: (value: T) => boolean,
    options?: WaitOptions,
  ) => Promise<T>;
  /** 32 bytes that depend only on the run's seed, the case, the attempt and `label`. */
  readonly secret: (label: string) => Uint8Array;
  readonly chain: ChainVerbs;
  /** Aborted when the case must end. */
  readonly signal: AbortSignal;
}

export interface WaitOptions {
  readonly withinMs?: number;
  /** Charged when the wait fails; the case's own requirement when not given. */
  readonly requirement?: RequirementId;
}

/** The chain of the case's world. A verb that the case's mode does not have ends the case with `suite.chain-mode`. */
export interface ChainVerbs {
  /** Of the newest block. In every mode. */
  height(): Promise<number>;

  /* `confirm` and `owns`: nothing about heights. */

  /** Makes sure that the transaction has `confirmations` (1) and that every node of the world has seen the block. */
  confirm(txid: string, confirmations?: number): Promise<void>;
  /** Signs a transaction whose first output pays an address or script from the world's own coins; `broadcast` sends it. */
  fund(target: string | Uint8Array, amountSat: bigint): Promise<Transaction>;
  /** `fund` and `broadcast`; returns the txid. */
  pay(target: string | Uint8Array, amountSat: bigint): Promise<string>;
  /** Hands a transaction to the mempool; one that is known already is fine. Rejects with `chain.rejected`, `details.reason` bitcoind's. */
  broadcast(transaction: Transaction): Promise<void>;
  /** What `broadcast` would say of each if those before it were there; nothing is sent. */
  testAccept(...transactions: readonly Transaction[]): Promise<readonly Acceptance[]>;
  /** Of the active chain or the mempool. */
  transaction(txid: string): Promise<SeenTransaction | undefined>;
  /** An output of such a transaction, how deep it is, and its short_channel_id. */
  sight(txid: string, vout: number): Promise<Sighting | undefined>;
  /** The transaction, in the mempool or in a block, that spends an output; `undefined` while none does. */
  spender(txid: string, vout: number): Promise<SeenTransaction | undefined>;
  /** Waits for it. Mines nothing: where a node waits for blocks before it spends, `mine` first. */
  spenderOf(txid: string, vout: number, options?: SpenderOptions): Promise<SeenTransaction>;

  /* `owns`. */

  /** Mines and waits until every node that is up reports the height. `transactions`: `mempool` when not given. */
  mine(blocks: number, transactions?: BlockContents): Promise<void>;
  /**
   * Abandons the newest `depth` blocks for a branch that is longer, by one block when not given, and waits until every node that is
   * up reports its height.
   */
  reorg(depth: number, options?: ReorgOptions): Promise<void>;
}

interface SpenderOptions extends WaitOptions {
  /** In words, for the step: `the commitment's HTLC output`. */
  readonly what?: string;
}

/** A transaction and where it is. */
export interface SeenTransaction extends Transaction {
  /** 0 while it waits in the mempool. */
  readonly confirmations: number;
  readonly blockHeight?: number;
  /** Position in its block. */
  readonly index?: number;
}

export interface SubjectContext extends CommonContext {
  /** A fresh key, the handshake, and init in both directions. The transcript is kept. */
  readonly connect: <M extends MessageTable = Bolts>(options?: PeerOptions<M>) => Promise<Peer<M>>;
  /** Only TCP: the BOLT 8 suites speak the acts by hand. */
  readonly dial: () => Promise<RawLink>;
  /** A port of ours to which the node can be told to connect; needs the operation `connect`. */
  readonly listen: () => Promise<Listener>;
  readonly node: NodeControl;
}

export interface PairContext extends CommonContext {
  /** The cell's nodes in order: `a` acts first (connects, opens). Both start unconnected, with confirmed coins. */
  readonly a: NodeControl;
  readonly b: NodeControl;
  /** A peer of ours on one of the nodes, as in a subject case. */
  readonly connect: <M extends MessageTable = Bolts>(
    to: 'a' | 'b',
    options?: PeerOptions<M>,
  ) => Promise<Peer<M>>;
}

/**
 * A node as a case sees it. A case that owns its chain may also `stop` and `start` it, and `snapshot` and `restore` its volume while
 * it is down; meanwhile it is asked nothing else, blocks do not wait for it, and its connections have closed. Once it listens again, `sync`
 * tells when it has followed the chain.
 */
export interface NodeControl extends Pick<
  RunningNode,
  'id' | 'publicKey' | 'host' | 'port' | 'runsIn' | 'operations'
> {
  /** Where another node of the same world reaches it: containers have addresses of their own. */
  addressFrom(dialler: NodeControl): { readonly host: string; readonly port: number };
  call<O extends OperationName>(operation: O, params: OperationParams<O>): Promise<OperationResult<O>>;
  /** Feature bits (BOLT 9) that the node sent in its own init to a probe at start. */
  readonly features: ReadonlySet<number>;
}

export interface ContextOf {
  readonly subject: SubjectContext;
  readonly pair: PairContext;
}

/** One runnable test: a case, or one entry of its `each`. */
export interface TestCase {
  /** `bolt01/ping#asked-length[largest]` */
  readonly id: CaseId;
  /** Without the `[parameter]`: what is counted. */
  readonly caseId: CaseId;
  readonly suite: string;
  readonly kind: Exclude<CellKind, 'upgrade'>;
  readonly title: string;
  readonly chain: ChainMode;
  readonly requirements: readonly [RequirementId, ...RequirementId[]];
  readonly needs: Needs;
  readonly formerly: readonly CaseId[];
  readonly deadlineMs: number;
  /** Where it is defined: `suites/bolt01/ping.ts:12`. */
  readonly location: string;
  run(context: SubjectContext | PairContext): Promise<void>;
}

/** What a suite module exports: plain data, so that two copies of the library work together. */
export interface Suite {
  readonly [SUITE]: 1;
  readonly id: string;
  readonly title: string;
  readonly kind: TestCase['kind'];
  readonly tests: readonly TestCase[];
  /** Those that it brings along. */
  readonly requirements?: OwnRequirements;
}

export const SUITE: unique symbol = Symbol.for('boltgrid.suite');
