import { isBoltgridError, messageOf } from '../core/error.ts';
import type { NoiseConnection } from '../noise/connection.ts';
import { bolts, type Bolts } from '../wire/bolts.ts';
import type { MessageTable } from '../wire/types.ts';
import { initFields } from './init.ts';
import { ScriptedPeer } from './scripted-peer.ts';
import type { CaseLinks } from './shared.ts';
import { silent, unexpected } from './step.ts';
import type { PeerOptions } from './types.ts';

/** Exchanges init on a connection whose handshake is done. */
export async function greet<M extends MessageTable = Bolts>(
  transport: NoiseConnection,
  key: Uint8Array,
  link: number,
  options: PeerOptions<M>,
  links: CaseLinks,
  redial?: (options: PeerOptions<M>) => Promise<ScriptedPeer<M>>,
): Promise<ScriptedPeer<M>> {
  // A suite's own messages are added to the BOLTs', so that both can be sent and are understood.
  const table = (options.messages ? joined(bolts, options.messages) : bolts) as M;
  const peer = new ScriptedPeer<M>({
    transport,
    key,
    table,
    link,
    links,
    answerPings: options.answerPings ?? true,
    redial,
  });
  if (options.init !== false) await peer.sendInit(initFields(options));
  if (options.awaitInit ?? true) await peer.awaitInit();
  return peer;
}

function joined(a: MessageTable, b: MessageTable): MessageTable {
  return {
    messages: { ...a.messages, ...b.messages },
    streams: { ...a.streams, ...b.streams },
    subtypes: { ...a.subtypes, ...b.subtypes },
  };
}

/** Turns an error of the connection's beginning into a failed step. */
export async function connecting<T>(
  step: string,
  link: number,
  links: CaseLinks,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    links.transcript.note(link, messageOf(error));
    if (!isBoltgridError(error) || links.signal.aborted || error.blame !== 'node') throw error;
    const expected = 'a connection';
    const failure = { requirement: undefined, step, expected, awaited: 'connection', link } as const;
    throw error.code === 'core.deadline'
      ? silent(failure, links.answerMs)
      : unexpected({ ...failure, got: `${error.code}: ${error.message}` });
  }
}
