import { concat, EMPTY } from '../../src/core/bytes.ts';
import { isBoltgridError } from '../../src/core/error.ts';
import type { Step } from '../../src/noise/handshake.ts';
import { initiator } from '../../src/noise/handshake.ts';
import { withBadTag, withVersion } from '../../src/noise/malformed.ts';
import type { Rules } from '../../src/reference/rules.ts';
import { changed, type Mutant } from './mutant.ts';
import { Aftermath } from './bolt08/once.ts';
import { inOnePiece, nothingBehind, where } from './bolt08/sockets.ts';
import { lenientKey } from './bolt08-responder.ts';

const ACT_TWO = 50;
const PLAIN_INIT = Uint8Array.of(0, 16, 0, 0, 0, 0);

const followedBy = <T>({ bytes, next }: Step<T>, behind: Uint8Array): Step<T> => ({
  bytes: concat(bytes, behind),
  next,
});

/** A handshake that the other side leaves has the next one fail before it begins. */
function shakenByLeavers(rules: Rules): Rules {
  const aftermath = new Aftermath();
  return changed('handshake', {
    initiate: (keys) => {
      aftermath.strike();
      return initiator(keys);
    },
    refusal: (error) => {
      if (isBoltgridError(error) && error.code === 'noise.closed') aftermath.leave();
      return { say: EMPTY, close: true };
    },
  })(rules);
}

export const mutants: readonly Mutant[] = [
  {
    name: 'act-one-with-a-byte-behind',
    breaks: 'bolt08-act-one-01',
    kills: ['bolt08/initiator#act-one'],
    change: changed('handshake', { writeAct1: (state) => followedBy(state.writeAct1(), Uint8Array.of(0)) }),
  },
  {
    name: 'plain-init-behind-act-one',
    breaks: 'bolt08-overview-01',
    kills: ['bolt08/initiator#silent-until-act-two'],
    change: changed('handshake', { writeAct1: (state) => followedBy(state.writeAct1(), PLAIN_INIT) }),
  },
  {
    name: 'act-three-with-a-byte-behind',
    breaks: 'bolt08-act-three-01',
    kills: ['bolt08/initiator#act-three'],
    change: changed('handshake', { writeAct3: (state) => followedBy(state.writeAct3(), Uint8Array.of(0)) }),
  },
  {
    name: 'act-two-of-any-version',
    breaks: 'bolt08-act-two-03',
    kills: ['bolt08/initiator#unknown-version'],
    change: changed('handshake', { readAct2: (state, act) => state.readAct2(withVersion(act, 0)) }),
  },
  {
    name: 'act-two-key-of-any-prefix',
    breaks: 'bolt08-act-two-04',
    kills: ['bolt08/initiator#ephemeral-key'],
    change: changed('handshake', { readAct2: (state, act) => state.readAct2(lenientKey(act)) }),
  },
  {
    name: 'act-two-mac-but-for-its-last-byte',
    breaks: 'bolt08-act-two-05',
    kills: ['bolt08/initiator#wrong-mac'],
    change: changed('handshake', {
      readAct2: (state, act) => {
        try {
          return state.readAct2(act);
        } catch {
          return state.readAct2(withBadTag(act));
        }
      },
    }),
  },
  {
    name: 'stays-after-wrong-act-two',
    breaks: 'bolt08-handshake-01',
    kills: ['bolt08/initiator#its-own-act-one'],
    change: changed('handshake', {
      refusal: (error) => ({
        say: EMPTY,
        close: !isBoltgridError(error) || error.code !== 'noise.act2.bad-tag',
      }),
    }),
  },
  {
    name: 'act-two-in-one-piece',
    breaks: 'bolt08-act-two-02',
    kills: ['bolt08/initiator#fragmented'],
    change: changed('handshake', { read: where((length) => length === ACT_TWO, inOnePiece) }),
  },
  {
    name: 'act-two-with-nothing-behind',
    breaks: 'bolt08-act-two-02',
    kills: ['bolt08/initiator#byte-after-act-two'],
    change: changed('handshake', { read: where((length) => length === ACT_TWO, nothingBehind) }),
  },
  {
    name: 'shaken-by-a-responder-that-leaves',
    breaks: 'bolt08-act-two-02',
    kills: ['bolt08/initiator#abandoned[before-the-last-byte]'],
    change: shakenByLeavers,
  },
];
