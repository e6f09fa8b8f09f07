/** Reads the test vectors out of the text of BOLT 8, appendix A. */
export interface HandshakeVector {
  readonly name: string;
  /** `rs.pub`, `ls.priv`, `ls.pub`, `e.priv`, `e.pub` in hex. */
  readonly keys: Readonly<Record<string, string>>;
  /** In order: an act given (`input`), an act or the final keys produced (`output`), or the error. */
  readonly steps: readonly (readonly ['input' | 'output', string])[];
}

export interface Bolt8Vectors {
  readonly handshakes: readonly HandshakeVector[];
  readonly messages: {
    readonly ck: string;
    readonly sk: string;
    readonly rk: string;
    /** Index of the message to its frame in hex. */
    readonly outputs: Readonly<Record<string, string>>;
  };
}

const withoutPrefix = (hex: string): string => hex.replaceAll('0x', '');

export function readVectors(document: string): Bolt8Vectors {
  const appendix = document.slice(document.indexOf('# Appendix A: Transport Test Vectors\n'));
  const [handshakes = '', messages = ''] = appendix.split('name: transport-message test');
  return {
    handshakes: handshakes
      .split(/^ +name: /m)
      .slice(1)
      .map(readHandshake),
    messages: {
      ck: /^\s*ck=0x([0-9a-f]{64})$/m.exec(messages)?.[1] ?? '',
      sk: /^\s*sk=0x([0-9a-f]{64})$/m.exec(messages)?.[1] ?? '',
      rk: /^\s*rk=0x([0-9a-f]{64})$/m.exec(messages)?.[1] ?? '',
      outputs: Object.fromEntries(
        [...messages.matchAll(/^\s*output (\d+): 0x([0-9a-f]+)$/gm)].map(([, index = '', hex = '']) => [
          index,
          hex,
        ]),
      ),
    },
  };
}

function readHandshake(text: string): HandshakeVector {
  const [name = '', ...lines] = text.split('\n');
  return {
    name,
    keys: Object.fromEntries(
      lines
        .map((line) => /^ +((?:rs|ls|e)\.(?:pub|priv))[:=] ?(\S+)$/.exec(line))
        .filter((match) => match !== null)
        .map(([, key = '', hex = '']) => [key, withoutPrefix(hex)]),
    ),
    steps: lines
      .map((line) => /^ +(input|output): (.+)$/.exec(line))
      .filter((match) => match !== null)
      .map(([, kind, value = '']) => [kind as 'input' | 'output', withoutPrefix(value)] as const),
  };
}
