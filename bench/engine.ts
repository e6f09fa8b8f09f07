import { createCipheriv } from 'node:crypto';
import { NoiseState } from '@node-lightning/noise';
import { aeads, curves, defaultCrypto } from '../src/crypto/crypto.ts';
import type { Aead, Crypto } from '../src/crypto/crypto.ts';
import { CipherState, encryptFrame } from '../src/noise/cipher.ts';
import { FrameDecoder } from '../src/noise/frame-decoder.ts';
import { initiator, responder } from '../src/noise/handshake.ts';
import { ratesOf, type Row } from './measure.ts';

const SIZES = { '64 KiB frames': 65535, '100 B frames': 100 } as const;

const key = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);

/** Both sides in memory, from private keys to transport ciphers. */
function handshakeWith(crypto: Crypto): () => void {
  const remotePublicKey = crypto.curve.publicKey(key(2));
  return () => {
    const own = { localPrivateKey: key(1), ephemeralPrivateKey: key(3), crypto };
    const act1 = initiator({ ...own, remotePublicKey }).writeAct1();
    const theirs = { localPrivateKey: key(2), ephemeralPrivateKey: key(4), crypto };
    const act2 = responder(theirs).readAct1(act1.bytes).writeAct2();
    const act3 = act1.next.readAct2(act2.bytes).writeAct3();
    act2.next.readAct3(act3.bytes);
  };
}

function handshakeOfNodeLightning(): void {
  const [ls, es, rls, res] = [1, 3, 2, 4].map((byte) => Buffer.from(key(byte))) as [
    Buffer,
    Buffer,
    Buffer,
    Buffer,
  ];
  const theirs = new NoiseState({ ls: rls, es: res });
  const ours = new NoiseState({ ls, es });
  theirs.receiveAct1(ours.initiatorAct1(theirs.lpk));
  ours.initiatorAct2(theirs.recieveAct2());
  theirs.receiveAct3(ours.initiatorAct3());
}

/** One message encrypted as a frame, decoded again by the other side. */
function framesWith(aead: Aead, length: number): () => void {
  const crypto = { ...defaultCrypto, aead };
  const sender = new CipherState(key(1), key(2), crypto);
  const decoder = new FrameDecoder(new CipherState(key(1), key(2), crypto));
  const message = new Uint8Array(length).fill(7);
  return () => {
    decoder.push(encryptFrame(sender, message));
    decoder.next();
  };
}

function framesOfNodeLightning(length: number): () => void {
  const [sender, receiver] = [1, 2].map(
    (byte) => new NoiseState({ ls: Buffer.from(key(byte)), es: Buffer.from(key(3)) }),
  ) as [NoiseState, NoiseState];
  sender.ck = receiver.ck = Buffer.from(key(1));
  sender.sk = receiver.rk = Buffer.from(key(2));
  sender.sn = Buffer.alloc(12);
  receiver.rn = Buffer.alloc(12);
  const message = Buffer.alloc(length, 7);
  return () => {
    const frame = sender.encryptMessage(message);
    receiver.decryptLength(frame.subarray(0, 18));
    receiver.decryptMessage(frame.subarray(18));
  };
}

/** The cipher alone as OpenSSL has it: one key set up and one message run through it, twice, as a frame is once encrypted and once decrypted. */
function rawCipher(length: number): () => void {
  const nonce = new Uint8Array(12);
  const message = new Uint8Array(length).fill(7);
  const once = (): void => {
    const cipher = createCipheriv('chacha20-poly1305', key(2), nonce, { authTagLength: 16 });
    cipher.update(message);
    cipher.final();
    cipher.getAuthTag();
  };
  return () => {
    once();
    once();
  };
}

function handshakeRows(): Row[] {
  const rates = ratesOf([
    ...curves.map((curve) => handshakeWith({ ...defaultCrypto, curve })),
    handshakeOfNodeLightning,
  ]);
  const names = [...curves.map(({ name }) => name), '@node-lightning/noise'];
  const unit = 'handshakes/s';
  return [
    ...names.map((name, i): Row => ({
      name: `handshake, ${name}`,
      value: rates[i] ?? 0,
      unit,
      note: 'both sides',
    })),
    ...ratio('handshake: default / JavaScript only', rates[0], rates[curves.length - 1], {
      aim: { atLeast: 5 },
    }),
    ...ratio('handshake: default / @node-lightning/noise', rates[0], rates.at(-1), {
      note: 'theirs is native code',
    }),
  ];
}

function frameRows(name: string, length: number): Row[] {
  const rates = ratesOf([
    ...aeads.map((aead) => framesWith(aead, length)),
    framesOfNodeLightning(length),
    rawCipher(length),
  ]);
  const names = [...aeads.map((aead) => aead.name), '@node-lightning/noise', 'OpenSSL alone'];
  return [
    ...names.flatMap((label, i): Row[] => {
      const rate = rates[i] ?? 0;
      const note = label === 'OpenSSL alone' ? 'the body only, run twice' : 'encrypted and decrypted';
      return [
        { name: `${name}, ${label}`, value: rate, unit: 'messages/s', note },
        { name: `${name}, ${label}`, value: (rate * length) / 1e6, unit: 'MB/s', note },
      ];
    }),
    ...ratio(
      `${name}: OpenSSL alone / default`,
      rates.at(-1),
      rates[0],
      length > 10_000 ? { aim: { atMost: 2 } } : {},
    ),
  ];
}

function ratio(name: string, a = 0, b = 0, more: Pick<Row, 'aim' | 'note'> = {}): Row[] {
  return [{ name, value: a / b, unit: '×', ...more }];
}

/** BOLT 8 in memory: handshakes by curve backend, frames by AEAD backend, with the raw cipher and another library beside them. */
export function benchEngine(): readonly Row[] {
  return [...handshakeRows(), ...Object.entries(SIZES).flatMap(([name, length]) => frameRows(name, length))];
}
