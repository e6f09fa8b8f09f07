import type { Socket } from 'node:net';
import { EMPTY } from '../../core/bytes.ts';
import { randomPrivateKey } from '../../crypto/crypto.ts';
import { ACT_ONE_LENGTH, ACT_THREE_LENGTH, ACT_TWO_LENGTH } from '../../noise/acts.ts';
import type { HandshakeDone, Step } from '../../noise/handshake.ts';
import { initiator, responder } from '../../noise/handshake.ts';
import type { Limits } from '../../noise/socket.ts';
import { readExactly } from '../../noise/socket.ts';

/** The states of a handshake, each as what can be done in it. */
interface AwaitingActOne {
  readAct1(act: Uint8Array): ReadyForActTwo;
}
interface ReadyForActTwo {
  writeAct2(): Step<AwaitingActThree>;
}
interface AwaitingActThree {
  readAct3(act: Uint8Array): HandshakeDone;
}
interface ReadyForActOne {
  writeAct1(): Step<AwaitingActTwo>;
}
interface AwaitingActTwo {
  readAct2(act: Uint8Array): ReadyForActThree;
}
interface ReadyForActThree {
  writeAct3(): Step<HandshakeDone>;
}

/** What is done about an act that was refused. */
interface Refusal {
  /** Sent first, not encrypted. */
  readonly say: Uint8Array;
  readonly close: boolean;
}

/** BOLT 8, "Authenticated Key Exchange Handshake Specification". An act is refused by throwing. */
export interface HandshakeRules {
  /** "Read exactly 50 bytes", 50, 66: how much is read before an act is looked at. */
  readonly actLengths: { readonly one: number; readonly two: number; readonly three: number };
  /** However the bytes are cut up on their way; what follows them is left for later. */
  read(socket: Socket, length: number, limits: Limits): Promise<Uint8Array>;
  /** "For each session, a node MUST generate a new ephemeral key with strong cryptographic randomness." */
  ephemeralKey(): Uint8Array;
  /** "Handshake State Initialization" as responder. */
  respond(keys: {
    readonly localPrivateKey: Uint8Array;
    readonly ephemeralPrivateKey: Uint8Array;
  }): AwaitingActOne;
  /** Act One, receiver: version, ephemeral key and MAC are checked. */
  readAct1(state: AwaitingActOne, act: Uint8Array): ReadyForActTwo;
  /** Act Two, sender. */
  writeAct2(state: ReadyForActTwo): Step<AwaitingActThree>;
  /** Act Three, receiver: version, both MACs and the static key are checked. */
  readAct3(state: AwaitingActThree, act: Uint8Array): HandshakeDone;
  /** "Handshake State Initialization" as initiator. */
  initiate(keys: {
    readonly localPrivateKey: Uint8Array;
    readonly ephemeralPrivateKey: Uint8Array;
    readonly remotePublicKey: Uint8Array;
  }): ReadyForActOne;
  /** Act One, sender. */
  writeAct1(state: ReadyForActOne): Step<AwaitingActTwo>;
  /** Act Two, receiver: version, ephemeral key and MAC are checked. */
  readAct2(state: AwaitingActTwo, act: Uint8Array): ReadyForActThree;
  /** Act Three, sender. */
  writeAct3(state: ReadyForActThree): Step<HandshakeDone>;
  /** "MUST terminate the connection without any further messages" */
  refusal(error: unknown): Refusal;
}

export const HANDSHAKE_RULES: HandshakeRules = {
  actLengths: { one: ACT_ONE_LENGTH, two: ACT_TWO_LENGTH, three: ACT_THREE_LENGTH },
  read: readExactly,
  ephemeralKey: randomPrivateKey,
  respond: responder,
  readAct1: (state, act) => state.readAct1(act),
  writeAct2: (state) => state.writeAct2(),
  readAct3: (state, act) => state.readAct3(act),
  initiate: initiator,
  writeAct1: (state) => state.writeAct1(),
  readAct2: (state, act) => state.readAct2(act),
  writeAct3: (state) => state.writeAct3(),
  refusal: () => ({ say: EMPTY, close: true }),
};
