import type { RequirementId } from '../spec/requirement.ts';
import type { Transcript } from './transcript.ts';

/** What all connections of one case share. */
export interface CaseLinks {
  readonly transcript: Transcript;
  /** How long the node may take for an answer when a step does not say. */
  readonly answerMs: number;
  /** Told of every step that held. */
  readonly held: (requirement: RequirementId | undefined, step: string) => void;
  /**
   * Something that the node itself says after all it has read so far (a control call): the second half of a barrier. Absent where
   * the node has no such operation.
   */
  readonly nodeSpeaks?: () => Promise<unknown>;
  /** Aborted when the case ends. */
  readonly signal: AbortSignal;
  /** Called for each connection, so that all are closed when the case ends. */
  readonly opened: (link: OpenLink) => void;
}

export interface OpenLink {
  readonly link: number;
  /** `undefined` where there is nobody to ping: closed, or init was not exchanged. */
  ping(signal: AbortSignal): Promise<void> | undefined;
  close(): Promise<void>;
}

/** A node's address. */
export interface Remote {
  readonly host: string;
  readonly port: number;
  readonly publicKey: Uint8Array;
}
