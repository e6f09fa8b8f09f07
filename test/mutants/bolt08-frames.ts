import { BoltgridError, isBoltgridError } from '../../src/core/error.ts';
import { encryptFrame, LENGTH_PREFIX_LENGTH } from '../../src/noise/cipher.ts';
import { withBadTag } from '../../src/noise/malformed.ts';
import { readExactly } from '../../src/noise/socket.ts';
import type { Rules } from '../../src/reference/rules.ts';
import { TRANSPORT_RULES } from '../../src/reference/rules/transport.ts';
import { changed, type Mutant } from './mutant.ts';
import { FaultyCipher, struckBy, withCiphers, type Faults } from './bolt08/ciphers.ts';
import { Collateral } from './bolt08/once.ts';
import { droppingTheRest, inOnePiece, where } from './bolt08/sockets.ts';

const isPrefix = (length: number): boolean => length === LENGTH_PREFIX_LENGTH;
const isBody = (length: number): boolean => length !== LENGTH_PREFIX_LENGTH;
const LARGEST_SIGNED = 32_767;
const UNKNOWN_ODD = Uint8Array.of(0x7f, 0xff);

/** After such a prefix or body, all that comes is read and thrown away, and the connection stays. */
function deafAfter(
  part: 'prefix' | 'body',
  isSuch: (sealed: Uint8Array) => boolean = () => true,
): (rules: Rules) => Rules {
  const deaf = new WeakSet<object>();
  const reading = <T>(is: typeof part, cipher: object, sealed: Uint8Array, read: () => T, instead: T): T => {
    if (deaf.has(cipher)) return instead;
    try {
      return read();
    } catch (error) {
      if (is !== part || !isSuch(sealed)) throw error;
      deaf.add(cipher);
      return instead;
    }
  };
  return changed('transport', {
    readPrefix: (cipher, prefix) =>
      reading('prefix', cipher, prefix, () => TRANSPORT_RULES.readPrefix(cipher, prefix), 0),
    readBody: (cipher, body) =>
      reading('body', cipher, body, () => TRANSPORT_RULES.readBody(cipher, body), UNKNOWN_ODD),
  });
}

/** Receives with faults. */
const receiving = (receive: Faults): ((rules: Rules) => Rules) => withCiphers({ receive });

/** Something that goes wrong on one connection makes another one fail. */
function shaken(change: (collateral: Collateral) => Partial<Rules['transport']>): (rules: Rules) => Rules {
  return (rules) => {
    const collateral = new Collateral();
    return changed('transport', change(collateral))(struckBy(collateral)(rules));
  };
}

/** Associated data in the length prefix of large messages. */
function largeWithAssociatedData(rules: Rules): Rules {
  let large = false;
  const faulty = withCiphers({ send: { ad: () => new Uint8Array(large ? 1 : 0) } })(rules);
  return changed('transport', {
    writeFrame: (cipher, message) => {
      large = message.length > LARGEST_SIGNED;
      return encryptFrame(cipher, message);
    },
  })(faulty);
}

/** The keys of a peer's earlier session still work. */
function rememberingKeys(rules: Rules): Rules {
  const earlier = new Map<string, FaultyCipher>();
  return changed('transport', {
    ciphers: ({ ciphers, remotePublicKey }) => {
      const peer = remotePublicKey.join();
      const known = earlier.get(peer);
      earlier.set(peer, new FaultyCipher(ciphers.receive, {}));
      const forgives: Faults['forgives'] = (sealed, { nonce }) => known?.tryOpen(sealed, nonce);
      return { send: ciphers.send, receive: new FaultyCipher(ciphers.receive, { forgives }) };
    },
  })(rules);
}

/** What was encrypted with its own sending key is taken, too. */
const takingItsOwn = changed('transport', {
  ciphers: ({ ciphers }) => {
    const own = new FaultyCipher(ciphers.send, {});
    const forgives: Faults['forgives'] = (sealed) => own.tryOpen(sealed, 0) ?? own.tryOpen(sealed, 1);
    return { send: ciphers.send, receive: new FaultyCipher(ciphers.receive, { forgives }) };
  },
});

export const mutants: readonly Mutant[] = [
  {
    name: 'prefix-in-one-piece',
    breaks: 'bolt08-decrypting-01',
    kills: ['bolt08/frames#cut-prefix', 'bolt08/frames#cut-across'],
    change: changed('transport', { read: where(isPrefix, inOnePiece) }),
  },
  {
    name: 'body-in-one-piece',
    breaks: 'bolt08-decrypting-04',
    kills: ['bolt08/frames#cut-body', 'bolt08/bystanders#unfinished-frame'],
    change: changed('transport', { read: where(isBody, inOnePiece) }),
  },
  {
    name: 'drops-what-follows-a-body',
    breaks: 'bolt08-decrypting-04',
    kills: ['bolt08/frames#in-one-segment'],
    change: changed('transport', { read: where(isBody, droppingTheRest(3_000, 4_000)) }),
  },
  {
    name: 'length-as-a-signed-number',
    breaks: 'bolt08-message-01',
    kills: ['bolt08/frames#largest-received'],
    change: changed('transport', {
      bodyLength: (length) => {
        if (length <= LARGEST_SIGNED) return TRANSPORT_RULES.bodyLength(length);
        throw new BoltgridError('noise.closed', 'node', 'a negative length');
      },
    }),
  },
  {
    name: 'cuts-messages-at-65000-bytes',
    breaks: 'bolt08-message-01',
    kills: ['bolt08/frames#largest-sent'],
    change: changed('transport', {
      writeFrame: (cipher, message) => encryptFrame(cipher, message.subarray(0, 65_000)),
    }),
  },
  {
    name: 'associated-data-with-large-messages',
    breaks: 'bolt08-encrypting-02',
    kills: ['bolt08/frames#many-large'],
    change: largeWithAssociatedData,
  },
  {
    name: 'wrong-mac-for-64-bytes',
    breaks: 'bolt08-noise-01',
    kills: ['bolt08/frames#around-blocks'],
    change: withCiphers({
      send: { sealed: (sealed) => (sealed.length === 64 + 16 ? withBadTag(sealed) : sealed) },
    }),
  },
  {
    name: 'nonce-stays-after-a-length',
    breaks: 'bolt08-encrypting-01',
    kills: ['bolt08/frames#many-sent'],
    change: withCiphers({ send: { nonce: (due, uses) => (uses >= 400 && due % 2 === 1 ? due - 1 : due) } }),
  },
  {
    name: 'nonce-stays-after-a-message',
    breaks: 'bolt08-encrypting-03',
    kills: ['bolt08/frames#many-sent'],
    change: withCiphers({ send: { nonce: (due, uses) => (uses >= 400 && due % 2 === 0 ? due - 1 : due) } }),
  },
  {
    name: 'receiving-nonce-in-one-byte',
    breaks: 'bolt08-decrypting-03',
    kills: ['bolt08/frames#many-received'],
    change: receiving({ nonce: (due) => due & 0xff }),
  },
  {
    name: 'receiving-nonce-stays-late-in-a-key',
    breaks: 'bolt08-decrypting-05',
    kills: ['bolt08/frames#many-received'],
    change: receiving({ nonce: (due, uses) => (uses >= 700 ? due - 2 : due) }),
  },
  {
    name: 'frame-macs-not-compared',
    breaks: 'bolt08-noise-01',
    kills: ['bolt08/refused-frames#changed'],
    change: receiving({ forgives: (sealed, cipher) => cipher.openUnchecked(sealed) }),
  },
  {
    name: 'takes-recent-nonces-again',
    breaks: 'bolt08-decrypting-05',
    kills: ['bolt08/refused-frames#repeated'],
    change: receiving({
      forgives: (sealed, cipher) =>
        cipher.tryOpen(sealed, cipher.nonce - 2) ?? cipher.tryOpen(sealed, cipher.nonce - 4),
    }),
  },
  {
    name: 'takes-the-last-prefix-again',
    breaks: 'bolt08-decrypting-03',
    kills: ['bolt08/refused-frames#repeated-prefix'],
    change: receiving({
      forgives: (sealed, cipher) =>
        isPrefix(sealed.length) ? cipher.tryOpen(sealed, cipher.nonce - 2) : undefined,
    }),
  },
  {
    name: 'takes-a-nonce-to-come',
    breaks: 'bolt08-decrypting-05',
    kills: ['bolt08/refused-frames#left-out'],
    change: receiving({ forgives: (sealed, cipher) => cipher.tryOpen(sealed, cipher.nonce + 2) }),
  },
  {
    name: 'deaf-after-a-wrong-body',
    breaks: 'bolt08-decrypting-04',
    kills: ['bolt08/refused-frames#wrong-length'],
    change: deafAfter('body'),
  },
  {
    name: 'deaf-after-a-wrong-prefix',
    breaks: 'bolt08-decrypting-01',
    kills: ['bolt08/refused-frames#garbage'],
    change: deafAfter('prefix'),
  },
  {
    name: 'deaf-after-a-plain-ping',
    breaks: 'bolt08-overview-01',
    kills: ['bolt08/refused-frames#plain-text'],
    change: deafAfter('prefix', ([high, low]) => high === 0 && low === 18),
  },
  {
    name: 'shaken-by-messages-without-a-type',
    breaks: 'bolt08-decrypting-04',
    kills: ['bolt08/refused-frames#too-short-for-a-type[empty]'],
    change: shaken((collateral) => ({
      readBody: (cipher, body) => {
        const message = TRANSPORT_RULES.readBody(cipher, body);
        if (message.length < 2) collateral.leave(cipher);
        return message;
      },
    })),
  },
  {
    name: 'takes-its-own-frames',
    breaks: 'bolt08-decrypting-02',
    kills: ['bolt08/refused-frames#own-frames-returned'],
    change: takingItsOwn,
  },
  {
    name: 'takes-associated-data',
    breaks: 'bolt08-decrypting-02',
    kills: ['bolt08/refused-frames#associated-data'],
    change: receiving({
      forgives: (sealed, cipher) => cipher.tryOpen(sealed, cipher.nonce, Buffer.from('lightning')),
    }),
  },
  {
    name: 'keys-of-the-last-session-still-work',
    breaks: 'bolt08-decrypting-02',
    kills: ['bolt08/refused-frames#other-session'],
    change: rememberingKeys,
  },
  {
    name: 'shaken-by-a-peer-that-leaves-within-a-frame',
    breaks: 'bolt08-decrypting-04',
    kills: ['bolt08/refused-frames#cut-off[within-the-message]'],
    change: shaken((collateral) => ({
      read: async (socket, length, limits) => {
        try {
          return await readExactly(socket, length, limits);
        } catch (error) {
          if (isBody(length) && isBoltgridError(error)) collateral.leave();
          throw error;
        }
      },
    })),
  },
  {
    name: 'broken-frame-breaks-another-connection',
    breaks: 'bolt08-noise-01',
    kills: ['bolt08/bystanders#broken-frame[before]'],
    change: shaken((collateral) => ({
      badFrame: () => {
        collateral.leave();
        return 'close';
      },
    })),
  },
];
