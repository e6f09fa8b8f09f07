import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../../src/core/bytes.ts';
import { isBoltgridError } from '../../src/core/error.ts';
import { aeads, curves, defaultCrypto, hashSuites } from '../../src/crypto/crypto.ts';
import type { Crypto } from '../../src/crypto/crypto.ts';
import { CipherState, encryptFrame } from '../../src/noise/cipher.ts';
import { FrameDecoder } from '../../src/noise/frame-decoder.ts';
import { initiator, responder } from '../../src/noise/handshake.ts';
import type { HandshakeDone } from '../../src/noise/handshake.ts';
import { readVectors } from './bolt08-document.ts';
import type { Bolt8Vectors, HandshakeVector } from './bolt08-document.ts';

const fixture = new URL('../fixtures/bolt08/vectors.json', import.meta.url);
const { handshakes, messages } = JSON.parse(readFileSync(fixture, 'utf8')) as Bolt8Vectors;

const cryptos = curves.flatMap((curve) =>
  aeads.flatMap((aead) => hashSuites.map((hashes): Crypto => ({ ...defaultCrypto, curve, aead, hashes }))),
);
const nameOf = ({ curve, aead, hashes }: Crypto): string => `${curve.name}, ${aead.name}, ${hashes.name}`;

/** Runs a vector's inputs through our states and gives the outputs in the document's words. */
function replay({ name, keys, steps }: HandshakeVector, crypto: Crypto): string[] {
  const key = (which: string): Uint8Array => fromHex(keys[which] ?? '');
  const own = { localPrivateKey: key('ls.priv'), ephemeralPrivateKey: key('e.priv'), crypto };
  const inputs = steps.filter(([kind]) => kind === 'input').map(([, hex]) => fromHex(hex));
  const outputs: string[] = [];
  try {
    if (name.startsWith('transport-initiator')) {
      const act1 = initiator({ ...own, remotePublicKey: key('rs.pub') }).writeAct1();
      outputs.push(toHex(act1.bytes));
      const act3 = act1.next.readAct2(inputs[0]!).writeAct3();
      outputs.push(toHex(act3.bytes), `sk,rk=${keysOf(act3.next, 'send', 'receive')}`);
    } else {
      const act2 = responder(own).readAct1(inputs[0]!).writeAct2();
      outputs.push(toHex(act2.bytes));
      outputs.push(`rk,sk=${keysOf(act2.next.readAct3(inputs[1]!), 'receive', 'send')}`);
    }
  } catch (error) {
    if (!isBoltgridError(error)) throw error;
    outputs.push(error.code);
  }
  return outputs;
}

const keysOf = ({ ciphers }: HandshakeDone, ...order: ('send' | 'receive')[]): string =>
  order.map((direction) => toHex(ciphers[direction].key)).join();

/** `ERROR (ACT2_BAD_VERSION 1)` → `noise.act2.bad-version`. */
const inOurWords = (output: string): string =>
  output.replace(
    /^ERROR \(ACT(\d)_([A-Z_]+).*\)$/,
    (_, act: string, fault: string) => `noise.act${act}.${fault.toLowerCase().replaceAll('_', '-')}`,
  );

describe.each(cryptos.map((crypto) => [nameOf(crypto), crypto] as const))(
  'BOLT 8, appendix A: %s',
  (_, crypto) => {
    it.each(handshakes.map((vector) => [vector.name, vector] as const))('%s', (__, vector) => {
      const expected = vector.steps
        .filter(([kind]) => kind === 'output')
        .map(([, output]) => inOurWords(output));
      expect(replay(vector, crypto)).toEqual(expected);
    });

    it('transport-message test, encrypted and decrypted', () => {
      const [ck, sk] = [fromHex(messages.ck), fromHex(messages.sk)];
      const sender = new CipherState(ck, sk, crypto);
      const decoder = new FrameDecoder(new CipherState(ck, sk, crypto));
      const hello = Uint8Array.from(Buffer.from('hello'));
      const seen: Record<string, string> = {};
      for (let index = 0; index <= 1001; index++) {
        const frame = encryptFrame(sender, hello);
        if (String(index) in messages.outputs) seen[index] = toHex(frame);
        decoder.push(frame);
        expect(decoder.next()).toEqual(hello);
      }
      expect(seen).toEqual(messages.outputs);
    });
  },
);

it('has all vectors of the document', () => {
  expect(handshakes.map(({ name }) => name)).toHaveLength(15);
  expect(
    new Set(
      handshakes
        .flatMap(({ steps }) => steps.map(([, value]) => inOurWords(value)))
        .filter((s) => s.startsWith('noise.')),
    ),
  ).toEqual(
    new Set([
      'noise.act1.read-failed',
      'noise.act1.bad-version',
      'noise.act1.bad-pubkey',
      'noise.act1.bad-tag',
      'noise.act2.read-failed',
      'noise.act2.bad-version',
      'noise.act2.bad-pubkey',
      'noise.act2.bad-tag',
      'noise.act3.read-failed',
      'noise.act3.bad-version',
      'noise.act3.bad-ciphertext',
      'noise.act3.bad-pubkey',
      'noise.act3.bad-tag',
    ]),
  );
  expect(Object.keys(messages.outputs)).toEqual(['0', '1', '500', '501', '1000', '1001']);
});

describe('the fixture', () => {
  const document = new URL('../../../shared/spec/bolts/08-transport.md', import.meta.url);
  it.skipIf(!existsSync(document))('equals what the document says (needs ../shared/spec/bolts)', () => {
    expect(readVectors(readFileSync(document, 'utf8'))).toEqual({ handshakes, messages });
  });
});
