/**
 * What BuildKit tells of a build, as text: its messages are `moby.buildkit.v1.StatusResponse` of protobuf, in base64. (The decoder
 * in dockerode leaves what the steps print in base64.) A message that cannot be read is no text.
 */
export function buildkitText(aux: unknown): readonly string[] {
  if (typeof aux !== 'string') return [];
  const status = fieldsOf(Buffer.from(aux, 'base64'));
  return [
    ...all(status, STATUS.vertexes).flatMap(vertexText),
    ...all(status, STATUS.logs).flatMap((log) => all(fieldsOf(log), LOG.message).map(String)),
  ];
}

// Field numbers of the messages (api/services/control/control.proto of BuildKit).
const STATUS = { vertexes: 1, logs: 3 };
const VERTEX = { name: 3, cached: 4, started: 5, completed: 6, error: 7 };
const LOG = { message: 4 };

/** A step is told when it begins, when nothing of it need be done, and when it fails. */
function vertexText(bytes: Buffer): readonly string[] {
  const vertex = fieldsOf(bytes);
  const name = String(all(vertex, VERTEX.name)[0] ?? '');
  const error = String(all(vertex, VERTEX.error)[0] ?? '');
  if (error !== '') return [`${name}: ${error}\n`];
  if (vertex.has(VERTEX.cached)) return [`CACHED ${name}\n`];
  return vertex.has(VERTEX.started) && !vertex.has(VERTEX.completed) ? [`${name}\n`] : [];
}

type Fields = ReadonlyMap<number, readonly Buffer[]>;

const all = (fields: Fields, number: number): readonly Buffer[] => fields.get(number) ?? [];

/** The fields of a protobuf message by number; those that are numbers are there without their value. Stops at what is malformed. */
function fieldsOf(bytes: Buffer): Fields {
  const fields = new Map<number, Buffer[]>();
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; at < bytes.length; scale *= 128) {
      const byte = bytes[at++] ?? 0;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) break;
    }
    return value;
  };
  while (at < bytes.length) {
    const key = varint();
    const number = Math.floor(key / 8);
    const content: Buffer[] = [];
    switch (key % 8) {
      case 0:
        varint();
        break;
      case 1:
        at += 8;
        break;
      case 2: {
        const length = varint();
        content.push(bytes.subarray(at, at + length));
        at += length;
        break;
      }
      case 5:
        at += 4;
        break;
      default:
        return fields;
    }
    fields.set(number, [...(fields.get(number) ?? []), ...content]);
  }
  return fields;
}
