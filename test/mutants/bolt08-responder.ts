import { concat, EMPTY } from '../../src/core/bytes.ts';
import { isBoltgridError } from '../../src/core/error.ts';
import { responder } from '../../src/noise/handshake.ts';
import { withFlippedBit, withVersion } from '../../src/noise/malformed.ts';
import { readExactly } from '../../src/noise/socket.ts';
import type { Rules } from '../../src/reference/rules.ts';
import { changed, type Mutant } from './mutant.ts';
import { struckBy } from './bolt08/ciphers.ts';
import { Aftermath, atCall, Collateral } from './bolt08/once.ts';
import { droppingTheRest, inOnePiece, where } from './bolt08/sockets.ts';

const ACT_ONE = 50;
const ACT_THREE = 66;
const PLAIN_INIT = Uint8Array.of(0, 16, 0, 0, 0, 0);
const PLAIN_ERROR = Uint8Array.of(0, 17, ...new Uint8Array(34));

const codeOf = (error: unknown): string => (isBoltgridError(error) ? error.code : '');

/** Does not close when an act is refused for this reason. */
const staying = (code: string): ((rules: Rules) => Rules) =>
  changed('handshake', { refusal: (error) => ({ say: EMPTY, close: codeOf(error) !== code }) });

/** Says something before it closes. */
const speaking = (code: string): ((rules: Rules) => Rules) =>
  changed('handshake', {
    refusal: (error) => ({ say: codeOf(error) === code ? PLAIN_ERROR : EMPTY, close: true }),
  });

/** Tries again with one bit turned back where an act is refused: the byte at `index` is not compared. */
function unchecked<T>(read: (act: Uint8Array) => T, act: Uint8Array, index: number): T {
  try {
    return read(act);
  } catch {
    return read(withFlippedBit(act, index));
  }
}

/** Takes any first byte of a key for 02 or 03. */
export function lenientKey(act: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(act);
  copy[1] = 2 | ((act[1] ?? 0) & 1);
  return copy;
}

/** A handshake that ends in its middle has the next one refused. */
function shakenByLeavers(rules: Rules): Rules {
  const aftermath = new Aftermath();
  return changed('handshake', {
    respond: (keys) => {
      aftermath.strike();
      return responder(keys);
    },
    refusal: (error) => {
      if (codeOf(error) === 'noise.closed') aftermath.leave();
      return { say: EMPTY, close: true };
    },
  })(rules);
}

/** A refused handshake makes another connection fail. */
function shakenByRefusals(rules: Rules): Rules {
  const collateral = new Collateral();
  const shaken = changed('handshake', {
    refusal: () => {
      collateral.leave();
      return { say: EMPTY, close: true };
    },
  })(rules);
  return struckBy(collateral)(shaken);
}

/** Of more than six unfinished acts one, the oldest is given up. */
function sixAtMost(rules: Rules): Rules {
  const waiting = new Set<Parameters<typeof readExactly>[0]>();
  return changed('handshake', {
    read: async (socket, length, limits) => {
      waiting.add(socket);
      const [oldest] = waiting;
      if (waiting.size > 6) oldest?.destroy();
      try {
        return await readExactly(socket, length, limits);
      } finally {
        waiting.delete(socket);
      }
    },
  })(rules);
}

/** The first act two that a case asks for has something before or behind it; `call`: of all acts two. */
const actTwoOnce =
  (call: number, before: Uint8Array, behind: Uint8Array) =>
  (rules: Rules): Rules => {
    const now = atCall(call);
    return changed('handshake', {
      writeAct2: (state) => {
        const { bytes, next } = state.writeAct2();
        return { bytes: now() ? concat(before, bytes, behind) : bytes, next };
      },
    })(rules);
  };

export const mutants: readonly Mutant[] = [
  {
    name: 'act-two-with-a-byte-behind',
    breaks: 'bolt08-act-two-01',
    kills: ['bolt08/act-one#answered'],
    change: actTwoOnce(1, EMPTY, Uint8Array.of(0)),
  },
  {
    name: 'plain-init-before-act-two',
    breaks: 'bolt08-overview-01',
    kills: ['bolt08/act-one#silent-until-spoken-to'],
    change: actTwoOnce(2, PLAIN_INIT, EMPTY),
  },
  {
    name: 'plain-init-answered',
    breaks: 'bolt08-overview-01',
    kills: ['bolt08/act-one#plain-message'],
    change: changed('handshake', {
      refusal: (error) => {
        const raw = isBoltgridError(error) ? String(error.details.raw) : '';
        return { say: raw.startsWith('0010') ? PLAIN_INIT : EMPTY, close: true };
      },
    }),
  },
  {
    name: 'act-one-of-any-version',
    breaks: 'bolt08-act-one-04',
    kills: ['bolt08/act-one#unknown-version'],
    change: changed('handshake', { readAct1: (state, act) => state.readAct1(withVersion(act, 0)) }),
  },
  {
    name: 'stays-after-unknown-version',
    breaks: 'bolt08-versioning-01',
    kills: ['bolt08/act-one#foreign-protocol'],
    change: staying('noise.act1.bad-version'),
  },
  {
    name: 'act-one-key-of-any-prefix',
    breaks: 'bolt08-act-one-03',
    kills: ['bolt08/act-one#ephemeral-key-prefix'],
    change: changed('handshake', { readAct1: (state, act) => state.readAct1(lenientKey(act)) }),
  },
  {
    name: 'stays-after-off-curve-key',
    breaks: 'bolt08-act-one-03',
    kills: ['bolt08/act-one#ephemeral-key-off-curve'],
    change: staying('noise.act1.bad-pubkey'),
  },
  {
    name: 'act-one-mac-but-for-its-last-byte',
    breaks: 'bolt08-act-one-05',
    kills: ['bolt08/act-one#wrong-mac'],
    change: changed('handshake', {
      readAct1: (state, act) => unchecked((bytes) => state.readAct1(bytes), act, ACT_ONE - 1),
    }),
  },
  {
    name: 'speaks-after-wrong-act-one',
    breaks: 'bolt08-act-one-05',
    kills: ['bolt08/act-one#wrong-mac', 'bolt08/act-one#for-somebody-else'],
    change: speaking('noise.act1.bad-tag'),
  },
  {
    name: 'stays-after-wrong-act-one',
    breaks: 'bolt08-handshake-01',
    kills: ['bolt08/act-one#exchanged-ephemeral-key', 'bolt08/act-one#no-second-attempt'],
    change: staying('noise.act1.bad-tag'),
  },
  {
    name: 'act-one-in-one-piece',
    breaks: 'bolt08-act-one-02',
    kills: ['bolt08/act-one#fragmented'],
    change: changed('handshake', { read: where((length) => length === ACT_ONE, inOnePiece) }),
  },
  {
    name: 'drops-what-follows-act-one',
    breaks: 'bolt08-act-one-02',
    kills: ['bolt08/act-one#first-byte-of-act-three-at-once'],
    change: changed('handshake', { read: where((length) => length === ACT_ONE, droppingTheRest(1, 1)) }),
  },
  {
    name: 'shaken-by-a-peer-that-leaves-in-act-one',
    breaks: 'bolt08-act-one-02',
    kills: ['bolt08/act-one#abandoned[before-the-last-byte]'],
    change: shakenByLeavers,
  },
  {
    name: 'six-half-open-handshakes-at-most',
    breaks: 'bolt08-act-one-02',
    kills: ['bolt08/bystanders#many-half-open'],
    change: sixAtMost,
  },
  {
    name: 'one-ephemeral-key-for-all',
    breaks: 'bolt08-handshake-state-01',
    kills: [
      'bolt08/sessions#fresh-ephemeral-key',
      'bolt08/sessions#two-at-once',
      'bolt08/sessions#replayed-handshake',
      'bolt08/initiator#fresh-ephemeral-key',
    ],
    change: changed('handshake', { ephemeralKey: () => new Uint8Array(32).fill(0x12) }),
  },
  {
    name: 'act-three-of-any-version',
    breaks: 'bolt08-act-three-03',
    kills: ['bolt08/act-three#unknown-version'],
    change: changed('handshake', { readAct3: (state, act) => state.readAct3(withVersion(act, 0)) }),
  },
  {
    name: 'static-key-mac-but-for-its-last-byte',
    breaks: 'bolt08-act-three-04',
    kills: ['bolt08/act-three#wrong-mac-of-static-key'],
    change: changed('handshake', {
      readAct3: (state, act) => unchecked((bytes) => state.readAct3(bytes), act, 49),
    }),
  },
  {
    name: 'stays-after-wrong-act-three',
    breaks: 'bolt08-handshake-01',
    kills: ['bolt08/act-three#something-else'],
    change: staying('noise.act3.bad-ciphertext'),
  },
  {
    name: 'speaks-after-off-curve-static-key',
    breaks: 'bolt08-act-three-05',
    kills: ['bolt08/act-three#static-key-off-curve'],
    change: speaking('noise.act3.bad-pubkey'),
  },
  {
    name: 'speaks-after-wrong-final-mac',
    breaks: 'bolt08-act-three-05',
    kills: ['bolt08/act-three#static-key-of-somebody-else', 'bolt08/act-three#wrong-final-mac'],
    change: speaking('noise.act3.bad-tag'),
  },
  {
    name: 'final-mac-but-for-its-last-byte',
    breaks: 'bolt08-act-three-05',
    kills: ['bolt08/act-three#wrong-final-mac'],
    change: changed('handshake', {
      readAct3: (state, act) => unchecked((bytes) => state.readAct3(bytes), act, ACT_THREE - 1),
    }),
  },
  {
    name: 'act-three-in-one-piece',
    breaks: 'bolt08-act-three-02',
    kills: ['bolt08/act-three#fragmented'],
    change: changed('handshake', { read: where((length) => length === ACT_THREE, inOnePiece) }),
  },
  {
    name: 'drops-what-follows-act-three',
    breaks: 'bolt08-act-three-02',
    kills: ['bolt08/act-three#messages-at-once[init-and-20-messages]'],
    change: changed('handshake', {
      read: where((length) => length === ACT_THREE, droppingTheRest(800, 1_000)),
    }),
  },
  {
    name: 'shaken-by-a-peer-that-leaves-in-act-three',
    breaks: 'bolt08-act-three-02',
    kills: ['bolt08/act-three#abandoned[before-the-last-byte]'],
    change: shakenByLeavers,
  },
  {
    name: 'refused-handshake-breaks-another-connection',
    breaks: 'bolt08-handshake-01',
    kills: ['bolt08/bystanders#failed-handshake[act-one-mac]'],
    change: shakenByRefusals,
  },
];
