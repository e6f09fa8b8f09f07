import type { Socket } from 'node:net';
import type { HandshakeDone } from '../noise/handshake.ts';
import type { Limits } from '../noise/socket.ts';
import { writeChunks } from '../noise/socket.ts';
import { closeGently } from './link.ts';
import type { HandshakeRules } from './rules/handshake.ts';

export interface HandshakeSide {
  readonly localPrivateKey: Uint8Array;
  readonly rules: HandshakeRules;
}

/** Speaks the acts of BOLT 8 as responder. When an act is refused, the rules decide what becomes of the socket; then it throws. */
export async function respond(
  socket: Socket,
  { localPrivateKey, rules }: HandshakeSide,
  limits: Limits,
): Promise<HandshakeDone> {
  try {
    const start = rules.respond({ localPrivateKey, ephemeralPrivateKey: rules.ephemeralKey() });
    const afterActOne = rules.readAct1(start, await rules.read(socket, rules.actLengths.one, limits));
    const { bytes, next } = rules.writeAct2(afterActOne);
    await writeChunks(socket, [bytes]);
    return rules.readAct3(next, await rules.read(socket, rules.actLengths.three, limits));
  } catch (error) {
    throw await refuse(socket, rules, error);
  }
}

/** Speaks the acts as initiator. Fails as `respond` does. */
export async function initiate(
  socket: Socket,
  remotePublicKey: Uint8Array,
  { localPrivateKey, rules }: HandshakeSide,
  limits: Limits,
): Promise<HandshakeDone> {
  try {
    const ephemeralPrivateKey = rules.ephemeralKey();
    const actOne = rules.writeAct1(rules.initiate({ localPrivateKey, ephemeralPrivateKey, remotePublicKey }));
    await writeChunks(socket, [actOne.bytes]);
    const afterActTwo = rules.readAct2(actOne.next, await rules.read(socket, rules.actLengths.two, limits));
    const { bytes, next } = rules.writeAct3(afterActTwo);
    await writeChunks(socket, [bytes]);
    return next;
  } catch (error) {
    throw await refuse(socket, rules, error);
  }
}

async function refuse(socket: Socket, rules: HandshakeRules, error: unknown): Promise<unknown> {
  const { say, close } = rules.refusal(error);
  if (say.length > 0) await writeChunks(socket, [say]).catch(() => undefined);
  if (close) await closeGently(socket);
  return error;
}
