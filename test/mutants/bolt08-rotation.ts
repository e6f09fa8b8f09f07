import type { Rules } from '../../src/reference/rules.ts';
import { changed, type Mutant } from './mutant.ts';
import { FaultyCipher, withCiphers } from './bolt08/ciphers.ts';

const breaks = 'bolt08-key-rotation-01';
const NEVER = Number.POSITIVE_INFINITY;

/** Both keys are rotated when the receiving one is due. */
const bothAtOnce: (rules: Rules) => Rules = changed('transport', {
  ciphers: ({ ciphers }) => {
    const send = new FaultyCipher(ciphers.send, { rotateAfter: () => NEVER });
    const onRotate = (): void => {
      send.rotate();
    };
    return { send, receive: new FaultyCipher(ciphers.receive, { onRotate }) };
  },
});

export const mutants: readonly Mutant[] = [
  {
    name: 'receiving-key-never-rotated',
    breaks,
    kills: ['bolt08/rotation#our-key', 'bolt08/rotation#wrong-key'],
    change: withCiphers({ receive: { rotateAfter: () => NEVER } }),
  },
  {
    name: 'receiving-key-rotated-one-use-late',
    breaks,
    kills: ['bolt08/rotation#cut-up'],
    change: withCiphers({ receive: { rotateAfter: () => 1001 } }),
  },
  {
    name: 'receiving-chaining-key-kept',
    breaks,
    kills: ['bolt08/rotation#our-key', 'bolt08/rotation#wrong-key'],
    change: withCiphers({ receive: { keepsChainingKey: true } }),
  },
  {
    name: 'sending-key-never-rotated',
    breaks,
    kills: ['bolt08/rotation#both-keys', 'bolt08/rotation#as-initiator'],
    change: withCiphers({ send: { rotateAfter: () => NEVER } }),
  },
  {
    name: 'sending-key-rotated-once',
    breaks,
    kills: ['bolt08/rotation#both-keys', 'bolt08/rotation#as-initiator'],
    change: withCiphers({ send: { rotateAfter: (rotations) => (rotations === 0 ? 1000 : NEVER) } }),
  },
  {
    name: 'sending-nonce-not-reset',
    breaks,
    kills: ['bolt08/rotation#both-keys'],
    change: withCiphers({ send: { firstNonce: 1000 } }),
  },
  {
    name: 'both-keys-rotated-at-once',
    breaks,
    kills: ['bolt08/rotation#each-on-its-own'],
    change: bothAtOnce,
  },
];
