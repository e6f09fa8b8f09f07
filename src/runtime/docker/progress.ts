import { messageOf } from '../../core/error.ts';
import { LineSplitter } from '../lines.ts';
import { buildkitText } from './buildkit.ts';

/** One message of a pull, build or import. */
export interface EngineEvent {
  /** Text of a build. */
  readonly stream?: string;
  readonly status?: string;
  readonly id?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
  readonly error?: string;
  /** Of BuildKit: a protobuf message in base64. */
  readonly aux?: unknown;
}

const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;
const BUILDKIT_TRACE = 'moby.buildkit.trace';

/**
 * Reads an answer that goes on while the engine works, to its end. Resolves with the error that it tells of, if any: the engine
 * answers with success before it begins. Rejects where it breaks off.
 */
export async function follow(
  answer: AsyncIterable<unknown>,
  onEvent: (event: EngineEvent) => void,
): Promise<string | undefined> {
  let failure: string | undefined;
  const onMessage = (line: string): void => {
    const event = parse(line);
    if (event.error !== undefined) failure = event.error;
    else if (event.id === BUILDKIT_TRACE)
      for (const text of buildkitText(event.aux)) onEvent({ stream: text });
    else onEvent(event);
  };
  const messages = new LineSplitter(MAX_MESSAGE_BYTES, onMessage, () => undefined);
  for await (const chunk of answer) messages.push(chunk as Buffer);
  messages.end();
  return failure;
}

function parse(line: string): EngineEvent {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? value : {};
  } catch (error) {
    return { error: `the engine's answer cannot be read: ${messageOf(error)}` };
  }
}
