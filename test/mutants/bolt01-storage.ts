import { concat } from '../../src/core/bytes.ts';
import type { Rules } from '../../src/reference/rules.ts';
import { STORAGE_RULES } from '../../src/reference/rules/storage.ts';
import { IGNORE, send, type Situation } from '../../src/reference/situation.ts';
import { bolts } from '../../src/wire/bolts.ts';
import { encodeMessage } from '../../src/wire/codec.ts';
import { shortPongsAfter } from './bolt01/aftermath.ts';
import { changed, type Mutant } from './mutant.ts';

const giving = (blob: Uint8Array) => send(encodeMessage(bolts, 'peer_storage_retrieval', { blob }));

/** Gives a blob back, and then forgets that it has it. */
function onceOnly(rules: Rules): Rules {
  const given = new Set<string>();
  return changed('storage', {
    reconnected: (situation) => {
      const key = situation.peer.publicKey.join();
      if (given.has(key)) return IGNORE;
      if (situation.peer.blob) given.add(key);
      return STORAGE_RULES.reconnected(situation);
    },
  })(rules);
}

/** One place for everybody's blob. */
function oneForAll(rules: Rules): Rules {
  let last: Uint8Array | undefined;
  return changed('storage', {
    store: (message, situation) => {
      last = message.blob;
      return STORAGE_RULES.store(message, situation);
    },
    reconnected: ({ peer, ...rest }: Situation) =>
      STORAGE_RULES.reconnected({ ...rest, peer: { ...peer, blob: peer.blob && last } }),
  })(rules);
}

export const mutants: readonly Mutant[] = [
  {
    name: 'gives-back-half-a-blob',
    breaks: 'bolt01-peer-storage-11',
    kills: ['bolt01/storage#comes-back'],
    change: changed('storage', {
      reconnected: ({ peer: { blob } }) => (blob ? giving(blob.subarray(0, blob.length >> 1)) : IGNORE),
    }),
  },
  {
    name: 'gives-a-blob-back-once',
    breaks: 'bolt01-peer-storage-10',
    kills: ['bolt01/storage#comes-back-again'],
    change: onceOnly,
  },
  {
    name: 'writes-over-the-older-blob',
    breaks: 'bolt01-peer-storage-09',
    kills: ['bolt01/storage#replaced'],
    change: changed('storage', {
      store: ({ blob }, { peer }) => [
        { do: 'store', blob: concat(blob, (peer.blob ?? blob).subarray(blob.length)) },
      ],
    }),
  },
  {
    name: 'keeps-one-blob-for-all',
    breaks: 'bolt01-peer-storage-11',
    kills: ['bolt01/storage#of-each-peer'],
    change: oneForAll,
  },
  {
    name: 'thrown-by-an-irrelevant-blob',
    breaks: 'bolt01-ping-08',
    kills: ['bolt01/storage#irrelevant-retrieval'],
    change: shortPongsAfter((strike) =>
      changed('storage', {
        retrieved: () => {
          strike();
          return IGNORE;
        },
      }),
    ),
  },
];
