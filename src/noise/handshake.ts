import { concat, EMPTY } from '../core/bytes.ts';
import { defaultCrypto, randomPrivateKey } from '../crypto/crypto.ts';
import type { Crypto } from '../crypto/crypto.ts';
import { ACT_ONE_LENGTH, ACT_THREE_LENGTH, ACT_TWO_LENGTH, actStep, openAct, VERSION } from './acts.ts';
import type { TransportCiphers } from './cipher.ts';
import { Symmetric } from './symmetric.ts';

/**
 * The handshake of BOLT 8, one immutable state per step, without I/O. A step returns the bytes to send and the state that
 * follows; a state can be stepped more than once, which is how suites try several wrong acts from one point.
 *
 * Acts are taken at any length. Errors, all blamed on the node: `noise.act1.read-failed`, `.bad-version`, `.bad-pubkey`,
 * `.bad-tag`; the same for `act2`; for `act3` also `.bad-ciphertext`.
 */
export interface Step<Next> {
  readonly bytes: Uint8Array;
  readonly next: Next;
}

export interface InitiatorOptions {
  readonly localPrivateKey: Uint8Array;
  readonly remotePublicKey: Uint8Array;
  /** `e.priv`; random when not given. */
  readonly ephemeralPrivateKey?: Uint8Array | undefined;
  readonly crypto?: Crypto | undefined;
}

export type ResponderOptions = Omit<InitiatorOptions, 'remotePublicKey'>;

/** The handshake is over: what both sides know. */
export interface HandshakeDone {
  readonly ciphers: TransportCiphers;
  readonly localPublicKey: Uint8Array;
  readonly remotePublicKey: Uint8Array;
}

interface KeyPair {
  readonly priv: Uint8Array;
  readonly pub: Uint8Array;
}

const keyPair = (crypto: Crypto, priv: Uint8Array = randomPrivateKey()): KeyPair => ({
  priv,
  pub: crypto.curve.publicKey(priv),
});

const writeAct = (...parts: readonly Uint8Array[]): Uint8Array => concat(Uint8Array.of(VERSION), ...parts);

/** Throws `crypto.bad-private-key`. */
export function initiator(options: InitiatorOptions): InitiatorStart {
  const { localPrivateKey, remotePublicKey, ephemeralPrivateKey, crypto = defaultCrypto } = options;
  return new InitiatorStart(
    Symmetric.initialize(crypto, remotePublicKey),
    keyPair(crypto, localPrivateKey),
    keyPair(crypto, ephemeralPrivateKey),
    remotePublicKey,
  );
}

/** Throws `crypto.bad-private-key`. */
export function responder(options: ResponderOptions): ResponderStart {
  const { localPrivateKey, ephemeralPrivateKey, crypto = defaultCrypto } = options;
  const s = keyPair(crypto, localPrivateKey);
  return new ResponderStart(Symmetric.initialize(crypto, s.pub), s, keyPair(crypto, ephemeralPrivateKey));
}

export class InitiatorStart {
  readonly #state: Symmetric;
  readonly #s: KeyPair;
  readonly #e: KeyPair;
  readonly #rs: Uint8Array;

  constructor(state: Symmetric, s: KeyPair, e: KeyPair, rs: Uint8Array) {
    this.#state = state;
    this.#s = s;
    this.#e = e;
    this.#rs = rs;
  }

  /** Act One: `-> e, es`. Throws `crypto.bad-point` where the remote static key is none. */
  writeAct1(): Step<InitiatorActOneSent> {
    const es = this.#state.mixHash(this.#e.pub).mixEcdh(this.#e.priv, this.#rs);
    const { state, c } = es.state.encryptAndHash(es.tempK, 0, EMPTY);
    return {
      bytes: writeAct(this.#e.pub, c),
      next: new InitiatorActOneSent(state, this.#s, this.#e, this.#rs),
    };
  }
}

export class InitiatorActOneSent {
  readonly #state: Symmetric;
  readonly #s: KeyPair;
  readonly #e: KeyPair;
  readonly #rs: Uint8Array;

  constructor(state: Symmetric, s: KeyPair, e: KeyPair, rs: Uint8Array) {
    this.#state = state;
    this.#s = s;
    this.#e = e;
    this.#rs = rs;
  }

  /** Act Two: `<- e, ee`. */
  readAct2(act2: Uint8Array): InitiatorActTwoRead {
    const body = openAct('act2', act2, ACT_TWO_LENGTH);
    const re = body.slice(0, 33);
    const ee = actStep('act2', 'bad-pubkey', act2, () => this.#state.mixHash(re).mixEcdh(this.#e.priv, re));
    const { state } = actStep('act2', 'bad-tag', act2, () =>
      ee.state.decryptAndHash(ee.tempK, 0, body.slice(33)),
    );
    return new InitiatorActTwoRead(state, ee.tempK, this.#s, re, this.#rs);
  }
}

export class InitiatorActTwoRead {
  readonly #state: Symmetric;
  readonly #tempK2: Uint8Array;
  readonly #s: KeyPair;
  readonly #re: Uint8Array;
  readonly #rs: Uint8Array;

  constructor(state: Symmetric, tempK2: Uint8Array, s: KeyPair, re: Uint8Array, rs: Uint8Array) {
    this.#state = state;
    this.#tempK2 = tempK2;
    this.#s = s;
    this.#re = re;
    this.#rs = rs;
  }

  /**
   * Act Three: `-> s, se`. `claimedStaticKey` is sent in place of our own public key, properly encrypted: off the curve it must
   * be refused as ACT3_BAD_PUBKEY, as somebody else's key as ACT3_BAD_TAG.
   */
  writeAct3(claimedStaticKey: Uint8Array = this.#s.pub): Step<HandshakeDone> {
    const { state: afterS, c } = this.#state.encryptAndHash(this.#tempK2, 1, claimedStaticKey);
    const se = afterS.mixEcdh(this.#s.priv, this.#re);
    const { state, c: t } = se.state.encryptAndHash(se.tempK, 0, EMPTY);
    return {
      bytes: writeAct(c, t),
      next: { ciphers: state.split('initiator'), localPublicKey: this.#s.pub, remotePublicKey: this.#rs },
    };
  }
}

export class ResponderStart {
  readonly #state: Symmetric;
  readonly #s: KeyPair;
  readonly #e: KeyPair;

  constructor(state: Symmetric, s: KeyPair, e: KeyPair) {
    this.#state = state;
    this.#s = s;
    this.#e = e;
  }

  /** Act One: `-> e, es`. */
  readAct1(act1: Uint8Array): ResponderActOneRead {
    const body = openAct('act1', act1, ACT_ONE_LENGTH);
    const re = body.slice(0, 33);
    const es = actStep('act1', 'bad-pubkey', act1, () => this.#state.mixHash(re).mixEcdh(this.#s.priv, re));
    const { state } = actStep('act1', 'bad-tag', act1, () =>
      es.state.decryptAndHash(es.tempK, 0, body.slice(33)),
    );
    return new ResponderActOneRead(state, this.#s, this.#e, re);
  }
}

export class ResponderActOneRead {
  readonly #state: Symmetric;
  readonly #s: KeyPair;
  readonly #e: KeyPair;
  readonly #re: Uint8Array;

  constructor(state: Symmetric, s: KeyPair, e: KeyPair, re: Uint8Array) {
    this.#state = state;
    this.#s = s;
    this.#e = e;
    this.#re = re;
  }

  /** Act Two: `<- e, ee`. */
  writeAct2(): Step<ResponderActTwoSent> {
    const ee = this.#state.mixHash(this.#e.pub).mixEcdh(this.#e.priv, this.#re);
    const { state, c } = ee.state.encryptAndHash(ee.tempK, 0, EMPTY);
    return {
      bytes: writeAct(this.#e.pub, c),
      next: new ResponderActTwoSent(state, ee.tempK, this.#s, this.#e),
    };
  }
}

export class ResponderActTwoSent {
  readonly #state: Symmetric;
  readonly #tempK2: Uint8Array;
  readonly #s: KeyPair;
  readonly #e: KeyPair;

  constructor(state: Symmetric, tempK2: Uint8Array, s: KeyPair, e: KeyPair) {
    this.#state = state;
    this.#tempK2 = tempK2;
    this.#s = s;
    this.#e = e;
  }

  /** Act Three: `-> s, se`. */
  readAct3(act3: Uint8Array): HandshakeDone {
    const body = openAct('act3', act3, ACT_THREE_LENGTH);
    const { state: afterS, p: rs } = actStep('act3', 'bad-ciphertext', act3, () =>
      this.#state.decryptAndHash(this.#tempK2, 1, body.slice(0, 49)),
    );
    const se = actStep('act3', 'bad-pubkey', act3, () => afterS.mixEcdh(this.#e.priv, rs));
    const { state } = actStep('act3', 'bad-tag', act3, () =>
      se.state.decryptAndHash(se.tempK, 0, body.slice(49)),
    );
    return { ciphers: state.split('responder'), localPublicKey: this.#s.pub, remotePublicKey: rs };
  }
}
