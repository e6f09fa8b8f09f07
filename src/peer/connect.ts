import { connectNoise } from '../noise/connection.ts';
import { openSocket } from '../noise/socket.ts';
import type { Bolts } from '../wire/bolts.ts';
import type { MessageTable } from '../wire/types.ts';
import { connecting, greet } from './greet.ts';
import { ScriptedLink } from './raw-link.ts';
import type { ScriptedPeer } from './scripted-peer.ts';
import type { CaseLinks, Remote } from './shared.ts';
import type { PeerOptions } from './types.ts';

/** Connects to a node as an ordinary peer: handshake, then init in both directions. */
export async function connectPeer<M extends MessageTable = Bolts>(
  remote: Remote,
  key: Uint8Array,
  options: PeerOptions<M>,
  links: CaseLinks,
): Promise<ScriptedPeer<M>> {
  const link = links.transcript.openLink();
  const transport = await connecting('connect', link, links, () =>
    connectNoise({
      host: remote.host,
      port: remote.port,
      remotePublicKey: remote.publicKey,
      localPrivateKey: key,
      deadlineMs: links.answerMs,
      signal: links.signal,
    }),
  );
  links.transcript.note(link, 'connected; handshake done as initiator');
  return greet(transport, key, link, options, links, (changed) =>
    connectPeer(remote, key, { ...options, ...changed }, links),
  );
}

/** A TCP connection to a node, with nothing spoken yet. */
export async function dialRaw(remote: Remote, links: CaseLinks): Promise<ScriptedLink> {
  const link = links.transcript.openLink();
  const limits = { deadlineMs: links.answerMs, signal: links.signal };
  const socket = await connecting('dial', link, links, () => openSocket(remote, limits));
  links.transcript.note(link, 'connected; no handshake yet');
  return new ScriptedLink(socket, link, links);
}
